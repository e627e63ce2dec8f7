"""A score is shared among the terms of an individual: what Shapley values promise, and what brute force says."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import shapley as plain
from reference.random_sets import Case, RandomGraph, coarse_values, graphs, large_case, make_graph, term_rows

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.explain import TermContributions, term_contributions
from phenojax.explain import term_shapley as module
from phenojax.similarity.shapley import MOST_EXACT_TERMS, SetShapley

numbers = st.floats(-9, 9, width=32, allow_subnormal=False)


@st.composite
def models(draw: st.DrawFn) -> tuple[Case, NDArray[np.float64], float]:
    """Sets of up to six terms, weights that may be 0, a value for each term, and one for nobody."""
    graph = draw(graphs())
    n = graph.n_terms
    # A weight of 1e-30 would make a score of 1e15, beside which no other counts.
    case = Case(graph, draw(coarse_values(n)), draw(term_rows(n, 4)))
    return case, np.array(draw(st.lists(numbers, min_size=n, max_size=n))), draw(numbers)


def of_set(found: TermContributions, r: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    entries = slice(found.offsets[r], found.offsets[r + 1])
    return found.shapley[entries], found.leave_one_out[entries]


@settings(deadline=None)
@given(models())
def test_they_are_what_the_definition_says_over_all_subsets(model: tuple[Case, NDArray[np.float64], float]) -> None:
    case, values, empty = model
    found = term_contributions(case.ontology, case.ic, values, case.sets, empty=empty)
    for r, terms in enumerate(case.rows):
        game = plain.closure_game(case.ontology.parents, case.ic.tolist(), values.tolist(), terms, empty)
        shapley, left_out = of_set(found, r)
        np.testing.assert_allclose(shapley, plain.over_subsets(len(terms), game), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(left_out, plain.leave_one_out(len(terms), game), rtol=1e-9, atol=1e-9)
        assert found.total[r] == pytest.approx(game(tuple(range(len(terms)))), rel=1e-9, abs=1e-9)
    assert found.base == empty
    assert not found.standard_error.any()


def test_all_orders_and_all_subsets_are_one_mean() -> None:
    # The twin itself: both forms of the definition.
    case = large_case(5, n_terms=40)
    terms = case.rows[0][:5]
    game = plain.closure_game(case.ontology.parents, case.ic.tolist(), (case.ic - 4).tolist(), terms, 0.5)
    orders = plain.along_orders(len(terms), game, permutations(range(len(terms))))
    assert plain.over_subsets(len(terms), game) == pytest.approx(orders)


@settings(deadline=None)
@given(models(), st.booleans())
def test_they_add_up_to_the_score_less_that_of_nobody(
    model: tuple[Case, NDArray[np.float64], float], sampled: bool
) -> None:
    case, values, empty = model
    options = {"exact_up_to": 0, "orders": 6} if sampled else {}
    found = term_contributions(case.ontology, case.ic, values, case.sets, empty=empty, **options)
    for r, terms in enumerate(case.rows):
        expected = found.total[r] - found.base if terms else 0.0
        assert of_set(found, r)[0].sum() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_a_term_that_never_changes_the_score_gets_nothing() -> None:
    # 0 above 1 and 2; 3 stands alone and weighs nothing.
    ontology = make_graph([[], [0], [0], []])
    found = term_contributions(ontology, [1, 1, 1, 0], [0, 2, -1, 0], csr_from_rows([[1, 3, 2]]))
    assert abs(found.shapley[1]) < 1e-15
    assert found.leave_one_out[1] == 0.0


@settings(deadline=None)
@given(graphs(), st.data())
def test_terms_that_change_every_score_alike_get_the_same(graph: RandomGraph, data: st.DataObject) -> None:
    n = graph.n_terms
    terms = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=5, unique=True))
    values = np.array(data.draw(st.lists(numbers, min_size=n, max_size=n)))
    doubled = [*terms, terms[0]]
    found = term_contributions(graph, np.ones(n), values, csr_from_rows([doubled]))
    assert found.shapley[0] == pytest.approx(found.shapley[-1], rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(models(), st.floats(-3, 3))
def test_the_shares_of_a_sum_of_scores_are_the_sums_of_the_shares(
    model: tuple[Case, NDArray[np.float64], float], factor: float
) -> None:
    case, values, empty = model
    other = values[::-1] ** 2
    first = term_contributions(case.ontology, case.ic, values, case.sets, empty=empty)
    second = term_contributions(case.ontology, case.ic, other, case.sets)
    both = term_contributions(case.ontology, case.ic, values + factor * other, case.sets, empty=empty)
    np.testing.assert_allclose(both.shapley, first.shapley + factor * second.shapley, rtol=1e-7, atol=1e-7)


@settings(deadline=None)
@given(models())
def test_neither_the_order_of_terms_nor_the_company_changes_a_bit(
    model: tuple[Case, NDArray[np.float64], float],
) -> None:
    case, values, empty = model
    options = {"empty": empty, "exact_up_to": 2, "orders": 20, "seed": 3}
    together = term_contributions(case.ontology, case.ic, values, case.sets, **options)
    for r, terms in enumerate(case.rows):
        if len(set(terms)) < len(terms):
            continue  # of a term that stands twice the first is told from the second
        alone = term_contributions(case.ontology, case.ic, values, csr_from_rows([terms[::-1]]), **options)
        assert alone.shapley[::-1].tolist() == of_set(together, r)[0].tolist()
        assert alone.total[0] == together.total[r]


def large_model() -> tuple[Case, NDArray[np.float64], Csr]:
    """Sets of 8 to 15 terms, in which sampling is told from the exact values, and some of more than 64."""
    case = large_case(7, n_terms=3000, n_sets=40)
    rng = np.random.default_rng(1)
    rows = [rng.choice(3000, size=size, replace=False).tolist() for size in (*range(8, 16), 70, 130)]
    return case, rng.normal(size=3000) * case.ic, csr_from_rows(rows)


def test_random_orders_are_right_within_their_standard_error() -> None:
    case, values, sets = large_model()
    small = sets.take(range(8))
    exact = term_contributions(case.ontology, case.ic, values, small, exact_up_to=MOST_EXACT_TERMS)
    z = []
    for seed in range(40):
        drawn = term_contributions(case.ontology, case.ic, values, small, exact_up_to=0, orders=800, seed=seed)
        assert (drawn.standard_error > 0).all()
        np.testing.assert_allclose(drawn.leave_one_out, exact.leave_one_out, rtol=1e-12, atol=1e-12)
        z.append((drawn.shapley - exact.shapley) / drawn.standard_error)
    assert np.sqrt(np.mean(np.square(z))) == pytest.approx(1.0, abs=0.06)
    assert np.abs(np.mean(z, axis=0)).max() * np.sqrt(len(z)) < 4.5


def test_four_times_the_orders_halve_the_standard_error() -> None:
    case, values, sets = large_model()
    few, many = (
        term_contributions(case.ontology, case.ic, values, sets, exact_up_to=0, orders=orders).standard_error
        for orders in (500, 2000)
    )
    assert np.median(few / many) == pytest.approx(2.0, rel=0.1)


def test_where_all_scores_are_divided_alike_each_ancestor_is_shared_by_those_below_it() -> None:
    # Only the root, which is above all, weighs anything: what remains is a sum, whose shares are known for any size.
    case, values, sets = large_model()
    parents = case.ontology.parents
    weights = np.zeros(len(parents))
    weights[0] = 1.0
    found = term_contributions(case.ontology, weights, values, sets, exact_up_to=9, orders=3000)
    z = []
    for r in range(sets.n_rows):
        above = [plain.closure(parents, [term]) for term in sets.row(r).tolist()]
        below = Counter(ancestor for some in above for ancestor in some)
        expected = np.array([sum(values[ancestor] / below[ancestor] for ancestor in some) for some in above])
        shapley, left_out = of_set(found, r)
        alone = [sum(values[ancestor] for ancestor in some if below[ancestor] == 1) for some in above]
        np.testing.assert_allclose(left_out, alone, rtol=1e-9, atol=1e-9)
        if sets.lengths[r] <= 9:
            np.testing.assert_allclose(shapley, expected, rtol=1e-9, atol=1e-9)
            continue
        z.append((shapley - expected) / found.standard_error[found.offsets[r] : found.offsets[r + 1]])
    assert np.sqrt(np.mean(np.concatenate(z) ** 2)) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("threads", [2, 4, 7])
def test_threads_change_no_bit(threads: int) -> None:
    case, values, sets = large_model()
    alone, together = (
        term_contributions(case.ontology, case.ic, values, sets, exact_up_to=9, orders=200, threads=t)
        for t in (1, threads)
    )
    for one, other in zip(alone, together, strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_another_seed_draws_other_orders() -> None:
    case, values, sets = large_model()
    first, second = (
        term_contributions(case.ontology, case.ic, values, sets, exact_up_to=0, orders=20, seed=seed).shapley
        for seed in (0, 1)
    )
    assert (first != second).any()


def test_ctrl_c_ends_a_long_run() -> None:
    case, values, sets = large_model()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):  # it would take minutes
            term_contributions(case.ontology, case.ic, values, sets, exact_up_to=0, orders=2**24)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)


def test_nobody_and_nothing_are_fine() -> None:
    ontology = make_graph([[], [0]])
    found = term_contributions(ontology, [0, 0], [0, 0], csr_from_rows([[], [1, 0]]), empty=2.0)
    np.testing.assert_array_equal(found.total, [2.0, 2.0])
    np.testing.assert_array_equal(found.shapley, [0.0, 0.0])
    none = term_contributions(ontology, [1, 1], [1, 1], csr_from_rows([]))
    assert none.total.shape == none.shapley.shape == (0,)


def test_contributions_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> SetShapley:
        return SetShapley(np.array([0.5, 0.4]), np.zeros(2), np.zeros(2), np.array([1.0]))

    monkeypatch.setattr(module, "closure_shapley", broken)
    with pytest.raises(ArithmeticError, match="set 0 add up to"):
        term_contributions(make_graph([[], [0]]), [1, 1], [1, 1], csr_from_rows([[0, 1]]))


def test_arguments_out_of_their_range_are_refused() -> None:
    graph = make_graph([[], [0]])
    sets, ones = csr_from_rows([[0, 1]]), np.ones(2)
    for options, message in (
        ({"orders": 3}, "orders must be an integer from 4"),
        ({"orders": 2.5}, "orders must be an integer"),
        ({"exact_up_to": 21}, "exact_up_to must be an integer from 0 to 20, not 21"),
        ({"seed": -1}, "seed must be an integer from 0"),
        ({"empty": float("nan")}, "empty must be finite"),
        ({"threads": 0}, "threads must be a positive integer"),
    ):
        with pytest.raises(ConfigError, match=message):
            term_contributions(graph, ones, ones, sets, **options)
    with pytest.raises(ConfigError, match=r"values must have shape \(2,\)"):
        term_contributions(graph, ones, np.ones(3), sets)
    with pytest.raises(ConfigError, match="weights must be finite and at least 0"):
        term_contributions(graph, -ones, ones, sets)
    with pytest.raises(ConfigError, match=r"sets.indices must be from 0 to 1, not 2"):
        term_contributions(graph, ones, ones, csr_from_rows([[2]]))
    with pytest.raises(ConfigError, match="from -1e30 to 1e30"):
        term_contributions(graph, ones, ones * 1e31, sets)
