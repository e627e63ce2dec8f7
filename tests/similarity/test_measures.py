"""Similarity of terms by every measure, alone and inside sets, against loops over sets of ancestors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import measures as plain
from reference.random_sets import (
    Case,
    cases,
    coarse_values,
    graphs,
    large_monotone_case,
    make_graph,
    monotone_cases,
    term_rows,
)

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity import CustomMeasure
from phenojax.similarity import measure as own_measure
from phenojax.similarity._core_calls import set_similarity, term_matrix

FORMULAS = list(plain.FORMULAS)
MEASURES = [*FORMULAS, "hrss"]
# 1 + a + b - 2 mica loses what a + b has rounded away: up to 4e-6 of 1 at a + b = 24 in float32.
CLOSE = {"rtol": 1e-5, "atol": 2e-6}

#        0 (0)          6 (9)
#       /     \
#    1 (1)   5 (5)
#     /   \
#  2 (2)  3 (3)
#   |
#  4 (4)
FAMILY = make_graph([[], [0], [1], [1], [2], [0], []])
FAMILY_IC = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]
BY_HAND = [
    # siblings whose parent has 1; the leaf below 2 has 4, 3 is a leaf: alpha 1, beta (2 + 0) / 2, gamma 1 + 2
    (2, 3, {"resnik": 1, "lin": 0.4, "relevance": 0.4 * (1 - math.exp(-1)), "information_coefficient": 0.2}),
    (2, 3, {"jiang_conrath": 0.25, "hrss": 0.125}),
    # a term and what is below it
    (2, 4, {"resnik": 2, "lin": 4 / 6, "relevance": 4 / 6 * (1 - math.exp(-2)), "information_coefficient": 4 / 9}),
    (2, 4, {"jiang_conrath": 1 / 3, "hrss": 2 / 9}),
    # a leaf and itself
    (4, 4, {"resnik": 4, "lin": 1, "relevance": 1 - math.exp(-4), "information_coefficient": 0.8}),
    (4, 4, {"jiang_conrath": 1, "hrss": 1}),
    # only the root in common, and the root itself: 0 / 0 is 0
    (3, 5, {"resnik": 0, "lin": 0, "relevance": 0, "information_coefficient": 0, "jiang_conrath": 1 / 9, "hrss": 0}),
    (0, 0, {"resnik": 0, "lin": 0, "relevance": 0, "information_coefficient": 0, "jiang_conrath": 1, "hrss": 0}),
    # nothing in common
    (4, 6, dict.fromkeys(MEASURES, 0)),
]


def table_of(case: Case, measure: str) -> list[list[float]]:
    return plain.term_table(case.ontology.parents, case.ic.tolist(), measure)


def sets_by_loops(table: list[list[float]], a: list[list[int]], b: list[list[int]], combine: str) -> np.ndarray:
    return np.reshape([[plain.combined(table, x, y, combine) for y in b] for x in a], (len(a), len(b)))


@pytest.mark.parametrize(("x", "y", "expected"), BY_HAND)
def test_the_formulas_by_hand(x: int, y: int, expected: dict[str, float]) -> None:
    for measure, value in expected.items():
        for left, right in ((x, y), (y, x)):
            loops = plain.term_similarity(FAMILY.parents, FAMILY_IC, left, right, measure)
            assert loops == pytest.approx(value), measure
            found = term_matrix(FAMILY, FAMILY_IC, [left], [right], measure=measure)
            assert found.item() == pytest.approx(value, abs=1e-6), measure


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=50)
@given(data=st.data(), case=monotone_cases())
def test_terms_are_as_similar_as_plain_loops_say(data: st.DataObject, case: Case, measure: str) -> None:
    lists = st.lists(st.integers(0, case.ontology.n_terms - 1), max_size=40)
    a, b = data.draw(lists), data.draw(lists)
    table = table_of(case, measure)
    found = term_matrix(case.ontology, case.ic, a, b, measure=measure)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.reshape([[table[x][y] for y in b] for x in a], (len(a), len(b))), **CLOSE)


@pytest.mark.parametrize("measure", FORMULAS)
@settings(max_examples=50)
@given(data=st.data(), graph=graphs())
def test_terms_are_as_plain_loops_say_where_information_content_falls(data: st.DataObject, measure: str, graph) -> None:
    # The largest common ancestor may have more than both terms.
    ic = data.draw(coarse_values(graph.n_terms))
    every = list(range(graph.n_terms))
    found = term_matrix(graph, ic, every, every, measure=measure)
    np.testing.assert_allclose(found, plain.term_table(graph.parents, ic.tolist(), measure), **CLOSE)


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=50)
@given(case=monotone_cases())
def test_sets_are_as_similar_as_plain_loops_say(case: Case, measure: str) -> None:
    found = set_similarity(case.ontology, case.ic, case.sets, measure=measure)
    expected = sets_by_loops(table_of(case, measure), case.rows, case.rows, "bma")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, **CLOSE)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("measure", FORMULAS)
@settings(max_examples=50)
@given(data=st.data(), graph=graphs())
def test_sets_are_as_plain_loops_say_where_information_content_falls(data: st.DataObject, measure: str, graph) -> None:
    ic = data.draw(coarse_values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    table = plain.term_table(graph.parents, ic.tolist(), measure)
    for left, right in ((a, b), (a, a)):
        given_b = None if right is left else csr_from_rows(right)
        found = set_similarity(graph, ic, csr_from_rows(left), given_b, measure=measure)
        np.testing.assert_allclose(found, sets_by_loops(table, left, right, "bma"), **CLOSE)


def contrast(ic_mica: float, ic_a: float, ic_b: float) -> float:
    """Grows with the difference of the two, so that the best match is not that of the best common ancestor."""
    return (1 + abs(ic_a - ic_b)) / (1 + ic_mica)


@pytest.fixture(scope="module")
def own() -> CustomMeasure:
    pytest.importorskip("numba", reason="own measures are compiled by numba")
    return own_measure(contrast)


@settings(max_examples=30, deadline=None)  # the first call compiles
@given(case=cases())
def test_a_measure_of_ones_own_may_be_any_function(case: Case, own: CustomMeasure) -> None:
    table = plain.term_table(case.ontology.parents, case.ic.tolist(), contrast)
    for combine in ("bma", "hausdorff", "mean"):
        found = set_similarity(case.ontology, case.ic, case.sets, combine=combine, measure=own)
        np.testing.assert_allclose(found, sets_by_loops(table, case.rows, case.rows, combine), **CLOSE)


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=50)
@given(case=monotone_cases())
def test_giving_both_sides_changes_nothing_that_matters(case: Case, measure: str) -> None:
    alone = set_similarity(case.ontology, case.ic, case.sets, measure=measure)
    both = set_similarity(case.ontology, case.ic, case.sets, case.sets, measure=measure)
    np.testing.assert_allclose(alone, both, rtol=1e-6, atol=1e-6)


@given(case=monotone_cases())
def test_where_information_content_never_falls_the_ratios_stay_between_0_and_1(case: Case) -> None:
    every = list(range(case.ontology.n_terms))
    for measure in set(MEASURES) - {"resnik"}:
        found = term_matrix(case.ontology, case.ic, every, every, measure=measure)
        assert ((found >= 0) & (found <= 1)).all(), measure
        np.testing.assert_array_equal(found, found.T)


@given(data=st.data(), graph=graphs())
def test_the_best_match_of_two_single_terms_is_their_similarity(data: st.DataObject, graph) -> None:
    ic = data.draw(coarse_values(graph.n_terms))
    every = list(range(graph.n_terms))
    singles = csr_from_rows([[term] for term in every])
    for measure in ("resnik", "lin", "relevance", "information_coefficient"):
        terms = term_matrix(graph, ic, every, every, measure=measure)
        sets = set_similarity(graph, ic, singles, combine="max", measure=measure)
        np.testing.assert_allclose(sets, terms, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, measure: str, monkeypatch) -> None:
    case = large_monotone_case()
    part = case.sets.take(range(37))
    every, some = (np.arange(0, case.ontology.n_terms, step, dtype=np.int32) for step in (1, 7))

    def compute(threads: int) -> list[bytes]:
        return [
            set_similarity(case.ontology, case.ic, case.sets, measure=measure, threads=threads).tobytes(),
            set_similarity(case.ontology, case.ic, part, case.sets, measure=measure, threads=threads).tobytes(),
            term_matrix(case.ontology, case.ic, some, every, measure=measure, threads=threads).tobytes(),
        ]

    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = compute(1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    assert _core.active_isa() == isa
    for threads in (1, 4, 7):
        assert compute(threads) == alone


def test_an_unknown_measure_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"measure must be one of .*resnik.*lin.*not 'linn'"):
        set_similarity(FAMILY, FAMILY_IC, csr_from_rows([[0]]), measure="linn")
    with pytest.raises(ConfigError, match=r"measure must be one of .*resnik.*lin.*not 'linn'"):
        term_matrix(FAMILY, FAMILY_IC, [0], [0], measure="linn")


@pytest.mark.parametrize("broken", [[7], [-1], [0, 1 << 31]])
def test_a_term_outside_the_graph_is_refused(broken: list[int]) -> None:
    for a, b in ((broken, [0]), ([0], broken)):
        with pytest.raises(ConfigError, match=r"from 0 to 6|int32"):
            term_matrix(FAMILY, FAMILY_IC, a, b, measure="lin")


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0)])
def test_no_terms_are_no_values(n: int, m: int) -> None:
    assert term_matrix(FAMILY, FAMILY_IC, [1] * n, [2] * m, measure="lin").shape == (n, m)
