"""A p-value beyond the draws holds its level and is refused where no law fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, expon, genpareto, norm

from phenojax.stats import TailFit, TailRefusal, permutation_p, tail_p

MANY = 10**30
NULLS = {"normal": norm(), "exponential": expon(), "beta": beta(8, 8)}


def _fit(observed: float, null: NDArray[np.float64], n_labellings: int = MANY) -> TailFit:
    fit = tail_p(np.random.default_rng(0), observed, null, n_labellings)
    assert isinstance(fit, TailFit)
    return fit


@pytest.mark.parametrize("name", NULLS)
def test_under_the_null_a_small_p_value_is_as_rare_as_it_says(name: str) -> None:
    rng, top, runs = np.random.default_rng(11), 0.005, 400
    p = np.zeros(runs)
    for run in range(runs):
        # only extreme observations have a tail to speak of: those are drawn, and weighted by their share
        observed, null = NULLS[name].isf(top * rng.random()), NULLS[name].rvs(1000, random_state=rng)
        fit = tail_p(rng, observed, null, MANY)
        p[run] = fit.p if isinstance(fit, TailFit) else permutation_p(observed, null)
    for level in (1e-3, 3e-4):
        standard_error = np.sqrt(level * top / runs)
        assert top * np.mean(p <= level) <= level + 3 * standard_error
    assert top * np.mean(p <= 1e-3) > 0.4e-3


@pytest.mark.parametrize("name", NULLS)
def test_p_is_below_what_the_draws_can_give_and_not_below_the_truth(name: str) -> None:
    rng = np.random.default_rng(5)
    fits = [_fit(NULLS[name].isf(1e-5), NULLS[name].rvs(10_000, random_state=rng)).p for _ in range(20)]
    # measured: too large by a factor of 4 in the median, 2 to 8 for four of five
    assert 1e-5 < np.median(fits) < 1e-4 < 20 / 10_001


def test_the_law_is_that_of_the_tail() -> None:
    for shape in (-0.3, 0.0, 0.2):
        null = genpareto.rvs(shape, scale=2.0, size=100_000, random_state=np.random.default_rng(2))
        observed = float(genpareto.isf(1e-4, shape, scale=2.0))
        fits = [_fit(observed, part) for part in np.split(null, 20)]
        assert np.mean([fit.shape for fit in fits]) == pytest.approx(shape, abs=0.1)
        assert np.median([fit.p for fit in fits]) == pytest.approx(2e-4, rel=0.5)


def test_the_more_extreme_the_smaller_p_and_it_is_never_0() -> None:
    null = np.random.default_rng(3).normal(size=1000)
    p = [_fit(observed, null).p for observed in (3.5, 4.0, 5.0, 8.0, 20.0, 1e6)]
    assert (np.diff(p) < 0).all()
    assert p[-1] > 0


def test_no_p_value_is_smaller_than_the_number_of_labellings_allows() -> None:
    null = np.random.default_rng(3).normal(size=1000)
    assert _fit(8.0, null, 5000).p == 1 / 5000
    assert _fit(8.0, null).p < 1 / 5000


def test_the_unit_of_the_statistic_does_not_matter() -> None:
    null = np.random.default_rng(3).normal(size=2000)
    one, other = _fit(4.0, null), _fit(4.0 * 8 + 100, null * 8 + 100)
    assert other.p == pytest.approx(one.p, rel=1e-6)
    assert other.scale == pytest.approx(8 * one.scale, rel=1e-6)
    assert (other.n_tail, other.fit_p) == (one.n_tail, one.fit_p)


def _two_humps(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.concatenate([rng.normal(size=940), 8 + 0.02 * rng.normal(size=60)])


def _few_values(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.round(rng.normal(size=1000) * 3)


def _one_value(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.full(1000, 0.5)


@pytest.mark.parametrize(
    ("make_null", "observed", "why"),
    [
        (lambda rng: rng.normal(size=1000), 2.0, TailRefusal.ENOUGH_EXCEEDANCES),
        (lambda rng: rng.normal(size=499), 5.0, TailRefusal.FEW_DRAWS),
        (_few_values, 15.0, TailRefusal.ATOMS),
        (_one_value, 1.0, TailRefusal.ATOMS),
        (_two_humps, 9.0, TailRefusal.NO_FIT),
    ],
)
def test_where_no_law_can_be_trusted_there_is_a_reason_and_no_number(
    make_null: Callable[[np.random.Generator], NDArray[np.float64]], observed: float, why: TailRefusal
) -> None:
    rng = np.random.default_rng(1)
    assert tail_p(rng, observed, make_null(rng), MANY) is why


def test_a_law_that_is_true_is_refused_as_often_as_the_goodness_of_fit_says() -> None:
    rng = np.random.default_rng(8)
    nulls = [genpareto.rvs(-0.2, size=1000, random_state=rng) for _ in range(300)]
    fits = [tail_p(rng, 5.0, null, MANY) for null in nulls]
    # the first look is at a tail of 100; a smaller one, or none, says that it was refused: .05 of the time
    at_once = [isinstance(fit, TailFit) and fit.n_tail == 100 for fit in fits]
    assert 0.91 <= np.mean(at_once) <= 0.985
