"""A p-value counts its own observation, is never 0, and is corrected over the genes that were tested."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from phenojax.stats import benjamini_hochberg, benjamini_yekutieli, permutation_p, smallest_p

p_values = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=30)


def test_the_p_value_is_one_more_than_the_exceedances_over_one_more_than_the_draws() -> None:
    null = np.array([0.1, 0.5, 0.5, 0.9])
    assert [permutation_p(observed, null) for observed in (1.0, 0.9, 0.5, 0.0)] == [1 / 5, 2 / 5, 4 / 5, 1.0]


@given(st.floats(0, 1), st.lists(st.floats(0, 1), max_size=30))
def test_no_p_value_is_0_or_above_1(observed: float, null: list[float]) -> None:
    assert 1 / (1 + len(null)) <= permutation_p(observed, np.array(null, dtype=float)) <= 1


def test_the_last_bit_of_a_sum_breaks_no_tie() -> None:
    assert permutation_p(0.1 + 0.2, np.array([0.3])) == 1
    assert permutation_p(0.3 + 1e-6, np.array([0.3])) == 0.5


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30, unique=True))
def test_every_p_value_is_equally_likely_when_the_observed_is_one_of_the_draws(draws: list[int]) -> None:
    values = np.array(draws) / 1000
    found = sorted(permutation_p(values[i], np.delete(values, i)) for i in range(len(values)))
    np.testing.assert_allclose(found, (1 + np.arange(len(values))) / len(values))


def test_the_smallest_p_value_is_bound_by_the_draws_and_by_the_labellings() -> None:
    assert smallest_p(10**30, 999) == 1 / 1000
    assert smallest_p(20, 999) == 1 / 20
    assert smallest_p(1, 999) == 1


@given(p_values)
def test_q_values_are_those_of_scipy(p: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), false_discovery_control(p), rtol=1e-12)
    by = false_discovery_control(p, method="by")
    np.testing.assert_allclose(benjamini_yekutieli(np.array(p)), by, rtol=1e-12)


@given(p_values, st.data())
def test_a_gene_that_was_not_tested_does_not_count_as_a_test(p: list[float], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(p)), max_size=5))
    with_gaps = np.insert(np.array(p), places, np.nan)
    q = benjamini_hochberg(with_gaps)
    np.testing.assert_array_equal(np.isnan(q), np.isnan(with_gaps))
    np.testing.assert_array_equal(q[~np.isnan(q)], benjamini_hochberg(np.array(p)))


@given(p_values)
def test_whatever_the_dependence_costs_the_harmonic_sum(p: list[float]) -> None:
    with_gap = np.array([np.nan, *p])
    harmonic = sum(1 / k for k in range(1, len(p) + 1))
    expected = np.minimum(benjamini_hochberg(with_gap) * harmonic, 1)
    np.testing.assert_allclose(benjamini_yekutieli(with_gap), expected, rtol=1e-12)


def test_without_a_single_test_there_is_no_q_value() -> None:
    assert np.isnan(benjamini_hochberg(np.full(3, np.nan))).all()
    assert len(benjamini_hochberg(np.array([]))) == 0
    assert np.isnan(benjamini_yekutieli(np.full(3, np.nan))).all()
    assert len(benjamini_yekutieli(np.array([]))) == 0


@pytest.mark.parametrize("p", [[0.01, 0.02, 0.03, 0.5], [0.5, 0.01, 0.03, 0.02]])
def test_a_known_correction(p: list[float]) -> None:
    expected = {0.01: 0.04, 0.02: 0.04, 0.03: 0.04, 0.5: 0.5}
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), [expected[value] for value in p])
