"""Kernel ridge regression fitted with one labelling: dual vectors, one for each mixed kernel.

The same G of the training individuals that the cross-validation uses (`ridge_operators`) gives all of it: G y is the
dual vector, its blocks give the residuals without the own group, and

    (G y) - G_{:, g} G_gg^-1 (G y)_g

is the dual vector without group g, since the G of the others is a Schur complement of G.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.ridge import RidgeConfig
from phenojax.fusion.ridge_operators import (
    Fold,
    group_residuals,
    random_square,
    root_of_square,
    whole_sample_inverses,
    without_outside,
)
from phenojax.fusion.training_scores import hyperparameter_weights

Floats = NDArray[np.float64]


class FittedRidge(NamedTuple):
    """score(x) = constants + sum over mixes a, over j, of duals_aj K_a(x, j); a mixes, n individuals, k groups.

    Attributes:
        duals: ``(1 + k, a, n)``; of all training individuals first, then without each group that was asked for.
        constants: ``(1 + k,)``.
        of_mixes: ``(a,)``; how much each mix weighs, sum 1.
        training: ``(n,)``; what each training individual scores without its group; 0 for others.
    """

    duals: Floats
    constants: Floats
    of_mixes: Floats
    training: Floats


class _OneMix(NamedTuple):
    """Of one mixed kernel, its penalties weighed among themselves; the last axes are the training individuals, t.

    Attributes:
        duals: ``(1 + k, t)``.
        constants: ``(1 + k,)``.
        beside: ``(t,)``; training scores.
        squares: ``(h,)``; mean squared residuals.
    """

    duals: Floats
    constants: Floats
    beside: Floats
    squares: Floats


def fit_ridge(
    mixed: NDArray[np.float64],
    fold: Fold,
    labels: NDArray[np.bool_],
    groups: NDArray[np.integer],
    config: RidgeConfig,
    *,
    jackknife: bool = False,
) -> FittedRidge:
    """Fit the training individuals of one fold; one mix after the other, so that one G is held at a time.

    Args:
        mixed: ``(a, n, n)``.
        fold: who is trained on.
        labels: bool ``(n,)``; training holds both classes.
        groups: ``(n,)``, 0 .. number of groups - 1.
        config: the penalties and their weighing.
        jackknife: also without each training group, in the order of ``fold.blocks``.
    """
    n = len(labels)
    weight = 1.0 / np.bincount(groups)[groups]
    signs = np.where(labels[fold.inside], 1.0, -1.0)
    mixes = [_fit_mix(kernel, weight, fold, signs, config, jackknife) for kernel in mixed]
    squares = np.concatenate([mix.squares for mix in mixes])
    of_hyper = hyperparameter_weights(squares, fold.n_groups, config.sharpness)
    of_mixes = of_hyper.reshape(len(mixes), -1).sum(axis=1)
    duals = np.zeros((len(mixes[0].duals), len(mixes), n))
    training, constants = np.zeros(n), np.zeros(len(duals))
    for a, (mix, share) in enumerate(zip(mixes, of_mixes, strict=True)):
        duals[:, a, fold.inside] = share * mix.duals
        constants += share * mix.constants
        training[fold.inside] += share * mix.beside
    return FittedRidge(duals, constants, of_mixes, training)


def _fit_mix(
    kernel: Floats, weight: Floats, fold: Fold, signs: Floats, config: RidgeConfig, jackknife: bool
) -> _OneMix:
    g = whole_sample_inverses(kernel, weight, config.penalties)
    if len(fold.outside):
        g = without_outside(g, fold)[0]
    duals = g @ signs
    residuals, square = np.zeros(duals.shape), np.zeros(len(g))
    if fold.n_groups > 1:
        for members in fold.blocks:
            rows = group_residuals(g, members)
            residuals[:, members] = rows @ signs
            square += random_square(rows, members, fold)
    units = root_of_square(square)
    squares = residuals**2 @ fold.share
    per_unit = hyperparameter_weights(squares, fold.n_groups, config.sharpness) / units
    combined = [per_unit @ duals]
    if jackknife:
        combined += [row for members in fold.blocks for row in _without(g, residuals, per_unit, members, combined[0])]
    stacked = np.stack(combined)
    beside = signs - residuals - _others_mean(fold, signs)
    return _OneMix(stacked, _constants(kernel, fold, stacked), per_unit @ beside, squares)


def _without(g: Floats, residuals: Floats, per_unit: Floats, members: NDArray[np.int64], whole: Floats) -> Floats:
    """Combined duals ``(count, t)`` without each of these groups; a residual is G_gg^-1 (G y)_g."""
    moved = residuals[:, members] * per_unit[:, None, None]
    columns = g[:, members.ravel()].reshape(len(g), *members.shape, -1)
    return np.asarray(whole - np.einsum("hcs,hcst->ct", moved, columns))


def _constants(kernel: Floats, fold: Fold, duals: Floats) -> Floats:
    """What takes the mean over the training individuals (of the groups that are left) off each prediction."""
    inside = kernel[np.ix_(fold.inside, fold.inside)]
    to_mean = fold.share @ inside
    means = [to_mean]
    if len(duals) > 1:
        for members in fold.blocks:
            own = np.einsum("cs,cst->ct", fold.share[members], inside[members])
            means.extend((to_mean - own) * (fold.n_groups / max(fold.n_groups - 1, 1)))
    return -np.einsum("kt,kt->k", np.stack(means), duals)


def _others_mean(fold: Fold, signs: Floats) -> Floats:
    """The mean label of the other groups, ``(t,)``, groups weighing alike."""
    out = np.zeros(len(signs))
    total = float(fold.share @ signs)
    for members in fold.blocks:
        own = (fold.share[members] * signs[members]).sum(axis=1)
        out[members] = ((total - own) * fold.n_groups / max(fold.n_groups - 1, 1))[:, None]
    return out
