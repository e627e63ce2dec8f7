"""Overlap of closures, of sets and of terms: what it is, and what it must never depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import closures as plain
from reference.random_sets import Case, cases, graphs, large_case, make_graph, term_rows, values
from reference.similarity import closure

from phenojax import _core
from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import load_ontology
from phenojax.similarity import Overlap, closure_kernel, closure_similarity, closure_terms, information_content
from phenojax.similarity._closure_terms import CLOSURE_TERM_MEASURES, aggregate_weights, closure_term_scores
from phenojax.similarity.closures import closure_set_scores

KINDS = [kind.value for kind in Overlap]
SET_MEASURES = ["simgic", "simui", "closure_jaccard", "closure_cosine"]


def assert_close(found: np.ndarray, expected: list[list[float]]) -> None:
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol=1e-5, atol=1e-6)


def all_terms(case: Case) -> np.ndarray:
    return np.arange(case.ontology.n_terms, dtype=np.int32)


@pytest.mark.parametrize("kind", KINDS)
@given(case=cases())
def test_sets_overlap_as_plain_loops_say(case: Case, kind: str) -> None:
    parents, weights = case.ontology.parents, case.ic.tolist()
    found = closure_similarity(case.ontology, case.ic, case.sets, kind=kind)
    assert_close(found, [[plain.overlap(parents, weights, a, b, kind) for b in case.rows] for a in case.rows])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), graph=graphs())
def test_two_sides_overlap_as_plain_loops_say(data: st.DataObject, graph, kind: str) -> None:
    weights = data.draw(values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    found = closure_similarity(graph, weights, csr_from_rows(a), csr_from_rows(b), kind=kind)
    assert_close(found, [[plain.overlap(graph.parents, weights.tolist(), x, y, kind) for y in b] for x in a])


@pytest.mark.parametrize("kind", KINDS)
@given(case=cases())
def test_overlap_is_symmetric_bounded_and_1_with_itself(case: Case, kind: str) -> None:
    found = closure_similarity(case.ontology, case.ic, case.sets, kind=kind)
    weighs = [sum(case.ic[t] for t in closure(case.ontology.parents, row)) > 0 for row in case.rows]
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_array_equal(np.diag(found), np.array(weighs, dtype=np.float32))
    assert ((found >= 0) & (found <= 1)).all()
    if kind != "overlap" and len(found):
        assert np.linalg.eigvalsh(found.astype(np.float64)).min() > -1e-5


@given(case=cases())
def test_what_lies_inside_another_overlaps_it_wholly(case: Case) -> None:
    larger = csr_from_rows([[*row, 0] for row in case.rows])
    found = np.diag(closure_similarity(case.ontology, case.ic, case.sets, larger, kind="overlap"))
    own = np.diag(closure_similarity(case.ontology, case.ic, case.sets, kind="overlap"))
    np.testing.assert_array_equal(found, own)


@given(case=cases())
def test_only_the_closure_of_a_set_counts(case: Case) -> None:
    closed = csr_from_rows([sorted(closure(case.ontology.parents, row)) for row in case.rows])
    for kind in KINDS:
        first = closure_similarity(case.ontology, case.ic, case.sets, kind=kind)
        np.testing.assert_array_equal(first, closure_similarity(case.ontology, case.ic, closed, kind=kind))


@given(case=cases())
def test_the_kernel_is_the_cosine(case: Case) -> None:
    np.testing.assert_array_equal(
        closure_kernel(case.ontology, case.ic, case.sets),
        closure_similarity(case.ontology, case.ic, case.sets, kind="cosine"),
    )


@pytest.mark.parametrize("measure", SET_MEASURES)
@given(case=cases())
def test_set_measures_are_what_plain_loops_say(case: Case, measure: str) -> None:
    parents, ic = case.ontology.parents, case.ic.tolist()
    found = closure_set_scores(case.ontology, case.ic, case.sets, measure=measure)
    assert_close(found, [[plain.set_measure(parents, ic, a, b, measure) for b in case.rows] for a in case.rows])


@pytest.mark.parametrize("measure", CLOSURE_TERM_MEASURES)
@given(case=cases())
def test_term_measures_are_what_plain_loops_say(case: Case, measure: str) -> None:
    parents, ic = case.ontology.parents, case.ic.tolist()
    terms = all_terms(case)
    found = closure_term_scores(case.ontology.graph, case.ic, measure, terms, terms, 1)
    assert_close(found, [[plain.term_measure(parents, ic, x, y, measure) for y in terms] for x in terms])
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_array_equal(np.diag(found), 1)
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("measure", CLOSURE_TERM_MEASURES)
@given(case=cases(), data=st.data())
def test_a_pair_of_terms_has_one_number_in_any_list(case: Case, measure: str, data: st.DataObject) -> None:
    terms = all_terms(case)
    lists = st.lists(st.sampled_from(terms.tolist()), max_size=40).map(lambda some: np.array(some, dtype=np.int32))
    a, b = data.draw(lists), data.draw(lists)
    whole = closure_term_scores(case.ontology.graph, case.ic, measure, terms, terms, 1)
    part = closure_term_scores(case.ontology.graph, case.ic, measure, a, b, 2)
    np.testing.assert_array_equal(part, whole[np.ix_(a, b)])


@pytest.mark.parametrize("kind", KINDS)
@given(case=cases())
def test_terms_overlap_as_sets_of_one(case: Case, kind: str) -> None:
    terms = all_terms(case)
    found = closure_terms(case.ontology, case.ic, terms, kind=kind)
    sets = csr_from_rows([[term] for term in terms])
    np.testing.assert_array_equal(found, closure_similarity(case.ontology, case.ic, sets, kind=kind))
    np.testing.assert_array_equal(found, closure_terms(case.ontology, case.ic, terms, terms.tolist(), kind=kind))


def test_the_diamond_by_hand() -> None:
    # all > two branches > a term below both
    diamond, terms = make_graph([[], [0], [0], [1, 2]]), np.array([1, 3], dtype=np.int32)
    ic = np.array([0.0, 1.0, 2.0, 4.0])

    def of(measure: str) -> float:
        return closure_term_scores(diamond.graph, ic, measure, terms, terms, 1)[0, 1].item()

    assert of("wang") == pytest.approx((1 + 0.8 + 0.8 + 0.64) / ((1 + 0.8) + (1 + 0.8 + 0.8 + 0.64)), rel=1e-6)
    assert of("graph_ic") == pytest.approx(1 / 3)
    assert of("jaccard") == pytest.approx(2 / 4)
    assert of("dice") == pytest.approx(4 / 6)
    assert of("overlap") == 1
    assert of("cosine") == pytest.approx(2 / 8**0.5)
    one, two, four = (1 / (1 + np.exp(-1 / x)) for x in (1, 2, 4))
    assert of("aic") == pytest.approx(2 * (1 + one) / ((1 + one) + (1 + one + two + four)), rel=1e-6)


def test_a_term_is_by_graph_ic_as_like_its_only_parent_as_itself() -> None:
    chain, terms = make_graph([[], [0], [1]]), np.arange(3, dtype=np.int32)
    found = closure_term_scores(chain.graph, np.array([0.5, 1.0, 4.0]), "graph_ic", terms, terms, 1)
    np.testing.assert_allclose(found, [[1, 1, 1 / 3], [1, 1, 1], [1 / 3, 1, 1]], rtol=1e-6)


def test_the_weight_in_aggregate_content_falls_from_1_to_a_half() -> None:
    ic = np.array([0.0, 5e-324, 1e-310, 1e-3, 0.1, 1.0, 9.0, 1e30])
    found = aggregate_weights(ic)
    np.testing.assert_array_equal(found[:4], 1)
    assert (np.diff(found[3:]) < 0).all()
    assert found[-1] == pytest.approx(0.5)


@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = large_case(3)
    part = case.sets.take(range(37))
    terms = np.arange(0, 2000, 7, dtype=np.int32)

    def everything(threads: int) -> list[bytes]:
        sets = [
            closure_similarity(case.ontology, case.ic, a, b, kind=kind, threads=threads)
            for kind in KINDS
            for a, b in ((case.sets, None), (part, case.sets))
        ]
        pairs = [
            closure_term_scores(case.ontology.graph, case.ic, measure, a, terms, threads)
            for measure in CLOSURE_TERM_MEASURES
            for a in (terms, terms[::-2].copy())
        ]
        return [matrix.tobytes() for matrix in (*sets, *pairs)]

    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = everything(1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    for threads in (1, 4, 7):
        assert everything(threads) == alone


@pytest.mark.parametrize("kind", KINDS)
def test_a_matrix_of_more_than_one_strip_is_that_of_its_parts(kind: str) -> None:
    case = large_case(2, n_terms=300, n_sets=2100)
    whole = closure_similarity(case.ontology, case.ic, case.sets, kind=kind)
    part = closure_similarity(case.ontology, case.ic, case.sets.take(range(2040, 2060)), case.sets, kind=kind)
    np.testing.assert_allclose(whole[2040:2060], part, atol=1e-6)
    np.testing.assert_array_equal(whole, whole.T)


def test_measures_of_the_bundled_release() -> None:
    ontology = load_ontology()
    ic = information_content(ontology)
    # Seizure, Focal-onset seizure, Arachnodactyly
    terms = np.array([ontology.index(i) for i in ("HP:0001250", "HP:0007359", "HP:0001166")], dtype=np.int32)
    for measure in CLOSURE_TERM_MEASURES:
        found = closure_term_scores(ontology.graph, ic, measure, terms, terms, 1)
        assert found[0, 1] > 2 * found[0, 2] > 0, measure
    sets = csr_from_rows([terms[:1], terms[1:2], terms[2:]])
    for measure in SET_MEASURES:
        found = closure_set_scores(ontology, ic, sets, measure=measure)
        assert found[0, 1] > 2 * found[0, 2], measure


def csr(offsets: list[int], indices: list[int]) -> Csr:
    return Csr(np.array(offsets, dtype=np.int64), np.array(indices, dtype=np.int32))


BROKEN = [
    csr([], []),
    csr([1, 1], [0]),
    csr([0, 2, 1, 2], [0, 0]),
    csr([0, 9], [0]),
    csr([0, 1], [2]),
    csr([0, 1], [-1]),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_malformed_sets_are_refused_here_and_in_the_core(broken: Csr) -> None:
    graph, good, ic = make_graph([[], [0]]), csr([0, 1], [0]), np.ones(2)
    for a, b in ((broken, good), (good, broken), (broken, None)):
        with pytest.raises(ConfigError, match=r"^[ab]\."):
            closure_similarity(graph, ic, a, b)
        with pytest.raises(ValueError, match=r"^[ab]: (offsets|index)"):
            _core.closure_overlap(graph.graph, ic, a, b, "jaccard", 1)


@pytest.mark.parametrize("bad", [[0, 2], [-1, 0]])
def test_terms_out_of_range_are_refused_here_and_in_the_core(bad: list[int]) -> None:
    graph, good, ic = make_graph([[], [0]]), np.array([0, 1], dtype=np.int32), np.ones(2)
    terms = np.array(bad, dtype=np.int32)
    for a, b, name in ((terms, good, "a"), (good, terms, "b")):
        with pytest.raises(ConfigError, match=f"{name} must be from 0 to 1"):
            closure_terms(graph, ic, a, b)
        for measure in CLOSURE_TERM_MEASURES:
            with pytest.raises(ValueError, match=f"{name}: index"):
                closure_term_scores(graph.graph, ic, measure, a, b, 1)


def test_other_arguments_are_refused_with_what_was_expected() -> None:
    graph, sets = make_graph([[], [0]]), csr([0, 1], [0])
    with pytest.raises(ConfigError, match="kind must be one of jaccard, dice, overlap, cosine, not 'tversky'"):
        closure_similarity(graph, [1.0, 1.0], sets, kind="tversky")
    with pytest.raises(ConfigError, match="kind must be one of"):
        closure_terms(graph, [1.0, 1.0], [0], kind="simgic")
    with pytest.raises(ConfigError, match=r"weights must have shape \(2,\), not \(1,\)"):
        closure_similarity(graph, [1.0], sets)
    with pytest.raises(ConfigError, match="weights must be finite and at least 0, not nan"):
        closure_terms(graph, [1.0, np.nan], [0])
    with pytest.raises(ConfigError, match=r"measure must be one of simgic, simui.*not 'lin'"):
        closure_set_scores(graph, [1.0, 1.0], sets, measure="lin")
    with pytest.raises(ConfigError, match="threads must be a positive integer"):
        closure_similarity(graph, [1.0, 1.0], sets, threads=0)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_shapes_hold_down_to_nothing(n: int, m: int) -> None:
    graph = make_graph([[]])
    for kind in KINDS:
        found = closure_similarity(graph, [1.0], csr_from_rows([[0]] * n), csr_from_rows([[0]] * m), kind=kind)
        np.testing.assert_array_equal(found, np.ones((n, m)))
        np.testing.assert_array_equal(closure_terms(graph, [1.0], [0] * n, [0] * m, kind=kind), np.ones((n, m)))
