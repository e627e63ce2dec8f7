"""Who matched whom: what plain loops say, and how it is written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.random_sets import graphs, large_case, make_graph, term_rows, values
from reference.ranking import best_match

from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import load_ontology
from phenojax.similarity import matched_terms, set_similarity
from phenojax.similarity.matches import matches_column, matches_text


@given(data=st.data(), graph=graphs())
def test_matches_are_what_plain_loops_say(data: st.DataObject, graph) -> None:
    ic = data.draw(values(graph.n_terms))
    a, b = data.draw(term_rows(graph.n_terms)), data.draw(term_rows(graph.n_terms))
    pair = st.tuples(st.integers(0, max(len(a) - 1, 0)), st.integers(0, max(len(b) - 1, 0)))
    pairs = data.draw(st.lists(pair, max_size=12)) if a and b else []
    found = matched_terms(graph, ic, csr_from_rows(a), csr_from_rows(b), [p[0] for p in pairs], [p[1] for p in pairs])
    order = graph.graph.topological_order.tolist()
    expected = [(t, *best_match(graph.parents, ic.tolist(), order, t, b[j])) for i, j in pairs for t in a[i]]
    assert found.offsets.tolist() == np.cumsum([0, *(len(a[i]) for i, _ in pairs)]).tolist()
    entries = zip(*(column.tolist() for column in found[1:]), strict=True)
    assert [e[:3] for e in entries] == [e[:3] for e in expected]
    np.testing.assert_allclose(found.ic, [e[3] for e in expected], rtol=1e-6)


def test_the_matches_of_a_pair_are_its_similarity() -> None:
    case = large_case(3)
    rows = np.array([r for r in range(150) if case.rows[r]])
    pairs_a, pairs_b = np.repeat(rows, len(rows)), np.tile(rows, len(rows))
    found = matched_terms(case.ontology, case.ic, case.sets, case.sets, pairs_a, pairs_b)
    mean = np.add.reduceat(found.ic.astype(np.float64), found.offsets[:-1]) / np.diff(found.offsets)
    expected = set_similarity(case.ontology, case.ic, case.sets, combine="a_to_b")[pairs_a, pairs_b]
    np.testing.assert_allclose(mean, expected, atol=1e-5)
    for threads in (1, 4, 7):
        again = matched_terms(case.ontology, case.ic, case.sets, case.sets, pairs_a, pairs_b, threads=threads)
        assert all(x.tobytes() == y.tobytes() for x, y in zip(found, again, strict=True))


@pytest.mark.parametrize(
    ("rows_a", "rows_b", "message"),
    [
        ([1], [0], "rows_a must be from 0 to 0, not 1"),
        ([0], [-1], "rows_b must be from 0 to 0, not -1"),
        ([0, 0], [0], "one length, not 2 and 1"),
        ([0.5], [0], "rows_a must hold integers"),
    ],
)
def test_pairs_outside_the_sets_are_refused(rows_a: list[float], rows_b: list[int], message: str) -> None:
    sets = csr_from_rows([[0]])
    with pytest.raises(ConfigError, match=message):
        matched_terms(make_graph([[]]), [1.0], sets, sets, rows_a, rows_b)


def test_a_pair_of_no_sets_is_refused() -> None:
    with pytest.raises(ConfigError, match="rows_a: row 0 at position 0"):
        matched_terms(make_graph([[]]), [1.0], csr_from_rows([]), csr_from_rows([]), [0], [0])


def test_the_column_lists_the_most_informative_first_and_nothing_that_says_nothing() -> None:
    onto = load_ontology()
    seizure, focal, delay, root = (onto.index(t) for t in ("HP:0001250", "HP:0007359", "HP:0001263", "HP:0000118"))
    ic = np.zeros(onto.n_terms)
    ic[seizure], ic[delay] = 1.25, 2.0
    a, b = csr_from_rows([[focal, delay, root], []]), csr_from_rows([[seizure, delay]])
    column = matches_column(onto, matched_terms(onto, ic, a, b, [0, 1], [0, 0]))
    first, second = column.to_pylist()
    assert [(m["query"], m["target"], m["mica"], m["ic"]) for m in first] == [
        ("HP:0001263", "HP:0001263", "HP:0001263", 2.0),
        ("HP:0007359", "HP:0001250", "HP:0001250", 1.25),
    ]
    assert second == []
    assert matches_text(first) == "HP:0001263~HP:0001263@HP:0001263:2.00;HP:0007359~HP:0001250@HP:0001250:1.25"
    assert matches_text(None) == matches_text([]) == ""
