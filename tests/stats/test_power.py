"""Power is how often the test would find an effect, and more cases find smaller ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm

from phenojax.stats import auc, effective_sizes, power, smallest_n

aucs = st.floats(0.52, 1.0)
sizes = st.integers(2, 300)


@pytest.mark.parametrize(
    ("area", "n_cases", "n_controls", "alpha"),
    [(0.75, 8, 32, 0.05), (0.65, 30, 120, 0.05), (0.8, 20, 20, 0.01), (0.6, 20, 100, 0.05)],
)
def test_power_is_how_often_a_rank_test_finds_the_effect(
    area: float, n_cases: int, n_controls: int, alpha: float
) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(n_cases + n_controls) < n_cases
    scores = rng.normal(size=(2000, len(labels))) + np.sqrt(2) * norm.ppf(area) * labels
    p = mannwhitneyu(scores[:, labels], scores[:, ~labels], axis=1, alternative="greater", method="asymptotic").pvalue
    # three standard errors of 2000 runs are .034; the formula itself is off by up to .02
    assert power(area, n_cases, n_controls, alpha) == pytest.approx(np.mean(p <= alpha), abs=0.05)


@settings(deadline=None)
@given(sizes, sizes, st.floats(0.001, 0.2))
def test_without_an_effect_the_power_is_near_the_level(n_cases: int, n_controls: int, alpha: float) -> None:
    # the effect's variance is close to the null's at one half
    assert power(0.5, n_cases, n_controls, alpha) == pytest.approx(alpha, rel=0.3, abs=0.01)


@settings(deadline=None)
@given(aucs, st.integers(5, 300), st.sampled_from([1.0, 2.0, 4.0]))
def test_more_cases_and_larger_effects_have_more_power(area: float, n_cases: int, ratio: float) -> None:
    now = power(area, n_cases, ratio * n_cases)
    assert power(area, 2 * n_cases, 2 * ratio * n_cases) >= now - 1e-12
    assert power(min(area + 0.01, 1.0), n_cases, ratio * n_cases) >= now - 1e-12
    assert 0 <= now <= 1


@settings(deadline=None)
@given(st.floats(0.6, 1.0), st.sampled_from([1.0, 4.0]), st.sampled_from([0.05, 0.001]), st.sampled_from([0.5, 0.8]))
def test_the_smallest_number_of_cases_is_enough_and_one_less_is_not(
    area: float, ratio: float, alpha: float, wanted: float
) -> None:
    n = smallest_n(area, ratio, alpha, wanted)
    assert n is not None
    assert power(area, n, ratio * n, alpha) >= wanted
    assert n == 1 or power(area, n - 1, ratio * (n - 1), alpha) < wanted


@pytest.mark.parametrize("area", [0.5, 0.3, 0.50001])
def test_what_is_no_effect_is_found_by_no_number_of_cases(area: float) -> None:
    assert smallest_n(area) is None


def test_certain_scores_are_found_once_the_level_can_be_reached() -> None:
    # 2 + 2 have six labellings, which do not reach .05; 4 + 4 have 70
    assert power(1.0, 2, 2) == 0
    assert power(1.0, 4, 4) == 1
    assert smallest_n(1.0, ratio=1.0) == 3


def test_groups_are_worth_less_than_their_members() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(30), 4)
    labels = groups < 10
    scores = labels + rng.normal(size=30)[groups] + 0.3 * rng.normal(size=120)
    of_cases, of_controls = effective_sizes(labels, scores, groups)
    assert 10 <= of_cases < 20
    assert 20 <= of_controls < 40
    assert effective_sizes(labels, scores, np.arange(120)) == (40, 80)
    assert power(auc(labels, scores), of_cases, of_controls) < power(auc(labels, scores), 40, 80)
