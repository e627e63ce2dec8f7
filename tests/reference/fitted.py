"""The score of a new individual by refitting: centred, mixed and fitted pair by pair, in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from reference.ridge import fit_predict, left_out, likelihoods, random_unit, spread

from phenojax.fusion import Classifier, EnsembleConfig, centre_kernels, kernel_spread

Floats = NDArray[np.float64]


def new_score(
    kernels: Floats,
    present: NDArray[np.bool_],
    groups: NDArray[np.integer],
    labels: NDArray[np.bool_],
    classifier: Classifier,
    config: EnsembleConfig,
    without: int | None = None,
) -> float:
    """Of the last individual, who is no part of the sample; the others are.

    ``without`` leaves a group out of the fits, and of nothing else: units and the weights of the hyperparameters stay.
    """
    n, m = len(groups), len(kernels)
    centred = centred_with_new(kernels, present, groups)
    everybody = list(range(n))
    rest = [i for i in everybody if groups[i] != without]
    weight = np.array([1 / sum(groups == g) for g in groups])
    y = np.where(labels, 1.0, -1.0)
    mixes = [(1.0,)] if m == 1 else [(a, 1 - a) for a in config.mixes]
    predictions, residuals = [], []
    for mix in mixes:
        mixed = mix_by_pairs(centred, present, mix)
        for penalty in config.ridge.penalties * spread(mixed[:n, :n], weight):
            unit = random_unit(mixed, weight, penalty, groups, everybody)
            mean = float(np.average(y[rest], weights=weight[rest]))
            predictions.append((float(fit_predict(mixed, y, weight, penalty, rest, [n])[0]) - mean) / unit)
            residuals.append(left_out(mixed, y, weight, penalty, everybody, groups))
    share = likelihoods(np.array(residuals), y, weight, len(set(groups.tolist())), config.ridge.sharpness)
    ridge = float(share @ predictions)
    if classifier is Classifier.KERNEL:
        return ridge
    first = float(share.reshape(len(mixes), -1).sum(axis=1) @ [mix[0] for mix in mixes])
    if classifier is Classifier.PROTOTYPE:
        first = config.prototype_mix
    near = prototype(kernels if m == 1 else centred, kernels, present, groups, labels, (first, 1 - first)[:m], rest)
    return near if classifier is Classifier.PROTOTYPE else ridge + config.prototype * near


def prototype(
    compared: Floats,
    kernels: Floats,
    present: NDArray[np.bool_],
    groups: NDArray[np.integer],
    labels: NDArray[np.bool_],
    weights: tuple[float, ...],
    rest: list[int],
) -> float:
    """Mean over case groups of the mean kernel value less the same of controls, modality by modality."""
    n = len(groups)
    sample = kernels[:, :n, :n].astype(np.float64)
    units = kernel_spread(centre_kernels(sample, present[:, :n], groups), present[:, :n], groups)
    total, squares = 0.0, 0.0
    for m, weight in enumerate(weights):
        if not present[m, n]:
            continue
        means = []
        for is_case in (True, False):
            members: dict[int, list[float]] = {}
            for j in rest:
                if labels[j] == is_case and present[m, j]:
                    members.setdefault(int(groups[j]), []).append(float(compared[m, n, j]))
            means.append([np.mean(values) for values in members.values()])
        if means[0] and means[1]:
            unit = 2 * units[m] / np.sqrt(len(set(groups[present[m, :n]].tolist())))
            total += weight * float(np.mean(means[0]) - np.mean(means[1])) / unit
            squares += weight**2
    return total / float(np.sqrt(squares)) if squares else 0.0


def centred_with_new(kernels: Floats, present: NDArray[np.bool_], groups: NDArray[np.integer]) -> Floats:
    """Each kernel with its origin at the mean of the sample, to which the last individual does not belong."""
    n = len(groups)
    out = np.zeros(kernels.shape)
    for m, kernel in enumerate(kernels):
        has = present[m]
        share = np.array([has[i] / max(sum(has[j] and groups[j] == groups[i] for j in range(n)), 1) for i in range(n)])
        share /= share.sum()
        known = np.where(has[:, None] & has[None, :], kernel, 0.0)
        for i in range(n + 1):
            for j in range(n + 1):
                if has[i] and has[j]:
                    to_mean = known[i, :n] @ share + known[j, :n] @ share
                    out[m, i, j] = known[i, j] - to_mean + share @ known[:n, :n] @ share
    return out


def mix_by_pairs(centred: Floats, present: NDArray[np.bool_], mix: tuple[float, ...]) -> Floats:
    """What a pair has in common, scaled by what each of them has."""
    n = centred.shape[1]
    has = [sum(a * present[m, i] for m, a in enumerate(mix)) for i in range(n)]
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            common = sum(a * centred[m, i, j] for m, a in enumerate(mix) if present[m, i] and present[m, j])
            out[i, j] = common / np.sqrt(has[i] * has[j])
    return out
