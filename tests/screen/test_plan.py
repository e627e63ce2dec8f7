"""Controls come from elsewhere and resemble the case that they are matched to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phenojax.screen.plan import Covariates, make_covariates, match_controls


def _covariates(seed: int, n: int) -> Covariates:
    rng = np.random.default_rng(seed)
    sex = rng.choice([0.0, 1.0, np.nan], n)
    return make_covariates(rng.integers(1, 30, n), sex, np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 60, n)))


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 8), st.integers(0, 30), st.integers(1, 40))
def test_every_sample_is_cases_first_then_distinct_candidates(seed: int, a: int, b: int, wanted: int) -> None:
    order = np.random.default_rng(seed).permutation(a + b)
    cases, candidates = order[:a], np.sort(order[a:])
    plan = match_controls(np.random.default_rng(seed), cases, candidates, _covariates(seed, a + b), wanted)
    controls = plan.rows[~plan.labels]
    np.testing.assert_array_equal(plan.rows[plan.labels], cases)
    assert plan.labels.tolist() == sorted(plan.labels.tolist(), reverse=True)
    assert len(controls) == min(wanted, b)
    assert len(set(controls.tolist())) == len(controls)
    assert set(controls.tolist()) <= set(candidates.tolist())


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 8), st.integers(1, 5))
def test_every_case_gets_its_share_of_the_controls(seed: int, n_cases: int, per_case: int) -> None:
    n = n_cases * (1 + per_case) + 5
    cases, candidates = np.arange(n_cases), np.arange(n_cases, n)
    plan = match_controls(np.random.default_rng(seed), cases, candidates, _covariates(seed, n), n_cases * per_case)
    assert plan.matched_sets is not None
    np.testing.assert_array_equal(plan.matched_sets[:n_cases], np.arange(n_cases))
    counts = np.bincount(plan.matched_sets[n_cases:], minlength=n_cases)
    np.testing.assert_array_equal(counts, per_case)


# two kinds of individuals: the even and the odd rows differ in one covariate
KINDS = {
    "terms": lambda odd: (np.where(odd, 30, 3), np.zeros(len(odd)), np.full(len(odd), 5.0)),
    "sex": lambda odd: (np.full(len(odd), 8), odd.astype(float), np.full(len(odd), 5.0)),
    "age": lambda odd: (np.full(len(odd), 8), np.zeros(len(odd)), np.where(odd, 60.0, 1.0)),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_control_is_of_its_cases_kind(name: str) -> None:
    odd = np.arange(40) % 2 == 1
    covariates = make_covariates(*KINDS[name](odd))
    plan = match_controls(np.random.default_rng(0), np.arange(4), np.arange(4, 40), covariates, 16)
    assert plan.matched_sets is not None
    np.testing.assert_array_equal(odd[plan.rows], odd[plan.matched_sets])


def test_among_candidates_that_are_as_good_chance_decides() -> None:
    covariates = make_covariates(np.full(30, 8), np.zeros(30), np.full(30, 5.0))
    chosen = [
        tuple(match_controls(np.random.default_rng(seed), np.arange(2), np.arange(2, 30), covariates, 4).rows)
        for seed in (0, 0, 1)
    ]
    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]


def test_an_unknown_age_is_neither_the_nearest_nor_the_farthest() -> None:
    age = np.array([10.0, 10.0, np.nan, 80.0])
    covariates = make_covariates(np.full(4, 8), np.zeros(4), age)
    plans = [
        match_controls(np.random.default_rng(s), np.arange(1), np.array([1, 2, 3]), covariates, 2) for s in range(30)
    ]
    assert {tuple(plan.rows.tolist()) for plan in plans} == {(0, 1, 2)}
