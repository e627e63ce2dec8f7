"""Exact Resnik between sets: what it is, and what it must never depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import similarity as plain
from reference.random_sets import Case, cases, graphs, large_case, make_graph, term_rows, values

from phenojax import _core
from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity import Combine, set_similarity

COMBINERS = [c.value for c in Combine]
SYMMETRIC = ["bma", "funsim_avg", "funsim_max"]
BEST_MATCH_AVERAGES = [*SYMMETRIC, "a_to_b", "b_to_a"]  # test_combiners.py holds the others to loops


@pytest.fixture(params=_core.available_isas())
def isa(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PHENOJAX_ISA", request.param)
    return request.param


@pytest.mark.parametrize("combine", BEST_MATCH_AVERAGES)
@given(case=cases())
def test_a_set_against_itself_and_others_is_what_plain_loops_say(case: Case, combine: str) -> None:
    parents, ic, rows = case.ontology.parents, case.ic.tolist(), case.rows
    found = set_similarity(case.ontology, case.ic, case.sets, combine=combine)
    expected = [[plain.set_similarity(parents, ic, a, b, combine) for b in rows] for a in rows]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.reshape(expected, (len(rows), len(rows))), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("combine", BEST_MATCH_AVERAGES)
@given(data=st.data(), graph=graphs())
def test_one_side_against_another_is_what_plain_loops_say(data: st.DataObject, combine: str, graph) -> None:
    ic = data.draw(values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    found = set_similarity(graph, ic, csr_from_rows(a), csr_from_rows(b), combine)
    expected = [[plain.set_similarity(graph.parents, ic.tolist(), x, y, combine) for y in b] for x in a]
    np.testing.assert_allclose(found, np.reshape(expected, (len(a), len(b))), rtol=2e-6, atol=1e-6)


@given(case=cases())
def test_giving_both_sides_changes_no_bit(case: Case) -> None:
    for combine in COMBINERS:
        alone = set_similarity(case.ontology, case.ic, case.sets, combine=combine)
        both = set_similarity(case.ontology, case.ic, case.sets, case.sets, combine)
        np.testing.assert_array_equal(alone, both)


@given(case=cases())
def test_symmetric_combiners_are_exactly_symmetric_and_bounded(case: Case) -> None:
    found = {c: set_similarity(case.ontology, case.ic, case.sets, combine=c) for c in COMBINERS}
    for combine in SYMMETRIC:
        np.testing.assert_array_equal(found[combine], found[combine].T)
    np.testing.assert_array_equal(found["a_to_b"], found["b_to_a"].T)
    assert (found["funsim_max"] >= found["funsim_avg"]).all()
    for matrix in found.values():
        assert (matrix >= 0).all()
        assert (matrix <= case.ic.max() * (1 + 1e-6)).all()


@given(case=cases(), data=st.data())
def test_the_order_of_the_individuals_does_not_matter(case: Case, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(case.rows))))
    first = set_similarity(case.ontology, case.ic, case.sets)
    second = set_similarity(case.ontology, case.ic, case.sets.take(order))
    np.testing.assert_array_equal(first[np.ix_(order, order)], second)


def test_a_term_with_itself_has_its_own_information_content() -> None:
    chain = make_graph([[], [0], [1]])
    found = set_similarity(chain, [0.0, 1.5, 4.25], csr_from_rows([[0], [1], [2]]))
    np.testing.assert_array_equal(found, [[0, 0, 0], [0, 1.5, 1.5], [0, 1.5, 4.25]])


def test_a_term_that_stands_twice_counts_twice() -> None:
    tree = make_graph([[], [0], [0]])
    found = set_similarity(tree, [0.0, 3.0, 6.0], csr_from_rows([[1, 1, 2]]), csr_from_rows([[1]]), "a_to_b")
    assert found.item() == pytest.approx((3 + 3 + 0) / 3)


def test_a_set_without_terms_is_like_nothing_not_even_itself() -> None:
    graph = make_graph([[], [0]])
    for combine in COMBINERS:
        found = set_similarity(graph, [1.0, 2.0], csr_from_rows([[], [1]]), combine=combine)
        np.testing.assert_array_equal(found, [[0, 0], [0, 2]])


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_shapes_hold_down_to_nothing(n: int, m: int) -> None:
    graph = make_graph([[]])
    found = set_similarity(graph, [1.0], csr_from_rows([[0]] * n), csr_from_rows([[0]] * m))
    np.testing.assert_array_equal(found, np.ones((n, m)))


@pytest.mark.parametrize("combine", COMBINERS)
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, combine: str, monkeypatch) -> None:
    case = large_case()
    assert _core.active_isa() == isa
    part = case.sets.take(range(37))
    found = [
        (
            set_similarity(case.ontology, case.ic, case.sets, combine=combine, threads=threads),
            set_similarity(case.ontology, case.ic, part, case.sets, combine, threads=threads),
        )
        for threads in (1, 4, 7)
    ]
    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = set_similarity(case.ontology, case.ic, case.sets, combine=combine, threads=1)
    for whole, rectangle in found:
        assert whole.tobytes() == alone.tobytes()
        assert rectangle.tobytes() == alone[:37].tobytes()


def test_a_matrix_of_more_than_one_strip_is_that_of_its_parts() -> None:
    case = large_case(2, n_terms=300, n_sets=2100)
    whole = set_similarity(case.ontology, case.ic, case.sets)
    rows = range(2040, 2060)  # the strips meet at 2048
    np.testing.assert_array_equal(
        whole[2040:2060], set_similarity(case.ontology, case.ic, case.sets.take(rows), case.sets)
    )
    np.testing.assert_array_equal(whole, whole.T)


@pytest.mark.parametrize("value", ["sse9", "AVX2 "])
def test_an_unknown_instruction_set_is_refused_by_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHENOJAX_ISA", value)
    with pytest.raises(ConfigError, match=f'PHENOJAX_ISA is "{value}".*can run baseline'):
        set_similarity(make_graph([[]]), [1.0], csr_from_rows([[0]]))


def csr(offsets: list[int], indices: list[int]) -> Csr:
    return Csr(np.array(offsets, dtype=np.int64), np.array(indices, dtype=np.int32))


BROKEN = [
    (csr([], []), "must start with 0, not nothing"),
    (csr([1, 1], [0]), "must start with 0, not 1"),
    (csr([0, 2, 1, 2], [0, 0]), "never decrease, and do after position 1"),
    (csr([0, 3], [0, 0]), "end with the number of indices, 2, not 3"),
    (csr([0, 1], [2]), r"must be from 0 to 1, not 2 \(at 0\)"),
    (csr([0, 1], [-1]), "must be from 0 to 1, not -1"),
]


@pytest.mark.parametrize(("broken", "message"), BROKEN)
def test_malformed_sets_are_refused_before_the_core_sees_them(broken: Csr, message: str) -> None:
    graph, good = make_graph([[], [0]]), csr([0, 1], [0])
    with pytest.raises(ConfigError, match=rf"^a\..*{message}"):
        set_similarity(graph, [1.0, 1.0], broken)
    with pytest.raises(ConfigError, match=rf"^b\..*{message}"):
        set_similarity(graph, [1.0, 1.0], good, broken)


@pytest.mark.parametrize(("broken", "message"), BROKEN)
def test_the_core_itself_never_reads_out_of_bounds(broken: Csr, message: str) -> None:
    graph, ic = make_graph([[], [0]]).graph, np.ones(2)
    good = csr([0, 1], [0])
    for a, b in ((broken, (*good, None)), (good, (*broken, None)), (broken, None)):
        with pytest.raises(ValueError, match=r"offsets|index|indices"):
            _core.set_similarity(graph, (ic, "resnik", 0), (*a, None), b, "bma", None, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"combine": "median"}, "combine must be one of bma, .*not 'median'"),
        ({"ic": [1.0]}, r"ic must have shape \(2,\), not \(1,\)"),
        ({"ic": [1.0, np.nan]}, r"ic must be finite and at least 0, not nan \(at 1\)"),
        ({"ic": [1.0, -1.0]}, "ic must be finite and at least 0, not -1"),
        ({"threads": 0}, "threads must be a positive integer"),
    ],
)
def test_other_arguments_are_refused_with_what_was_expected(change: dict[str, object], message: str) -> None:
    arguments = {"ic": [1.0, 1.0], "combine": "bma", "threads": 1} | change
    with pytest.raises(ConfigError, match=message):
        set_similarity(
            make_graph([[], [0]]),
            arguments["ic"],
            csr([0, 1], [0]),
            None,
            arguments["combine"],
            threads=arguments["threads"],
        )
