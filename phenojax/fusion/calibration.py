"""From scores to probabilities: a logistic regression on three features, fitted inside each training set.

The features are the prototype score and the mean set similarity to the cases and to the controls. For a training
individual they are taken without its own group where the reference class spans at least two groups (without itself
otherwise): its group would not be there for a new individual either.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.fusion.logistic import balanced_weights, fit_logistic, with_intercept
from phenojax.fusion.prototype import groups_alike

# The prototype score enters in units of SCORE_UNIT. The prior says: one unit is worth a log-odds of one, the other two
# features nothing, and the threshold lies near 0; a few individuals are enough to move it.
SCORE_UNIT = 0.05
PRIOR_MEAN = (1.0, 0.0, 0.0, 0.0)
PRIOR_PRECISION = (1.0, 10.0, 10.0, 0.3)


@partial(jax.jit, static_argnames="n_folds")
def calibrated_probabilities(
    kernel: Array, similarity: Array, labels: Array, folds: Array, groups: Array, valid: Array, *, n_folds: int
) -> Array:
    """Out-of-fold probability of being a case where cases and controls are equally frequent, float32 ``(n,)``.

    Args:
        kernel: float32 ``(n, n)``; closure kernel.
        similarity: float32 ``(n, n)``; set similarity.
        labels: bool ``(n,)``; True for a case.
        folds: int8 ``(n,)``; members of a group share a fold.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        n_folds: static.
    """
    n = labels.shape[0]
    other_group = groups[:, None] != groups[None, :]
    other_self = ~jnp.eye(n, dtype=bool)

    def one_fold(k: Array) -> Array:
        train = (folds != k) & valid
        case, control = labels & train, ~labels & train

        def mean_to(reference: Array, matrix: Array) -> Array:
            members = reference.astype(jnp.float32)
            in_group = jax.ops.segment_sum(members, groups, num_segments=n)
            several = (in_group > 0).sum() > 1
            weights = jnp.where(several, other_group, other_self) * groups_alike(members[None, :], groups)
            return (matrix * weights).sum(axis=1) / jnp.maximum(weights.sum(axis=1), 1e-6)

        prototype = mean_to(case, kernel) - mean_to(control, kernel)
        to_cases, to_controls = mean_to(case, similarity), mean_to(control, similarity)
        centred = [_centred(value, train) for value in (to_cases, to_controls)]
        x = jnp.stack([prototype / SCORE_UNIT, *centred], axis=1)
        b = fit_logistic(
            x, labels, balanced_weights(labels, train), jnp.asarray(PRIOR_MEAN), jnp.asarray(PRIOR_PRECISION)
        )
        return jax.nn.sigmoid(with_intercept(x) @ b)

    by_fold = jax.lax.map(one_fold, jnp.arange(n_folds))
    return jnp.take_along_axis(by_fold, folds.astype(jnp.int32)[None, :], axis=0)[0]


def _centred(value: Array, train: Array) -> Array:
    weight = train.astype(value.dtype)
    return value - (value * weight).sum() / jnp.maximum(weight.sum(), 1.0)
