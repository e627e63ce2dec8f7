"""The two-feature model: mean similarity to the cases and to the controls, in a ridge logistic regression.

The features of Dingemans et al., Nature Genetics 2023;55:1598-1607, with self-similarity left out; two a modality.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.fusion.logistic import balanced_weights, fit_logistic, with_intercept

RIDGE = 1.0


def similarity_scores(
    similarities: Array, present: Array, labels: Array, folds: Array, valid: Array, n_folds: int
) -> Array:
    """Out-of-fold log-odds, float32 ``(p, n)``, for ``p`` labellings.

    Args:
        similarities: float32 ``(m, n, n)``, one per modality.
        present: bool ``(m, n)``; who has which modality. Who lacks it has its features at the mean of the training
            individuals who have it, where they say nothing.
        labels: bool ``(p, n)``; True for a case.
        folds: int8 ``(p, n)``.
        valid: bool ``(n,)``; False on padding.
        n_folds: static.
    """
    m = similarities.shape[0]
    own = jnp.diagonal(similarities, axis1=1, axis2=2)
    prior_mean = jnp.zeros(2 * m + 1, jnp.float32)
    precision = jnp.asarray([RIDGE] * (2 * m) + [1e-3], jnp.float32)

    def mean_to(reference: Array, k: int) -> Array:
        members = (reference & present[k]).astype(jnp.float32)
        total = jnp.matmul(members, similarities[k].T, precision="highest") - members * own[k]
        count = members.sum(axis=1, keepdims=True) - members
        return total / jnp.maximum(count, 1.0)

    def one_labelling(features: Array, y: Array, train: Array) -> Array:
        parts = [jnp.where(present[k][:, None], standardise(features[k], train & present[k]), 0.0) for k in range(m)]
        x = jnp.concatenate(parts, axis=1)
        b = fit_logistic(x, y, balanced_weights(y, train), prior_mean, precision)
        return with_intercept(x) @ b

    def one_fold(k: Array, scores: Array) -> Array:
        train = (folds != k) & valid
        features = jnp.stack(
            [jnp.stack([mean_to(labels & train, k), mean_to(~labels & train, k)], axis=-1) for k in range(m)], axis=1
        )
        return jnp.where(folds == k, jax.vmap(one_labelling)(features, labels, train), scores)

    return jax.lax.fori_loop(0, n_folds, one_fold, jnp.zeros(labels.shape, jnp.float32))


def standardise(x: Array, train: Array) -> Array:
    """Centre and scale the columns of ``(n, f)`` by the training individuals alone."""
    weight = train.astype(x.dtype)[:, None]
    n = jnp.maximum(weight.sum(), 1.0)
    mean = (x * weight).sum(axis=0) / n
    spread = jnp.sqrt((weight * (x - mean) ** 2).sum(axis=0) / n)
    return (x - mean) / jnp.maximum(spread, 1e-6)
