"""How matches become one number: every combiner against loops over all pairs of terms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import measures as plain
from reference.random_sets import (
    Case,
    cases,
    graphs,
    large_monotone_case,
    make_graph,
    monotone_cases,
    term_rows,
    values,
)

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity import Combine
from phenojax.similarity._core_calls import set_similarity

CLOSE = {"rtol": 3e-6, "atol": 2e-6}
FAMILY = make_graph([[], [0], [1], [1], [2]])
FAMILY_IC = [0.0, 1.0, 2.0, 3.0, 4.0]
# {2, 3} and {4}: 2 matches 4 with 2, 3 with 1; 4 matches best with 2.
BY_HAND = {
    "bma": (2 + 1 + 2) / 3,
    "funsim_avg": (1.5 + 2) / 2,
    "funsim_max": 2,
    "a_to_b": 1.5,
    "b_to_a": 2,
    "max": 2,
    "mean": 1.5,
    "hausdorff": 1,
}


def test_every_combiner_is_known_to_the_loops() -> None:
    assert {c.value for c in Combine} >= set(plain.COMBINERS)


@pytest.mark.parametrize("combine", plain.COMBINERS)
def test_the_combiners_by_hand(combine: str) -> None:
    table = plain.term_table(FAMILY.parents, FAMILY_IC, "resnik")
    assert plain.combined(table, [2, 3], [4], combine) == pytest.approx(BY_HAND[combine])
    found = set_similarity(FAMILY, FAMILY_IC, csr_from_rows([[2, 3]]), csr_from_rows([[4]]), combine)
    assert found.item() == pytest.approx(BY_HAND[combine])


@pytest.mark.parametrize("combine", plain.COMBINERS)
@settings(max_examples=40)
@given(data=st.data(), graph=graphs())
def test_two_sides_are_what_plain_loops_say(data: st.DataObject, combine: str, graph) -> None:
    ic = data.draw(values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    table = plain.term_table(graph.parents, ic.tolist(), "resnik")
    found = set_similarity(graph, ic, csr_from_rows(a), csr_from_rows(b), combine)
    expected = np.reshape([[plain.combined(table, x, y, combine) for y in b] for x in a], (len(a), len(b)))
    np.testing.assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("combine", plain.COMBINERS)
@pytest.mark.parametrize("measure", ["resnik", "lin", "hrss"])
@settings(max_examples=25)
@given(case=monotone_cases())
def test_a_set_against_itself_and_others_is_what_plain_loops_say(case: Case, measure: str, combine: str) -> None:
    table = plain.term_table(case.ontology.parents, case.ic.tolist(), measure)
    found = set_similarity(case.ontology, case.ic, case.sets, combine=combine, measure=measure)
    expected = [[plain.combined(table, x, y, combine) for y in case.rows] for x in case.rows]
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), **CLOSE)


@pytest.mark.parametrize("measure", ["resnik", "lin", "hrss"])
@settings(max_examples=25)
@given(case=monotone_cases())
def test_symmetric_combiners_are_exactly_symmetric(case: Case, measure: str) -> None:
    found = {
        combine: set_similarity(case.ontology, case.ic, case.sets, combine=combine, measure=measure)
        for combine in plain.COMBINERS
    }
    for combine in plain.SYMMETRIC:
        np.testing.assert_array_equal(found[combine], found[combine].T, err_msg=combine)
    np.testing.assert_array_equal(found["a_to_b"], found["b_to_a"].T)


@given(case=monotone_cases())
def test_giving_both_sides_changes_nothing_that_matters(case: Case) -> None:
    for combine in plain.COMBINERS:
        for measure in ("resnik", "jiang_conrath"):
            alone = set_similarity(case.ontology, case.ic, case.sets, combine=combine, measure=measure)
            both = set_similarity(case.ontology, case.ic, case.sets, case.sets, combine, measure=measure)
            np.testing.assert_allclose(alone, both, rtol=1e-6, atol=1e-6, err_msg=f"{combine} {measure}")


@given(case=cases())
def test_the_worst_best_match_the_averages_and_the_best_are_in_this_order(case: Case) -> None:
    worst, average, best, pairs = (
        set_similarity(case.ontology, case.ic, case.sets, combine=combine).astype(np.float64)
        for combine in ("hausdorff", "bma", "max", "mean")
    )
    rounding = 1e-5
    assert (worst <= average + rounding).all()
    assert (average <= best + rounding).all()
    assert (pairs <= average + rounding).all()


@given(case=monotone_cases())
def test_the_best_pair_of_a_set_with_itself_is_its_most_informative_term(case: Case) -> None:
    found = set_similarity(case.ontology, case.ic, case.sets, combine="max")
    np.testing.assert_array_equal(np.diag(found), [case.ic[row].max(initial=0) for row in case.rows])


@pytest.mark.parametrize("combine", plain.COMBINERS)
def test_a_set_without_terms_is_like_nothing_not_even_itself(combine: str) -> None:
    for measure in ("resnik", "lin", "jiang_conrath", "hrss"):
        found = set_similarity(FAMILY, FAMILY_IC, csr_from_rows([[], [4]]), combine=combine, measure=measure)
        np.testing.assert_array_equal(found, [[0, 0], [0, 4 if measure == "resnik" else 1]])


@pytest.mark.parametrize("combine", ["max", "mean", "hausdorff"])
@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, combine: str, monkeypatch) -> None:
    case = large_monotone_case(3)
    part = case.sets.take(range(37))

    def compute(threads: int) -> list[bytes]:
        return [
            set_similarity(case.ontology, case.ic, a, b, combine, measure=measure, threads=threads).tobytes()
            for measure in ("resnik", "lin", "hrss")
            for a, b in ((case.sets, None), (part, case.sets))
        ]

    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = compute(1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    for threads in (1, 4, 7):
        assert compute(threads) == alone


def test_an_unknown_combiner_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"combine must be one of bma, .*not 'average'"):
        set_similarity(FAMILY, FAMILY_IC, csr_from_rows([[0]]), combine="average")
