"""Kernel ridge regression by refitting: for every fold, every hyperparameter, every group left out, in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_predict(kernel: Floats, y: Floats, weight: Floats, penalty: float, train: list[int], test: list[int]) -> Floats:
    """Minimise sum_i w_i (y_i - f_i - b)^2 + penalty |f|^2 over the training individuals; f + b of the others."""
    t = len(train)
    system = np.zeros((t + 1, t + 1))
    system[:t, :t] = kernel[np.ix_(train, train)] + penalty * np.diag(1 / weight[train])
    system[:t, t] = system[t, :t] = 1
    solution = np.linalg.solve(system, np.concatenate([y[train], np.zeros_like(y[:1])]))
    return kernel[np.ix_(test, train)] @ solution[:t] + solution[t]


def random_unit(kernel: Floats, weight: Floats, penalty: float, groups: NDArray[np.integer], train: list[int]) -> float:
    """Root mean square, over random +-1 labels of groups, of the prediction for one less the others' mean label."""
    names = sorted(set(groups[train].tolist()))
    square = 0.0
    for name in names:
        own = [i for i in train if groups[i] == name]
        rest = [i for i in train if groups[i] != name]
        if not rest:
            return 1.0
        # the labels of groups are independent: each adds the square of what it predicts alone
        alone = np.array([groups == other for other in names if other != name], dtype=np.float64).T
        mean = weight[rest] @ alone[rest] / weight[rest].sum()
        predicted = fit_predict(kernel, alone, weight, penalty, rest, own) - mean
        square += float(weight[own] @ (predicted**2).sum(axis=1))
    return float(np.sqrt(square / len(names))) if square / len(names) > 1e-10 else 1.0


def spread(kernel: Floats, weight: Floats) -> float:
    """The weighted mean of the squared distances from the weighted mean."""
    share = weight / weight.sum()
    n = len(share)
    mean = sum(share[i] * share[j] * kernel[i, j] for i in range(n) for j in range(n))
    return float(sum(share[i] * kernel[i, i] for i in range(n)) - mean)


def left_out(
    kernel: Floats, y: Floats, weight: Floats, penalty: float, train: list[int], groups: NDArray[np.integer]
) -> Floats:
    """What each training individual is predicted by the training individuals of other groups, ``(n,)``; else NaN."""
    found = np.full(len(y), np.nan)
    for name in sorted(set(groups[train].tolist())):
        own = [i for i in train if groups[i] == name]
        rest = [i for i in train if groups[i] != name]
        if rest:
            found[own] = fit_predict(kernel, y, weight, penalty, rest, own)
    return found


def likelihoods(predictions: Floats, y: Floats, weight: Floats, n_groups: int, sharpness: float) -> Floats:
    """How much each hyperparameter counts, by what it predicts of groups left out, ``(h, n)``; sums to 1."""
    squares = np.nansum(weight * (y - predictions) ** 2, axis=1)
    evidence = -sharpness * n_groups / 2 * np.log(np.maximum(squares / n_groups, 1e-8))
    share = np.exp(evidence - evidence.max())
    return np.asarray(share / share.sum())


def ridge_score(
    kernels: Floats,
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    penalties: Floats,
    sharpness: float = 1.0,
) -> Floats:
    """Out-of-fold scores ``(n,)`` of one labelling, averaged over mixes and penalties."""
    return ridge_score_and_mixes(kernels, labels, folds, groups, penalties, sharpness)[0]


def ridge_score_and_mixes(
    kernels: Floats,
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    penalties: Floats,
    sharpness: float = 1.0,
) -> tuple[Floats, Floats]:
    """The same, and how much each of the kernels weighs in an individual's score, ``(n, a)``."""
    n = len(labels)
    y = np.where(labels, 1.0, -1.0)
    weight = np.array([1 / sum(groups == g) for g in groups])
    scores, mixes = np.zeros(n), np.zeros((n, len(kernels)))
    for k in sorted(set(folds.tolist())):
        train, test = [i for i in range(n) if folds[i] != k], [i for i in range(n) if folds[i] == k]
        if len(set(labels[train].tolist())) < 2:
            continue
        without, predictions = [], []
        for kernel in kernels:
            for penalty in penalties * spread(kernel, weight):
                unit = random_unit(kernel, weight, penalty, groups, train)
                mean_label = (weight[train] * y[train]).sum() / weight[train].sum()
                predictions.append((fit_predict(kernel, y, weight, penalty, train, test) - mean_label) / unit)
                without.append(left_out(kernel, y, weight, penalty, train, groups))
        share = likelihoods(np.array(without), y, weight, len(set(groups[train].tolist())), sharpness)
        scores[test] = share @ np.array(predictions)
        mixes[test] = share.reshape(len(kernels), -1).sum(axis=1)
    return scores, mixes
