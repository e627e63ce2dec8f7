"""The prototype: how much nearer an individual is to the cases than to the controls.

Of one modality,

score(i) = mean over case groups of the mean kernel value between i and the cases of that group
         - the same for the controls,

both over the individuals outside i's fold who have the modality. Of several, the score is the mean over the modalities
that i has: nobody's missing photograph is made up. It has nothing to fit, is on one scale in every fold, and is linear
in the labels given the group sizes, so that all relabellings of a gene are a handful of matrix products.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray


def prototype_scores(
    kernels: Array, present: Array, labels: Array, folds: Array, groups: Array, valid: Array, n_folds: int
) -> Array:
    """Out-of-fold prototype scores, float32 ``(p, n)``, for ``p`` labellings.

    A modality counts for an individual who has it where both cases and controls outside the fold have it too: against
    one of them alone the score would say who was photographed. Where none counts the score is 0.

    Args:
        kernels: float32 ``(m, n, n)``, one per modality; rows and columns of individuals without it, or that are not
            valid, may hold anything finite.
        present: bool ``(m, n)``; who has which modality.
        labels: bool ``(p, n)``; True for a case.
        folds: int8 ``(p, n)``; members of a group share a fold.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        n_folds: static; folds nobody is in cost time but change nothing.
    """
    total, n_counted = jnp.zeros(labels.shape, jnp.float32), jnp.zeros(labels.shape, jnp.float32)
    for kernel, has in zip(kernels, present, strict=True):
        scores, counted = _one_modality(kernel, has & valid, labels, folds, groups, n_folds)
        total, n_counted = total + scores, n_counted + counted
    return total / jnp.maximum(n_counted, 1.0)


def _one_modality(
    kernel: Array, has: Array, labels: Array, folds: Array, groups: Array, n_folds: int
) -> tuple[Array, Array]:
    """Scores ``(p, n)``, 0 where the modality does not count, and 1 where it does."""
    kernel = kernel.astype(jnp.float32)
    case = (labels & has).astype(jnp.float32)
    control = (~labels & has).astype(jnp.float32)
    case_weight, control_weight = groups_alike(case, groups), groups_alike(control, groups)

    def sums(weight: Array) -> tuple[Array, Array]:
        return jnp.matmul(weight, kernel, precision="highest"), weight.sum(axis=1, keepdims=True)

    all_cases, all_controls = sums(case_weight), sums(control_weight)

    def outside(total: tuple[Array, Array], weight: Array, here: Array) -> tuple[Array, Array]:
        held_out = sums(weight * here)
        left = total[1] - held_out[1]
        # a group weighs one and lies in one fold: but for rounding, what is left is a number of groups
        return (total[0] - held_out[0]) / jnp.maximum(left, 1e-6), left > 0.5

    def one_fold(k: Array, found: tuple[Array, Array]) -> tuple[Array, Array]:
        here = (folds == k).astype(jnp.float32)
        to_cases, cases_there = outside(all_cases, case_weight, here)
        to_controls, controls_there = outside(all_controls, control_weight, here)
        counts = (folds == k) & has & cases_there & controls_there
        return jnp.where(counts, to_cases - to_controls, found[0]), jnp.where(counts, 1.0, found[1])

    nothing = jnp.zeros_like(case)
    return jax.lax.fori_loop(0, n_folds, one_fold, (nothing, nothing))


def groups_alike(members: Array, groups: Array) -> Array:
    """Weights ``(p, n)`` that sum to one in each group over its ``members``, 0 or 1 ``(p, n)``."""
    in_group = jax.vmap(lambda row: jax.ops.segment_sum(row, groups, num_segments=row.shape[0])[groups])(members)
    return members / jnp.maximum(in_group, 1.0)


class PrototypeParts(NamedTuple):
    """What all labellings of one sample share when folds do not look at labels; m modalities, n individuals.

    Attributes:
        kernels: float32 ``(m, n, n)``; 0 between those of one fold, for those who lack the modality, and on padding.
        present: float32 ``(m, n)``; 1 for those who have the modality, 0 for others and on padding.
        outside: float32 ``(n, n)``; 1 between individuals of different folds.
        same_group: float32 ``(n, n)``; 1 between members of a group, and of each with itself.
        weights: float32 ``(m,)``; how much a modality counts beside the others.
    """

    kernels: Array | NDArray[np.float32]
    present: Array | NDArray[np.float32]
    outside: Array | NDArray[np.float32]
    same_group: Array | NDArray[np.float32]
    weights: Array | NDArray[np.float32]


def prototype_parts(
    kernels: NDArray[np.floating],
    present: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    weights: NDArray[np.floating],
    n_padded: int | None = None,
) -> PrototypeParts:
    """The parts of one sample, padded.

    Args:
        kernels: ``(m, n, n)``.
        present: bool ``(m, n)``.
        folds: ``(n,)``.
        groups: ``(n,)``.
        weights: ``(m,)``, positive.
        n_padded: at least n, which is taken when not given.
    """
    n = len(folds)
    outside = folds[:, None] != folds[None, :]
    known = present[:, :, None] & present[:, None, :] & outside
    more = (0, (n_padded or n) - n)
    return PrototypeParts(
        np.pad(np.where(known, kernels, 0).astype(np.float32), [(0, 0), more, more]),
        np.pad(present.astype(np.float32), [(0, 0), more]),
        np.pad(outside.astype(np.float32), [more, more]),
        np.pad((groups[:, None] == groups[None, :]).astype(np.float32), [more, more]),
        weights.astype(np.float32),
    )


def shared_fold_scores(parts: PrototypeParts, cases: Array) -> Array:
    """Prototype scores, float32 ``(n, p)``: modality by modality, then the weighted mean of those an individual has.

    0 where those outside the fold are all cases or all controls. The labellings are the minor dimension.

    Args:
        parts: of `prototype_parts`.
        cases: float32 ``(n, p)``; 1 for a case, 0 for a control; anything on padding.
    """
    p = cases.shape[1]
    total = jnp.zeros_like(cases)
    for kernel, has, weight in zip(parts.kernels, parts.present, parts.weights, strict=True):
        case = cases * has[:, None]
        cases_in_group = jnp.matmul(parts.same_group, case, precision="highest")
        controls_in_group = jnp.sum(parts.same_group * has[None, :], axis=1)[:, None] - cases_in_group
        case_weight = case / jnp.maximum(cases_in_group, 1.0)
        control_weight = (has[:, None] - case) / jnp.maximum(controls_in_group, 1.0)
        both = jnp.concatenate([case_weight, control_weight], axis=1)
        near = jnp.matmul(kernel, both, precision="highest")
        n_groups = jnp.matmul(parts.outside, both, precision="highest")
        mean = near / jnp.maximum(n_groups, 0.5)
        # groups are whole numbers, up to rounding
        known = (n_groups[:, :p] > 0.5) & (n_groups[:, p:] > 0.5)
        total = total + weight * has[:, None] * jnp.where(known, mean[:, :p] - mean[:, p:], 0.0)
    weights = jnp.sum(parts.weights[:, None] * parts.present, axis=0)
    return total / jnp.where(weights > 0, weights, 1.0)[:, None]
