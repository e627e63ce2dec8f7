"""From scores to probabilities: one logistic regression for each training set, on the score alone.

A training individual enters with the score that it gets from the training individuals outside its own group
(`training_scores`): its group would not be there for a new individual either. Groups weigh alike, and each class weighs
as much as the harmonic mean of their numbers of groups, so that few publications move the prior a little and many
decide.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from phenojax.fusion.classifier import Classifier
from phenojax.fusion.logistic import fit_logistic, with_intercept

# The prior says: a score of one unit is worth a log-odds of one, and the threshold lies near 0.
SCORE_UNIT = {Classifier.ENSEMBLE: 1.0, Classifier.KERNEL: 0.1, Classifier.PROTOTYPE: 1.0}
PRIOR_MEAN = (1.0, 0.0)
PRIOR_PRECISION = (3.0, 0.3)


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
        unit: of the scores, such as `SCORE_UNIT` has for each classifier.
    """
    known = ~np.isnan(training)
    weight = np.stack([_weights(labels, groups, row) for row in known])
    x = np.where(known, training, 0.0)[:, :, None] / unit
    b = fit_logistic(x, labels, weight, np.asarray(PRIOR_MEAN), np.asarray(PRIOR_PRECISION))
    logit = with_intercept(scores[:, None] / unit) * b[folds]
    return np.asarray(expit(logit.sum(axis=1)), dtype=np.float64)


def _weights(labels: NDArray[np.bool_], groups: NDArray[np.integer], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Alike over the groups of a class; each class as much as the harmonic mean of their numbers of groups."""
    out = np.zeros(len(labels))
    counts = []
    for members in (labels & known, ~labels & known):
        _, of_each, sizes = np.unique(groups[members], return_inverse=True, return_counts=True)
        out[members] = 1.0 / (sizes[of_each] * max(len(sizes), 1))
        counts.append(len(sizes))
    return out * (2 * counts[0] * counts[1] / max(sum(counts), 1))
