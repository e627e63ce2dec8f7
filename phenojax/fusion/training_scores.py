"""What the training individuals of each fold score from the others of it.

Their own groups are left out by the ridge, their own folds by the prototype, which compares nobody inside a fold. For
one labelling, on the host: calibration wants them for the observed labels only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.classifier import Classifier
from phenojax.fusion.ensemble import EnsembleConfig, Prepared
from phenojax.fusion.prototype import PrototypeParts
from phenojax.fusion.ridge import PERFECT, Operators


def training_scores(
    prepared: Prepared,
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    *,
    classifier: Classifier,
    config: EnsembleConfig,
) -> NDArray[np.float64]:
    """Scores ``(f, n)`` on the scale of `score_labellings`; NaN for those held out, and in folds nobody is in.

    NaN too where the training individuals of other groups are all cases or all controls: they say nothing.

    Args:
        prepared: of `prepare_sample`, before it went to a device.
        labels: bool ``(n,)``.
        folds: ``(n,)``.
        groups: ``(n,)``.
        classifier: as prepared for; not `PHENOSCORE`.
        config: as prepared for.
    """
    n, n_folds = len(labels), int(folds.max()) + 1
    held_out = np.arange(n_folds)[:, None] == folds[None, :]
    training = ~held_out & held_out.any(axis=1, keepdims=True)
    total = np.zeros((n_folds, n))
    weights = None if prepared.parts is None else np.tile(np.asarray(prepared.parts.weights, np.float64), (n_folds, 1))
    if prepared.operators is not None:
        for k in range(n_folds):
            fold = Operators(*(np.asarray(array[k]) for array in prepared.operators))
            total[k], of_hyper = _ridge(fold, labels, groups, training[k], config.ridge.sharpness)
            if weights is not None and weights.shape[1] == 2:
                first = of_hyper @ np.repeat(config.mixes, config.ridge.n_penalties)
                weights[k] = first, 1.0 - first
    if prepared.parts is not None and weights is not None:
        share = config.prototype if classifier is Classifier.ENSEMBLE else 1.0
        total += share * prototype_training_scores(prepared.parts, labels, groups, training, weights)
    return np.where(training & both_classes_elsewhere(labels, groups, training), total, np.nan)


def _ridge(
    fold: Operators,
    labels: NDArray[np.bool_],
    groups: NDArray[np.integer],
    training: NDArray[np.bool_],
    sharpness: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prediction without the own group, less the mean label of those it was made from; weighed as for the held out.

    And the weights of the hyperparameters.
    """
    n, inside = len(labels), np.flatnonzero(training)
    if len(inside) == 0:
        return np.zeros(n), np.zeros(len(fold.rows))
    signs = np.where(labels, 1.0, -1.0)
    residual = np.asarray(fold.rows)[:, inside, : len(inside)].astype(np.float64) @ signs[inside]
    weight = hyperparameter_weights((residual**2).sum(axis=1), float(fold.n_groups), sharpness)
    size = np.bincount(groups[inside], minlength=int(groups.max()) + 1)
    in_group = np.bincount(groups[inside], weights=signs[inside], minlength=len(size)) / np.maximum(size, 1)
    n_groups = int((size > 0).sum())
    others = (in_group.sum() - in_group[groups[inside]]) / max(n_groups - 1, 1)
    root_share = np.sqrt(1.0 / (size[groups[inside]] * n_groups))
    out = np.zeros(n)
    beside = signs[inside] - residual / root_share - others
    out[inside] = (weight / fold.units) @ beside
    return out, weight


def hyperparameter_weights(squares: NDArray[np.float64], n_groups: float, sharpness: float) -> NDArray[np.float64]:
    """How much each hyperparameter counts, ``(h,)``, sum 1, by its weighted mean squared residuals ``(h,)``."""
    evidence = -0.5 * sharpness * n_groups * np.log(np.maximum(squares, PERFECT))
    weight = np.exp(evidence - evidence.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def prototype_training_scores(
    parts: PrototypeParts,
    labels: NDArray[np.bool_],
    groups: NDArray[np.integer],
    training: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Modality by modality, as `shared_fold_scores` has it; ``weights`` ``(f, m)`` are each fold's."""
    n = len(labels)
    same = np.where(groups[:, None] == groups[None, :], 1.0, 0.0)
    outside = np.asarray(parts.outside)[:n, :n].astype(np.float64)
    total, square = np.zeros((2, len(training), n))
    for kernel, has, weight in zip(parts.kernels, parts.present, weights.T[:, :, None], strict=True):
        present, matrix = np.asarray(has)[:n] > 0, np.asarray(kernel)[:n, :n].astype(np.float64)
        means = []
        for members in (labels & present, ~labels & present):
            in_class = members / np.maximum(same @ members, 1.0)
            reference = training * in_class[None, :]
            n_groups = reference @ outside
            means.append((reference @ matrix / np.maximum(n_groups, 0.5), n_groups > 0.5))
        (to_cases, some_cases), (to_controls, some_controls) = means
        counts = weight * present * (some_cases & some_controls)
        total += counts * (to_cases - to_controls)
        square += counts**2
    return total / np.sqrt(np.where(square > 0, square, 1.0))


def both_classes_elsewhere(
    labels: NDArray[np.bool_], groups: NDArray[np.integer], training: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the training individuals ``(f, n)`` of other groups hold cases and controls, bool ``(f, n)``."""
    other = groups[:, None] != groups[None, :]
    return ((training & labels) @ other > 0) & ((training & ~labels) @ other > 0)
