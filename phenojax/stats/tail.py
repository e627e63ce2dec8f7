"""p-values below one in a thousand from a thousand draws: a generalised Pareto law fitted to the null's upper tail.

Knijnenburg et al. (Bioinformatics 2009;25:i161-i168) put one fitted law through the largest null values. A statistic
that is bounded, as an AUC is, makes the fitted law end somewhere, often short of the observed value, and p would be 0.
Two things differ here. p is the average over all laws that the tail allows, each with its likelihood as weight (the
weights of Zhang & Stephens, Technometrics 2009;51:316-325). And the observed value is one of the tail, as it is one of
the draws in (1 + b) / (1 + m): so p holds its level, and errs on the large side, the more the smaller it is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.stats.pvalues import TIE

# Ten exceedances give p to a third of itself, without any law.
ENOUGH_EXCEEDANCES = 10
LARGEST_TAIL = 250
SMALLEST_TAIL = 50
# A quarter of the draws is no tail: there 1e-4 came out several times too small.
SHARE_OF_DRAWS = 0.1
SHRINK = 0.8
# A continuous law says nothing of a statistic that takes one value this often in its tail.
LARGEST_ATOM = 0.1
SIMULATED = 199
REJECT_FIT = 0.05


class TailRefusal(StrEnum):
    """Why no law was put through the tail; the ordinary permutation p-value stands."""

    ENOUGH_EXCEEDANCES = "ten or more null values reach the observed one"
    FEW_DRAWS = "fewer than 500 draws"
    ATOMS = "the statistic takes too few values"
    NO_FIT = "no generalised Pareto law fits the tail"


class TailFit(NamedTuple):
    """A p-value from a fitted tail.

    Attributes:
        p: at least one over the number of labellings.
        shape: of the fitted law, negative where the law ends; the average over the allowed laws.
        scale: of the fitted law, in units of the statistic.
        n_tail: how many null values it was fitted to.
        fit_p: of the null's tail alone: Anderson-Darling distance, its p from samples of the fitted law, fitted anew.
    """

    p: float
    shape: float
    scale: float
    n_tail: int
    fit_p: float


class _Laws(NamedTuple):
    """Survival (1 - slope x)^(1 / power): the candidates ``(b, g)``, their weights, and the average law ``(b,)``."""

    slope: NDArray[np.float64]
    power: NDArray[np.float64]
    weight: NDArray[np.float64]
    mean_slope: NDArray[np.float64]
    mean_power: NDArray[np.float64]


def tail_p(
    rng: np.random.Generator, observed: float, null: NDArray[np.float64], n_labellings: int
) -> TailFit | TailRefusal:
    """One-sided p-value of an observed statistic that fewer than ten null values reach.

    The law is fitted to the largest 250 values, or to a tenth of them where that is less; where the null values among
    them do not follow it (goodness of fit at .05), to four fifths of those, and so on down to 50.

    Args:
        rng: source of the samples for the goodness of fit.
        observed: the statistic of the observed labels; large is extreme.
        null: float64 ``(m,)`` without NaN, from m independent draws.
        n_labellings: `count_labellings`; p is not below its inverse.

    Returns:
        The fit, or why there is none.
    """
    if int(np.sum(null >= observed - TIE)) >= ENOUGH_EXCEEDANCES:
        return TailRefusal.ENOUGH_EXCEEDANCES
    ordered, with_observed = np.sort(null), np.sort(np.append(null, observed))
    size = int(min(LARGEST_TAIL, SHARE_OF_DRAWS * len(null)))
    if size < SMALLEST_TAIL:
        return TailRefusal.FEW_DRAWS
    while size >= SMALLEST_TAIL:
        excess = _tail(ordered, size)[1]
        if _has_atoms(excess):
            return TailRefusal.ATOMS
        fit_p = _goodness_of_fit(rng, excess)
        if fit_p >= REJECT_FIT:
            threshold, excess = _tail(with_observed, size)
            laws = _fit(excess[None, :])
            p = len(excess) / len(with_observed) * _mean_survival(laws, observed - threshold)
            shape, scale = -laws.mean_power[0], laws.mean_power[0] / laws.mean_slope[0]
            return TailFit(max(p, 1 / n_labellings), float(shape), float(scale), len(excess), fit_p)
        size = int(SHRINK * size)
    return TailRefusal.NO_FIT


def _tail(ordered: NDArray[np.float64], size: int) -> tuple[float, NDArray[np.float64]]:
    """A threshold half way between two values, and what is above it, at most ``size`` values; ascending."""
    below = ordered[-size - 1]
    above = ordered[ordered > below + TIE]
    threshold = float(below + above[0]) / 2 if len(above) else float(below)
    return threshold, above - threshold


def _has_atoms(excess: NDArray[np.float64]) -> bool:
    """Whether one value makes up a tenth of the tail, or ties at the threshold leave half of the smallest tail."""
    if len(excess) < SMALLEST_TAIL / 2:
        return True
    starts = np.flatnonzero(np.diff(excess, prepend=-1.0) > TIE)
    return bool(np.diff(starts, append=len(excess)).max() > LARGEST_ATOM * len(excess))


def _fit(excess: NDArray[np.float64]) -> _Laws:
    """Zhang & Stephens' weights over a grid of laws, for each row of ``excess``, ascending ``(b, n)``."""
    n = excess.shape[1]
    places = 20 + int(np.sqrt(n))
    quartile = excess[:, int(n / 4 + 0.5) - 1, None]
    spread = 1 - np.sqrt(places / (np.arange(1, places + 1) - 0.5))
    slope = 1 / excess[:, -1:] + spread / (3 * quartile)
    power = np.stack([_power(column, excess) for column in slope.T], axis=1)
    log_likelihood = n * (np.log(slope / power) + power - 1)
    weight = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean_slope = (slope * weight).sum(axis=1)
    return _Laws(slope, power, weight, mean_slope, _power(mean_slope, excess))


def _power(slope: NDArray[np.float64], excess: NDArray[np.float64]) -> NDArray[np.float64]:
    """The likeliest power for a slope ``(b,)``."""
    return np.asarray(-np.log1p(-slope[:, None] * excess).mean(axis=1))


def _mean_survival(laws: _Laws, excess: float) -> float:
    """The chance of an excess at least as large, over the candidates; a law that ends before it gives 0."""
    left = 1 - laws.slope[0] * excess
    goes_on = left > 0
    return float((laws.weight[0, goes_on] * left[goes_on] ** (1 / laws.power[0, goes_on])).sum())


def _goodness_of_fit(rng: np.random.Generator, excess: NDArray[np.float64]) -> float:
    """p-value of the Anderson-Darling distance, which depends on the law's shape and the size only."""
    laws = _fit(excess[None, :])
    power = laws.mean_power[0]
    uniform = rng.random((SIMULATED, len(excess)))
    samples = np.sort(-np.expm1(power * np.log(uniform)) / power, axis=1)
    simulated = _distance(samples, _fit(samples))
    return float((1 + np.sum(simulated >= _distance(excess[None, :], laws)[0])) / (1 + SIMULATED))


def _distance(excess: NDArray[np.float64], laws: _Laws) -> NDArray[np.float64]:
    """Anderson-Darling distance of each row from its average law, float64 ``(b,)``."""
    n = excess.shape[1]
    log_survival = np.log1p(-laws.mean_slope[:, None] * excess) / laws.mean_power[:, None]
    log_below = np.log(-np.expm1(log_survival))
    odd = 2 * np.arange(1, n + 1) - 1
    return np.asarray(-n - (odd * (log_below + log_survival[:, ::-1])).mean(axis=1))
