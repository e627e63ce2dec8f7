"""From a score to the probability of a case, where cases and controls are equally frequent, and how sure that is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

Floats = NDArray[np.float64]
# The means of fewer parts than this say too little of where a score stands.
FEWEST_PARTS = 5


class Probabilities(NamedTuple):
    """Float64, each of the shape of the scores; ``low <= probability <= high``."""

    probability: Floats
    low: Floats
    high: Floats


def probability_interval(
    scores: Floats,
    variance: Floats,
    slope: Floats,
    offset: Floats,
    covariance: Floats,
    level: float,
) -> Probabilities:
    """Probabilities of k models for n individuals, with intervals that are symmetric in the log-odds.

    Two things are uncertain: what a score is worth (slope and offset were fitted on few groups; Laplace's
    approximation) and the score itself (other training groups would have given another one; the jackknife). They are
    taken to be independent, so that with the log-odds ``slope x score + offset``

        variance = covariance_11 score^2 + 2 covariance_12 score + covariance_22 + slope^2 variance of the score.

    Args:
        scores: ``(n, k)``.
        variance: ``(n, k)``, of the scores.
        slope: ``(k,)``.
        offset: ``(k,)``.
        covariance: ``(k, 2, 2)``, of (slope, offset).
        level: of the interval, such as 0.95.
    """
    logit = slope * scores + offset
    of_calibration = covariance[:, 0, 0] * scores**2 + 2 * covariance[:, 0, 1] * scores + covariance[:, 1, 1]
    reach = norm.ppf(0.5 + level / 2) * np.sqrt(of_calibration + slope**2 * variance)
    return Probabilities(expit(logit), expit(logit - reach), expit(logit + reach))


def percentiles(
    scores: Floats, reference: Floats, *, are_quantiles: bool, is_own: NDArray[np.bool_] | None = None
) -> Floats:
    """Where scores ``(n,)`` stand among others, from 0 to 100: the share below, ties counting half.

    Args:
        scores: of new individuals.
        reference: ascending; NaN comes back where it is empty.
        are_quantiles: `reference` is no list of individuals' scores but the means of q equal parts of them, as in an
            export; number i stands for (i + 1/2) / q, and between two of them the share is interpolated. NaN comes
            back below the first and above the last, where the means do not say how many there are, and everywhere
            where q is less than `FEWEST_PARTS`.
        is_own: bool ``(n,)``; whose own score is one of the reference, exactly, and is not counted among the others.
    """
    if len(reference) == 0:
        return np.full(len(scores), np.nan)
    if are_quantiles:
        if len(reference) < FEWEST_PARTS:
            return np.full(len(scores), np.nan)
        shares = (np.arange(len(reference)) + 0.5) * (100.0 / len(reference))
        return np.asarray(np.interp(scores, reference, shares, left=np.nan, right=np.nan), dtype=np.float64)
    below, up_to = np.searchsorted(reference, scores, "left"), np.searchsorted(reference, scores, "right")
    own = np.zeros(len(scores), np.int64) if is_own is None else is_own.astype(np.int64)
    others = len(reference) - own
    found = (below + up_to - own) * (50.0 / np.maximum(others, 1))
    return np.where(others > 0, found, np.nan)
