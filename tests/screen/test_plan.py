"""Controls come from elsewhere and resemble the case that they are matched to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phenojax.cohort import Cohort, Individual, Sex
from phenojax.screen.covariates import Covariate, make_covariates
from phenojax.screen.plan import draw_controls, match_all, match_controls

NAMES = ("terms", "sex", "age")


def _made(
    n_terms: NDArray[np.integer], sex: NDArray[np.float64], age: NDArray[np.float64], **columns: list[str | None]
) -> tuple[Covariate, ...]:
    """Sex 0 female, 1 male; NaN where it is not known."""
    sexes = {0.0: Sex.FEMALE, 1.0: Sex.MALE}
    individuals = tuple(
        Individual(str(k), sex=sexes.get(s, Sex.UNKNOWN), age=None if np.isnan(a) else a)
        for k, (s, a) in enumerate(zip(sex.tolist(), age.tolist(), strict=True))
    )
    cohort = Cohort(individuals, columns={name: tuple(values) for name, values in columns.items()})
    return make_covariates(cohort, n_terms, (*NAMES, *columns))


def _covariates(seed: int, n: int) -> tuple[Covariate, ...]:
    rng = np.random.default_rng(seed)
    sex = rng.choice([0.0, 1.0, np.nan], n)
    return _made(rng.integers(1, 30, n), sex, np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 60, n)))


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 8), st.integers(0, 30), st.integers(1, 40))
def test_every_sample_is_cases_first_then_distinct_candidates(seed: int, a: int, b: int, wanted: int) -> None:
    order = np.random.default_rng(seed).permutation(a + b)
    cases, candidates = order[:a], np.sort(order[a:])
    covariates = _covariates(seed, a + b)
    for plan in (
        match_controls(np.random.default_rng(seed), cases, candidates, covariates, wanted),
        match_all(np.random.default_rng(seed), cases, candidates, covariates, wanted),
        draw_controls(np.random.default_rng(seed), cases, candidates, None, wanted, 100),
    ):
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


def _same(n: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    return np.full(n, 8), np.zeros(n), np.full(n, 5.0)


ODD = np.arange(40) % 2 == 1
# two kinds of individuals: the even and the odd rows differ in one covariate
KINDS = {
    "terms": _made(np.where(ODD, 30, 3), np.zeros(40), np.full(40, 5.0)),
    "sex": _made(np.full(40, 8), ODD.astype(float), np.full(40, 5.0)),
    "age": _made(np.full(40, 8), np.zeros(40), np.where(ODD, 60.0, 1.0)),
    "the size of the group": make_covariates(
        Cohort(tuple(Individual(str(k)) for k in range(40))),
        np.full(40, 8),
        ("group_size",),
        groups=np.where(ODD, 1, np.arange(40)),
    ),
    "a column of words": _made(*_same(40), site=["NL" if odd else "UK" for odd in ODD]),
    "a column of numbers": _made(*_same(40), quality=["0.9" if odd else "0.1" for odd in ODD]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_control_is_of_its_cases_kind(name: str) -> None:
    rng, cases, candidates = np.random.default_rng(0), np.arange(4), np.arange(4, 40)
    for plan in (
        match_controls(rng, cases, candidates, KINDS[name], 16),
        match_all(rng, cases, candidates, KINDS[name], 1000),
    ):
        assert plan.matched_sets is not None
        np.testing.assert_array_equal(ODD[plan.rows], ODD[plan.matched_sets])


def test_among_candidates_that_are_as_good_chance_decides() -> None:
    covariates = _made(*_same(30))
    chosen = [
        tuple(match_controls(np.random.default_rng(seed), np.arange(2), np.arange(2, 30), covariates, 4).rows)
        for seed in (0, 0, 1)
    ]
    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]


def test_an_unknown_age_is_neither_the_nearest_nor_the_farthest() -> None:
    covariates = _made(np.full(4, 8), np.zeros(4), np.array([10.0, 10.0, np.nan, 80.0]))
    plans = [
        match_controls(np.random.default_rng(s), np.arange(1), np.array([1, 2, 3]), covariates, 2) for s in range(30)
    ]
    assert {tuple(plan.rows.tolist()) for plan in plans} == {(0, 1, 2)}


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(1, 20), st.integers(1, 20), st.integers(0, 99))
def test_who_is_not_matched_comes_with_the_whole_group(codes: list[int], wanted: int, room: int, seed: int) -> None:
    groups = np.array([9, 9, *codes])
    candidates = np.arange(2, len(groups))
    most = wanted + room
    plan = draw_controls(np.random.default_rng(seed), np.arange(2), candidates, groups, wanted, most)
    controls = plan.rows[~plan.labels]
    assert plan.matched_sets is None
    assert len(controls) <= most
    drawn = np.unique(groups[controls])
    np.testing.assert_array_equal(controls, candidates[np.isin(groups[candidates], drawn)])
    # it stopped for one of these reasons
    passed_over = np.setdiff1d(groups[candidates], drawn)
    assert len(controls) >= wanted or all(len(controls) + np.sum(groups == code) > most for code in passed_over)
