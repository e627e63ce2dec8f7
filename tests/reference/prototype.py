"""The closure prototype, one individual and one group at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def prototype_score(
    kernel: NDArray[np.floating],
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    i: int,
) -> float:
    """Mean over case groups of the mean kernel value to their cases, less that of the controls, outside i's fold."""

    def nearness(is_case: bool) -> float:
        members: dict[int, list[float]] = {}
        for j in range(len(labels)):
            if labels[j] == is_case and folds[j] != folds[i]:
                members.setdefault(int(groups[j]), []).append(float(kernel[i, j]))
        return float(np.mean([np.mean(values) for values in members.values()])) if members else 0.0

    return nearness(True) - nearness(False)


def modality_score(
    kernels: NDArray[np.floating],
    present: NDArray[np.bool_],
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    weights: NDArray[np.floating],
    i: int,
) -> float:
    """`prototype_score` of each modality that i has, among those who have it, added up as independent noise would be.

    A modality that one class lacks outside i's fold does not count; 0 where none does.
    """
    scores, counted = [], []
    for kernel, has, weight in zip(kernels, present, weights, strict=True):
        outside = has & (folds != folds[i])
        if has[i] and (labels & outside).any() and (~labels & outside).any():
            among = outside | (np.arange(len(labels)) == i)
            block = kernel[np.ix_(among, among)]
            scores.append(prototype_score(block, labels[among], folds[among], groups[among], int(among[:i].sum())))
            counted.append(weight)
    return float(np.dot(counted, scores) / np.linalg.norm(counted)) if any(counted) else 0.0
