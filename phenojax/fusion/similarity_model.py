"""The two-feature model: mean similarity to the cases and to the controls, in a ridge logistic regression.

The features of Dingemans et al., Nature Genetics 2023;55:1598-1607, with self-similarity left out.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.fusion.logistic import balanced_weights, fit_logistic, with_intercept

RIDGE = 1.0


def similarity_scores(similarity: Array, labels: Array, folds: Array, valid: Array, n_folds: int) -> Array:
    """Out-of-fold log-odds, float32 ``(p, n)``, for ``p`` labellings.

    Args:
        similarity: float32 ``(n, n)``.
        labels: bool ``(p, n)``; True for a case.
        folds: int8 ``(p, n)``.
        valid: bool ``(n,)``; False on padding.
        n_folds: static.
    """
    own = jnp.diagonal(similarity)
    prior_mean = jnp.zeros(3, jnp.float32)
    precision = jnp.asarray([RIDGE, RIDGE, 1e-3], jnp.float32)

    def mean_to(reference: Array) -> Array:
        total = jnp.matmul(reference, similarity.T, precision="highest") - reference * own
        count = reference.sum(axis=1, keepdims=True) - reference
        return total / jnp.maximum(count, 1.0)

    def one_labelling(to_cases: Array, to_controls: Array, y: Array, train: Array) -> Array:
        x = standardise(jnp.stack([to_cases, to_controls], axis=1), train)
        b = fit_logistic(x, y, balanced_weights(y, train), prior_mean, precision)
        return with_intercept(x) @ b

    def one_fold(k: Array, scores: Array) -> Array:
        train = (folds != k) & valid
        to_cases = mean_to((labels & train).astype(jnp.float32))
        to_controls = mean_to((~labels & train).astype(jnp.float32))
        return jnp.where(folds == k, jax.vmap(one_labelling)(to_cases, to_controls, labels, train), scores)

    return jax.lax.fori_loop(0, n_folds, one_fold, jnp.zeros(labels.shape, jnp.float32))


def standardise(x: Array, train: Array) -> Array:
    """Centre and scale the columns of ``(n, f)`` by the training individuals alone."""
    weight = train.astype(x.dtype)[:, None]
    n = jnp.maximum(weight.sum(), 1.0)
    mean = (x * weight).sum(axis=0) / n
    spread = jnp.sqrt((weight * (x - mean) ** 2).sum(axis=0) / n)
    return (x - mean) / jnp.maximum(spread, 1e-6)
