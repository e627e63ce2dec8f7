"""Ridge and prototype as linear functions of raw kernel rows: for one pattern of modalities, both are added up.

Each part is linear in the centred kernel rows of an individual, where the average individual of each modality is the
origin. What centring takes off is linear in the raw rows, and so moves into coefficients and constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.fitted_ridge import FittedRidge
from phenojax.fusion.kernels import centre_kernels, group_shares

Floats = NDArray[np.float64]


class Origin(NamedTuple):
    """The average individual of each modality: Kc(x, j) = K(x, j) - share . K(x, :) - to_mean_j + overall.

    Attributes:
        centred: ``(m, n, n)``; Kc of the sample itself.
        share: ``(m, n)``; weights that sum to 1 over those who have the modality, groups weighing alike.
        to_mean: ``(m, n)``.
        overall: ``(m,)``.
    """

    centred: Floats
    share: Floats
    to_mean: Floats
    overall: Floats


class Centred(NamedTuple):
    """Functions of centred kernel rows; k of them, all training individuals first, then without each group.

    Attributes:
        constants: ``(k,)``; what an individual at the origin of every modality scores.
        coefficients: ``(k, m, n)``.
    """

    constants: Floats
    coefficients: Floats


class RidgePart(NamedTuple):
    """A fitted ridge, who has which modality, bool ``(m, n)``, and the modalities' shares of each mix, ``(a, m)``."""

    fitted: FittedRidge
    present: NDArray[np.bool_]
    mixes: Floats

    def of(self, pattern: NDArray[np.bool_], _: Origin) -> Centred:
        """For individuals with these modalities: their kernel rows are scaled by what they have, as `mix_kernels`."""
        mine = self.mixes @ pattern
        others = self.mixes @ self.present
        scale = np.where(others > 0, 1.0 / np.sqrt(np.where(others > 0, others, 1.0)), 0.0)
        share = self.mixes * pattern / np.sqrt(np.where(mine > 0, mine, 1.0))[:, None]
        coefficients = np.einsum("kan,an,am->kmn", self.fitted.duals, scale, share)
        return Centred(self.fitted.constants, coefficients * self.present)


class PrototypePart(NamedTuple):
    """Nearness to the cases minus nearness to the controls.

    Attributes:
        towards: ``(k, m, n)``; in units of what random labels give; 0 where a class lacks the modality.
        known: bool ``(k, m)``; both classes have it.
        weights: ``(m,)``; of the modalities beside each other.
        share: of the prototype in the score.
    """

    towards: Floats
    known: NDArray[np.bool_]
    weights: Floats
    share: float

    def of(self, pattern: NDArray[np.bool_], origin: Origin) -> Centred:
        """For individuals with these modalities, as `shared_fold_scores`."""
        counts = self.weights * pattern * self.known
        norm = np.sqrt((counts**2).sum(axis=1, keepdims=True))
        factor = self.share * counts / np.where(norm > 0, norm, 1.0)
        coefficients = factor[:, :, None] * self.towards
        constants = np.zeros(len(coefficients))
        if len(pattern) == 1:  # of one modality the kernel is compared as it is
            constants = np.einsum("kmn,mn->k", coefficients, origin.to_mean)
        return Centred(constants, coefficients)


Part = RidgePart | PrototypePart


def find_origin(kernels: NDArray[np.floating], present: NDArray[np.bool_], groups: NDArray[np.integer]) -> Origin:
    """Of the whole sample: kernels ``(m, n, n)``, present ``(m, n)``, groups ``(n,)``."""
    share = group_shares(kernels, present, groups)
    known = np.where(present[:, :, None] & present[:, None, :], kernels, 0.0)
    to_mean = np.einsum("mij,mj->mi", known, share)
    centred = centre_kernels(kernels, present, groups)
    overall = np.einsum("mi,mi->m", to_mean, share)
    return Origin(*(np.asarray(a, dtype=np.float64) for a in (centred, share, to_mean, overall)))


def fit_prototype(
    present: NDArray[np.bool_],
    groups: NDArray[np.integer],
    labels: NDArray[np.bool_],
    training: NDArray[np.bool_],
    units: Floats,
    weights: Floats,
    share: float,
    left_out: NDArray[np.int64],
) -> PrototypePart:
    """Of the training individuals, and of them without each of the groups ``left_out``, ``(k,)``."""
    same = (groups[:, None] == groups[None, :]).astype(np.float64)
    kept = np.concatenate([np.ones((1, len(groups))), np.where(left_out[:, None] == groups[None, :], 0.0, 1.0)])
    towards, known = np.zeros((len(kept), *present.shape)), np.ones((len(kept), len(present)), bool)
    for m, has in enumerate(present):
        for sign, members in ((1.0, labels & has & training), (-1.0, ~labels & has & training)):
            in_class = kept * (members / np.maximum(same @ members, 1.0))
            n_groups = in_class.sum(axis=1)  # whole numbers, up to rounding
            known[:, m] &= n_groups > 0.5
            towards[:, m] += sign * in_class / np.maximum(n_groups, 0.5)[:, None]
        towards[:, m] *= known[:, m, None] / units[m]
    return PrototypePart(towards, known, weights, share)


def add_parts(
    pattern: NDArray[np.bool_], origin: Origin, parts: Sequence[Part], k: int
) -> tuple[Floats, Floats, Floats]:
    """Intercepts ``(k,)``, coefficients of raw kernel rows ``(k, m, n)`` and bases ``(k, m)`` for this pattern."""
    found = [part.of(pattern, origin) for part in parts]
    m, n = origin.share.shape
    constants = sum((part.constants for part in found), np.zeros(k))
    coefficients = sum((part.coefficients for part in found), np.zeros((k, m, n)))
    totals = coefficients.sum(axis=2)
    bases = totals * origin.overall - np.einsum("kmn,mn->km", coefficients, origin.to_mean)
    return constants + bases.sum(axis=1), coefficients - totals[:, :, None] * origin.share, bases
