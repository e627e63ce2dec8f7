"""Cosine of ancestor closures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import similarity as plain
from reference.random_sets import Case, cases, graphs, large_case, make_graph, term_rows, values

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity import closure_kernel, conditional_ic


@given(case=cases())
def test_the_kernel_is_what_plain_loops_say(case: Case) -> None:
    parents, weights = case.ontology.parents, case.ic.tolist()
    found = closure_kernel(case.ontology, case.ic, case.sets)
    expected = [[plain.closure_cosine(parents, weights, a, b) for b in case.rows] for a in case.rows]
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol=1e-5, atol=1e-6)


@given(data=st.data(), graph=graphs())
def test_two_sides_are_what_plain_loops_say(data: st.DataObject, graph) -> None:
    weights = data.draw(values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    found = closure_kernel(graph, weights, csr_from_rows(a), csr_from_rows(b))
    expected = [[plain.closure_cosine(graph.parents, weights.tolist(), x, y) for y in b] for x in a]
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol=1e-5, atol=1e-6)


@given(case=cases())
def test_it_is_a_kernel(case: Case) -> None:
    found = closure_kernel(case.ontology, case.ic, case.sets)
    weighty = [sum(case.ic[t] for t in plain.closure(case.ontology.parents, row)) > 0 for row in case.rows]
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_array_equal(np.diag(found), np.array(weighty, dtype=np.float32))
    assert ((found >= 0) & (found <= 1)).all()
    if len(found):
        assert np.linalg.eigvalsh(found.astype(np.float64)).min() > -1e-5


@given(case=cases())
def test_conditional_ic_is_what_a_term_adds_to_its_parents(case: Case) -> None:
    found = conditional_ic(case.ontology, case.ic)
    for term, parents in enumerate(case.ontology.parents):
        assert found[term] == max(case.ic[term] - max((case.ic[p] for p in parents), default=0.0), 0.0)


@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = large_case(1)
    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = closure_kernel(case.ontology, case.ic, case.sets, threads=1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    for threads in (1, 4, 7):
        assert closure_kernel(case.ontology, case.ic, case.sets, threads=threads).tobytes() == alone.tobytes()
        rows = closure_kernel(case.ontology, case.ic, case.sets.take(range(40)), case.sets, threads=threads)
        off_diagonal = ~np.eye(40, len(case.rows), dtype=np.bool_)
        np.testing.assert_array_equal(rows[off_diagonal], alone[:40][off_diagonal])


def test_a_matrix_of_more_than_one_strip_is_that_of_its_parts() -> None:
    case = large_case(2, n_terms=300, n_sets=2100)
    whole = closure_kernel(case.ontology, case.ic, case.sets)
    part = closure_kernel(case.ontology, case.ic, case.sets.take(range(2040, 2060)), case.sets)
    # a set with its equal is 1 up to rounding, and with itself exactly
    np.testing.assert_allclose(whole[2040:2060], part, atol=1e-6)
    np.testing.assert_array_equal(whole, whole.T)


def test_weights_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"weights must have shape \(1,\), not \(2,\)"):
        closure_kernel(make_graph([[]]), [1.0, 2.0], csr_from_rows([[0]]))


@pytest.mark.parametrize("weight", [0.0, 5e-324, 1e-45, 1e-39])
def test_terms_that_weigh_next_to_nothing_weigh_nothing(weight: float) -> None:
    found = closure_kernel(make_graph([[], []]), [weight, 1.0], csr_from_rows([[0], [1], [0, 1]]))
    np.testing.assert_array_equal(found, [[0, 0, 0], [0, 1, 1], [0, 1, 1]])
