"""What training individuals score from the others of their training set, by refitting and by looking at each pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from reference.prototype import modality_score
from reference.ridge import left_out, likelihoods, random_unit, spread

Floats = NDArray[np.float64]


def ridge_training_scores(
    kernels: Floats,
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    penalties: Floats,
    sharpness: float = 1.0,
) -> tuple[Floats, Floats]:
    """``(f, n)``: refitted without the fold and the own group, less the mean label of those left.

    In units of what random labels give. And how much each of the kernels weighs in a fold, ``(f, a)``.
    """
    n = len(labels)
    y = np.where(labels, 1.0, -1.0)
    weight = np.array([1 / sum(groups == g) for g in groups])
    found, mixes = np.full((max(folds) + 1, n), np.nan), np.zeros((max(folds) + 1, len(kernels)))
    for k in range(max(folds) + 1):
        train = [i for i in range(n) if folds[i] != k]
        predictions = np.array([
            left_out(kernel, y, weight, penalty, train, groups)
            for kernel in kernels
            for penalty in penalties * spread(kernel, weight)
        ])  # fmt: skip
        units = np.array([
            random_unit(kernel, weight, penalty, groups, train)
            for kernel in kernels
            for penalty in penalties * spread(kernel, weight)
        ])  # fmt: skip
        share = likelihoods(predictions, y, weight, len(set(groups[train].tolist())), sharpness)
        mixes[k] = share.reshape(len(kernels), -1).sum(axis=1)
        for i in train:
            rest = [j for j in train if groups[j] != groups[i]]
            if len(set(labels[rest].tolist())) == 2:
                found[k, i] = share @ ((predictions[:, i] - np.average(y[rest], weights=weight[rest])) / units)
    return found, mixes


def prototype_training_scores(
    kernels: Floats,
    present: NDArray[np.bool_],
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    weights: Floats,
) -> Floats:
    """``(f, n)``: nearness to those outside both the fold and the own fold; ``weights`` are each fold's, ``(f, m)``."""
    n = len(labels)
    found = np.full((max(folds) + 1, n), np.nan)
    for k in range(max(folds) + 1):
        train = np.flatnonzero(folds != k)
        block = kernels[:, train[:, None], train[None, :]]
        inside = (labels[train], folds[train], groups[train], weights[k])
        for place, i in enumerate(train):
            rest = [j for j in train if groups[j] != groups[i]]
            if len(set(labels[rest].tolist())) == 2:
                found[k, i] = modality_score(block, present[:, train], *inside, place)
    return found
