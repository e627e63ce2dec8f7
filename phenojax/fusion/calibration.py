"""From scores to probabilities: a small logistic regression, fitted inside each training set.

The first feature is the prototype score; similarities, where there are any, add their means to the cases and to the
controls. For a training individual they are taken without its own group where the reference class spans at least two
groups (without itself otherwise): its group would not be there for a new individual either.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.fusion.logistic import balanced_weights, fit_logistic, with_intercept
from phenojax.fusion.prototype import groups_alike

# The prototype score enters in units of SCORE_UNIT. The prior says: one unit is worth a log-odds of one, the other
# features nothing, and the threshold lies near 0; a few individuals are enough to move it.
SCORE_UNIT = 0.05
SCORE_PRECISION = 1.0
SIMILARITY_PRECISION = 10.0
INTERCEPT_PRECISION = 0.3


@partial(jax.jit, static_argnames="n_folds")
def calibrated_probabilities(
    kernels: Array,
    present: Array,
    similarities: Sequence[Array],
    labels: Array,
    folds: Array,
    groups: Array,
    valid: Array,
    *,
    n_folds: int,
) -> Array:
    """Out-of-fold probability of being a case where cases and controls are equally frequent, float32 ``(n,)``.

    Args:
        kernels: float32 ``(m, n, n)``, one per modality, of which the prototype score is made.
        present: bool ``(m, n)``; who has which modality.
        similarities: float32 ``(n, n)`` each, of what every individual has; none, or one set similarity.
        labels: bool ``(n,)``; True for a case.
        folds: int8 ``(n,)``; members of a group share a fold.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        n_folds: static.
    """
    n = labels.shape[0]
    other_group = groups[:, None] != groups[None, :]
    other_self = ~jnp.eye(n, dtype=bool)
    n_more = 2 * len(similarities)
    prior_mean = jnp.asarray([1.0] + [0.0] * (n_more + 1))
    precision = jnp.asarray([SCORE_PRECISION] + [SIMILARITY_PRECISION] * n_more + [INTERCEPT_PRECISION])

    def one_fold(k: Array) -> Array:
        train = (folds != k) & valid
        case, control = labels & train, ~labels & train

        def mean_to(reference: Array, matrix: Array) -> tuple[Array, Array]:
            members = reference.astype(jnp.float32)
            in_group = jax.ops.segment_sum(members, groups, num_segments=n)
            several = (in_group > 0).sum() > 1
            weights = jnp.where(several, other_group, other_self) * groups_alike(members[None, :], groups)
            total = weights.sum(axis=1)
            return (matrix * weights).sum(axis=1) / jnp.maximum(total, 1e-6), total > 0

        score, n_counted = jnp.zeros(n, jnp.float32), jnp.zeros(n, jnp.float32)
        for kernel, has in zip(kernels, present, strict=True):
            to_cases, cases_there = mean_to(case & has, kernel)
            to_controls, controls_there = mean_to(control & has, kernel)
            counts = (has & cases_there & controls_there).astype(jnp.float32)
            score, n_counted = score + counts * (to_cases - to_controls), n_counted + counts
        columns = [score / jnp.maximum(n_counted, 1.0) / SCORE_UNIT]
        for matrix in similarities:
            columns += [_centred(mean_to(reference, matrix)[0], train) for reference in (case, control)]
        x = jnp.stack(columns, axis=1)
        b = fit_logistic(x, labels, balanced_weights(labels, train), prior_mean, precision)
        return jax.nn.sigmoid(with_intercept(x) @ b)

    by_fold = jax.lax.map(one_fold, jnp.arange(n_folds))
    return jnp.take_along_axis(by_fold, folds.astype(jnp.int32)[None, :], axis=0)[0]


def _centred(value: Array, train: Array) -> Array:
    weight = train.astype(value.dtype)
    return value - (value * weight).sum() / jnp.maximum(weight.sum(), 1.0)
