"""A test that stops early is as valid as the fixed one, finds the same genes, and does not depend on its batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.sequential import sequential_p

from phenojax.stats import (
    Sequential,
    benjamini_hochberg,
    enough_exceedances,
    permutation_p,
    start_sequential,
    update,
)

draws = st.lists(st.integers(0, 4), min_size=1, max_size=60)


def _in_whole_batches(state: Sequential, rng: np.random.Generator) -> Sequential:
    while state.next_batch:
        state = update(state, rng.random(state.next_batch))
    return state


@settings(deadline=None)
@given(draws, st.integers(0, 5), st.integers(1, 8), st.lists(st.integers(1, 59), max_size=5))
def test_cutting_the_draws_into_batches_changes_nothing(
    values: list[int], observed: int, enough: int, cuts: list[int]
) -> None:
    state = start_sequential(float(observed), len(values), enough)
    edges = [0, *sorted({cut for cut in cuts if cut < len(values)}), len(values)]
    for first, last in pairwise(edges):
        state = update(state, np.array(values[first:last], dtype=float))
    assert (state.p_value, state.drawn) == sequential_p(observed, values, enough)
    assert state.is_finished
    assert update(state, np.full(10, 9.0)) == state


@settings(deadline=None)
@given(draws, st.integers(0, 5))
def test_a_test_that_may_not_stop_is_the_fixed_one(values: list[int], observed: int) -> None:
    null = np.array(values, dtype=float)
    state = update(start_sequential(float(observed), len(values), len(values) + 1), null)
    assert state.p_value == permutation_p(float(observed), null)


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(1, 100))
def test_the_batches_add_up_to_all_draws_and_are_few(most: int, enough: int) -> None:
    state, sizes = start_sequential(1.0, most, enough), []
    while state.next_batch:
        sizes.append(state.next_batch)
        state = update(state, np.zeros(state.next_batch))
    assert sum(sizes) == most
    assert len(sizes) <= 8
    assert state.p_value == 1 / (1 + most)


def test_draws_beyond_the_last_do_not_count() -> None:
    state = update(start_sequential(0.5, 100, 20), np.zeros(150))
    assert (state.drawn, state.p_value) == (100, 1 / 101)


@pytest.mark.parametrize("enough", [5, 20])
def test_p_is_uniform_under_the_null(enough: int) -> None:
    rng = np.random.default_rng(4)
    states = [_in_whole_batches(start_sequential(rng.random(), 199, enough), rng) for _ in range(4000)]
    p = np.array([state.p_value for state in states])
    # at each p that the test can take the chance of at most that p is p itself: four standard errors
    for level in [*(k / 200 for k in (1, 2, 4)), *(enough / drawn for drawn in (enough, 2 * enough, 150))]:
        assert abs(np.mean(p <= level) - level) <= 4 * np.sqrt(level * (1 - level) / len(p)) + 1e-12
    assert np.mean([state.drawn for state in states]) < 199 / 1.5


def test_by_default_the_genes_that_are_found_and_their_q_values_are_those_of_the_fixed_test() -> None:
    rng = np.random.default_rng(7)
    most, n_genes = 1000, 300
    fixed, stopped, drawn = np.zeros(n_genes), np.zeros(n_genes), 0
    for gene in range(n_genes):
        # half of the genes have an effect, of all sizes
        observed = 1 - rng.random() ** (3 if gene % 2 else 1)
        null = rng.random(most)
        state = update(start_sequential(observed, most), null)
        fixed[gene], stopped[gene] = permutation_p(observed, null), state.p_value
        drawn += state.drawn
    q_fixed, q_stopped = benjamini_hochberg(fixed), benjamini_hochberg(stopped)
    found = q_fixed <= 0.05
    assert 20 < found.sum() < 280
    np.testing.assert_array_equal(q_stopped <= 0.05, found)
    np.testing.assert_array_equal(q_stopped[found], q_fixed[found])
    assert drawn < 0.7 * most * n_genes


@settings(deadline=None)
@given(st.integers(1, 20_000), st.floats(0.001, 0.5))
def test_a_test_that_stops_early_has_a_p_value_above_the_level(most: int, level: float) -> None:
    enough = enough_exceedances(most, level)
    assert enough >= 20
    assert enough / most > level
    assert (1 + enough) / (1 + most) > level


def test_the_last_bit_of_a_sum_breaks_no_tie() -> None:
    assert update(start_sequential(0.1 + 0.2, 10, 1), np.array([0.3])).reached == 1
