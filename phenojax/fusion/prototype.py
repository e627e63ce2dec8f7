"""The closure prototype: how much nearer an individual is to the cases than to the controls.

score(i) = mean over case groups of the mean kernel value between i and the cases of that group
         - the same for the controls,

both over the individuals outside i's fold. It has nothing to fit, is on one scale in every fold, and is linear in the
labels given the group sizes, so that all relabellings of a gene are a handful of matrix products.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


def prototype_scores(kernel: Array, labels: Array, folds: Array, groups: Array, valid: Array, n_folds: int) -> Array:
    """Out-of-fold prototype scores, float32 ``(p, n)``, for ``p`` labellings.

    Args:
        kernel: float32 ``(n, n)``; rows and columns that are not valid may hold anything finite.
        labels: bool ``(p, n)``; True for a case.
        folds: int8 ``(p, n)``; members of a group share a fold.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        n_folds: static; folds nobody is in cost time but change nothing.
    """
    kernel = kernel.astype(jnp.float32)
    case = (labels & valid).astype(jnp.float32)
    control = (~labels & valid).astype(jnp.float32)
    case_weight, control_weight = groups_alike(case, groups), groups_alike(control, groups)

    def sums(weight: Array) -> tuple[Array, Array]:
        return jnp.matmul(weight, kernel, precision="highest"), weight.sum(axis=1, keepdims=True)

    all_cases, all_controls = sums(case_weight), sums(control_weight)

    def outside(total: tuple[Array, Array], weight: Array, here: Array) -> Array:
        held_out = sums(weight * here)
        return (total[0] - held_out[0]) / jnp.maximum(total[1] - held_out[1], 1e-6)

    def one_fold(k: Array, scores: Array) -> Array:
        here = (folds == k).astype(jnp.float32)
        difference = outside(all_cases, case_weight, here) - outside(all_controls, control_weight, here)
        return jnp.where(folds == k, difference, scores)

    return jax.lax.fori_loop(0, n_folds, one_fold, jnp.zeros_like(case))


def groups_alike(members: Array, groups: Array) -> Array:
    """Weights ``(p, n)`` that sum to one in each group over its ``members``, 0 or 1 ``(p, n)``."""
    in_group = jax.vmap(lambda row: jax.ops.segment_sum(row, groups, num_segments=row.shape[0])[groups])(members)
    return members / jnp.maximum(in_group, 1.0)
