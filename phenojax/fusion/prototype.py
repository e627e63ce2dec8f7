"""The prototype: how much nearer an individual is to the cases than to the controls.

Of one modality,

score(i) = mean over case groups of the mean kernel value between i and the cases of that group
         - the same for the controls,

both over the individuals outside i's fold who have the modality. Of several with weights w, over those that i has,

score(i) = sum of w_m score_m(i) / root of the sum of w_m^2,

so that chance spreads it as widely as the score of one modality, and nobody's missing photograph is made up. It has
nothing to fit, is on one scale in every fold, and is linear in the labels given the group sizes, so that all
relabellings of a gene are a handful of matrix products.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray


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


def shared_fold_scores(parts: PrototypeParts, cases: Array, first: Array | None = None) -> Array:
    """Prototype scores, float32 ``(n, p)``: modality by modality, then weighted over those an individual has.

    A modality that cases or controls outside the fold lack says nothing and does not count. 0 where none counts. The
    labellings are the minor dimension.

    Args:
        parts: of `prototype_parts`.
        cases: float32 ``(n, p)``; 1 for a case, 0 for a control; anything on padding.
        first: float32 ``(n, p)``; weight of the first of two modalities in each score, 0 to 1, the other having the
            rest; those of ``parts`` when not given.
    """
    p = cases.shape[1]
    total, square = jnp.zeros_like(cases), jnp.zeros_like(cases)
    weights = parts.weights if first is None else (first, 1.0 - first)
    for kernel, has, weight in zip(parts.kernels, parts.present, weights, strict=True):
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
        counts = weight * has[:, None] * known
        total, square = total + counts * (mean[:, :p] - mean[:, p:]), square + counts * counts
    return jnp.where(square > 0, total * jax.lax.rsqrt(jnp.where(square > 0, square, 1.0)), 0.0)
