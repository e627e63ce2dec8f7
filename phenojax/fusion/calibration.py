"""From scores to probabilities: one logistic regression for each training set, on the score alone.

A training individual enters with the score that it gets from the training individuals outside its own group
(`training_scores`): its group would not be there for a new individual either. Groups weigh alike, and each class weighs
as much as the harmonic mean of their numbers of groups, so that few publications move the prior a little and many
decide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from phenojax.fusion.classifier import Classifier
from phenojax.fusion.logistic import fit_logistic, laplace_covariance

# Scores come in units of what random labels give, which shrinks with the root of the number of groups; what carriers
# have in common does not. The prior says: so many units are worth a log-odds of one, times the root of a quarter of the
# number of groups, and the threshold lies near 0. Chosen on genes that no figure is reported of.
SCORE_UNIT = {Classifier.ENSEMBLE: 1.0, Classifier.KERNEL: 0.25, Classifier.PROTOTYPE: 1.0}
PRIOR_MEAN = (1.0, 0.0)
PRIOR_PRECISION = (3.0, 0.3)


class Calibration(NamedTuple):
    """Log-odds of a case = slope x score + offset, where cases and controls are equally frequent; f training sets.

    Attributes:
        slopes: float64 ``(f,)``; of a score as it is, its unit being inside.
        offsets: float64 ``(f,)``.
        covariances: float64 ``(f, 2, 2)``; of each (slope, offset), Laplace's approximation to their posterior.
    """

    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    covariances: NDArray[np.float64]


def score_unit(classifier: Classifier, n_groups: int) -> float:
    """The score that the prior takes for a log-odds of one, in a sample of so many groups."""
    return SCORE_UNIT[classifier] * float(np.sqrt(n_groups / 4))


def calibrated_probabilities(
    scores: NDArray[np.float64],
    training: NDArray[np.float64],
    labels: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    unit: float,
) -> NDArray[np.float64]:
    """Out-of-fold probability of being a case where cases and controls are equally frequent, float64 ``(n,)``.

    Args:
        scores: ``(n,)``; out of fold.
        training: ``(f, n)``; what each training individual of a fold scores, NaN for those held out and for those whom
            nothing can be said of.
        labels: bool ``(n,)``; True for a case. Those of a fold do not touch its own probabilities.
        folds: ``(n,)``, 0 .. f - 1.
        groups: ``(n,)``.
        unit: of the scores, such as `score_unit`.
    """
    fitted = fit_calibration(training, labels, groups, unit)
    return np.asarray(expit(fitted.slopes[folds] * scores + fitted.offsets[folds]), dtype=np.float64)


def fit_calibration(
    training: NDArray[np.float64], labels: NDArray[np.bool_], groups: NDArray[np.integer], unit: float
) -> Calibration:
    """One logistic regression for each training set.

    Args:
        training: ``(f, n)``; NaN for whoever has no score in it.
        labels: bool ``(n,)``; True for a case.
        groups: ``(n,)``.
        unit: of the scores, such as `score_unit`.
    """
    known = ~np.isnan(training)
    weight = np.stack([_weights(labels, groups, row) for row in known])
    x = np.where(known, training, 0.0)[:, :, None] / unit
    b = fit_logistic(x, labels, weight, np.asarray(PRIOR_MEAN), np.asarray(PRIOR_PRECISION))
    covariances = laplace_covariance(x, weight, b, np.asarray(PRIOR_PRECISION))
    of_score = np.array([1.0 / unit, 1.0])
    return Calibration(b[:, 0] / unit, b[:, 1], covariances * np.outer(of_score, of_score))


def _weights(labels: NDArray[np.bool_], groups: NDArray[np.integer], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Alike over the groups of a class; each class as much as the harmonic mean of their numbers of groups."""
    out = np.zeros(len(labels))
    counts = []
    for members in (labels & known, ~labels & known):
        _, of_each, sizes = np.unique(groups[members], return_inverse=True, return_counts=True)
        out[members] = 1.0 / (sizes[of_each] * max(len(sizes), 1))
        counts.append(len(sizes))
    return out * (2 * counts[0] * counts[1] / max(sum(counts), 1))
