"""How far probabilities are from the frequencies they promise, and how far chance alone would take them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

SMALLEST_BIN = 10


class CalibrationError(NamedTuple):
    """What `calibration_error` found; all in [0, 1].

    Attributes:
        error: mean distance of promise and frequency over the bins.
        by_chance: what perfectly calibrated probabilities of these values and this number would show on average.
        n_bins: number of bins.
    """

    error: float
    by_chance: float
    n_bins: int


def calibration_error(
    rng: np.random.Generator,
    labels: NDArray[np.bool_],
    probabilities: NDArray[np.floating],
    bins: int = 10,
    draws: int = 200,
) -> CalibrationError:
    """Expected calibration error over bins of equal count, cases and controls weighing alike as in `balanced_brier`.

    Few individuals miss the frequency they were promised by chance, so that the error of any finite sample is above 0.
    ``by_chance`` says by how much: labels are redrawn from the probabilities themselves. An error that is not clearly
    above it is no sign of bad calibration.

    Args:
        rng: source of the redrawn labels.
        labels: bool ``(n,)``.
        probabilities: ``(n,)`` in [0, 1], of being a case if cases and controls were equally frequent.
        bins: at most this many; fewer where a bin would hold less than 10 individuals. Equal values share a bin.
        draws: how often labels are redrawn.

    Returns:
        NaN errors without both classes.
    """
    n, n_cases = len(labels), int(labels.sum())
    n_bins = int(np.clip(n // SMALLEST_BIN, 1, bins))
    if n_cases in (0, n):
        return CalibrationError(float("nan"), float("nan"), n_bins)
    middle = (rankdata(probabilities) - 0.5) / n
    one_hot = np.eye(n_bins)[np.minimum((middle * n_bins).astype(np.int64), n_bins - 1)]
    error = _errors(labels[None, :], probabilities, one_hot)[0]
    # in the sample a case is n_cases / n_controls times as likely as in the balanced world of the probabilities
    odds = probabilities * n_cases
    in_sample = odds / (odds + (1 - probabilities) * (n - n_cases))
    redrawn = rng.random((draws, n)) < in_sample
    redrawn = redrawn[redrawn.any(axis=1) & ~redrawn.all(axis=1)]
    by_chance = float(_errors(redrawn, probabilities, one_hot).mean()) if len(redrawn) else float("nan")
    return CalibrationError(float(error), by_chance, n_bins)


def _errors(
    labels: NDArray[np.bool_], probabilities: NDArray[np.floating], one_hot: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Float64 ``(draws,)`` for labels ``(draws, n)`` and bins ``(n, n_bins)``: sum over bins of |promised - found|."""
    cases = labels / (2 * labels.sum(axis=1, keepdims=True))
    controls = ~labels / (2 * (~labels).sum(axis=1, keepdims=True))
    # a bin weighs what its individuals weigh, so the weighted mean distance is a distance of sums
    return np.asarray(np.abs(((cases + controls) * probabilities - cases) @ one_hot).sum(axis=1))
