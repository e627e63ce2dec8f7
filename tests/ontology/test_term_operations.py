"""Lists of terms are cleaned, closed and connected as plain sets say."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import graph
from reference.random_dags import dags, load

import phenojax as pj
from phenojax._csr import Csr, csr_from_rows
from phenojax.ontology import Ontology

Parents = dict[str, set[str]]


@st.composite
def dags_with_lists(draw: st.DrawFn, least: int = 0) -> tuple[Parents, list[list[str]]]:
    parents = draw(dags())
    terms = st.lists(st.sampled_from(sorted(parents)), min_size=least, max_size=6)
    return parents, draw(st.lists(terms, max_size=5))


def with_self(parents: Parents, term: str) -> set[str]:
    return {term, *graph.ancestors(parents, term)}


def as_csr(ontology: Ontology, lists: list[list[str]]) -> Csr:
    return csr_from_rows([ontology.indices(terms) for terms in lists])


def as_lists(ontology: Ontology, rows: Csr) -> list[tuple[str, ...]]:
    assert rows.offsets.dtype == np.int64
    assert rows.indices.dtype == np.int32
    return [tuple(ontology.term_ids[t] for t in rows.row(r)) for r in range(rows.n_rows)]


@given(dags_with_lists())
def test_the_most_specific_terms_are_above_no_other_one(drawn: tuple[Parents, list[list[str]]]) -> None:
    parents, lists = drawn
    ontology = load(parents)
    expected = [
        tuple(sorted({t for t in terms if not any(t in graph.ancestors(parents, other) for other in terms)}))
        for terms in lists
    ]
    assert [ontology.most_specific(terms) for terms in lists] == expected
    assert as_lists(ontology, ontology.most_specific(as_csr(ontology, lists))) == expected


@given(dags_with_lists())
def test_a_closure_is_the_union_of_ancestors(drawn: tuple[Parents, list[list[str]]]) -> None:
    parents, lists = drawn
    ontology = load(parents)
    expected = [tuple(sorted(set().union(*(with_self(parents, t) for t in terms)))) for terms in lists]
    assert [ontology.closure(terms) for terms in lists] == expected
    assert as_lists(ontology, ontology.closure(as_csr(ontology, lists))) == expected
    # what is most specific says as much as everything that follows from it
    assert [ontology.closure(ontology.most_specific(terms)) for terms in lists] == expected
    assert [ontology.most_specific(terms) for terms in expected] == [ontology.most_specific(t) for t in lists]


@given(dags_with_lists(least=1))
def test_common_ancestors_are_above_all_and_the_mica_says_most(drawn: tuple[Parents, list[list[str]]]) -> None:
    parents, lists = drawn
    ontology = load(parents)
    ic = np.array([len(graph.ancestors(parents, term)) // 2 for term in ontology.term_ids], dtype=np.float64)
    for terms in lists:
        common = set.intersection(*(with_self(parents, t) for t in terms))
        assert ontology.common_ancestors(terms) == tuple(sorted(common))
        if common:
            found = ontology.most_informative_common_ancestor(terms, ic)
            best = min(common, key=lambda t: (-ic[ontology.index(t)], -len(graph.ancestors(parents, t)), t))
            assert found == (best, ic[ontology.index(best)])
        else:
            with pytest.raises(pj.OntologyError, match="no common ancestor"):
                ontology.most_informative_common_ancestor(terms, ic)


def steps_up(parents: Parents, term: str) -> dict[str, int]:
    """Edges of the shortest way up, by relaxing every edge until nothing changes."""
    steps = {term: 0}
    while True:
        after = dict(steps)
        for below, n in steps.items():
            for above in parents[below]:
                after[above] = min(after.get(above, len(parents)), n + 1)
        if after == steps:
            return steps
        steps = after


@given(dags(), st.data())
def test_a_path_goes_up_then_down_and_none_is_shorter(parents: Parents, data: st.DataObject) -> None:
    ontology = load(parents)
    start, end = (data.draw(st.sampled_from(sorted(parents))) for _ in range(2))
    up, down = steps_up(parents, start), steps_up(parents, end)
    shortest = min((up[t] + down[t] for t in up.keys() & down.keys()), default=math.inf)
    if shortest == math.inf:
        with pytest.raises(pj.OntologyError, match=f"{start} and {end} have no common ancestor"):
            ontology.path(start, end)
        return
    path = ontology.path(start, end)
    assert (path[0], path[-1]) == (start, end)
    assert ontology.distance(start, end) == len(path) - 1 == shortest
    rises = [above in parents[below] for below, above in pairwise(path)]
    falls = [below in parents[above] for below, above in pairwise(path)]
    assert all(r or f for r, f in zip(rises, falls, strict=True))
    assert rises == sorted(rises, reverse=True)  # never up again
    assert ontology.distance(end, start) == shortest


def test_modifiers_are_left_out(small: Ontology) -> None:
    onset, tall = "HP:0003577", "HP:0000002"
    assert small.without_modifiers([onset, tall, "HP:0000001", "HP:0000020"]) == (tall,)
    rows = as_csr(small, [[onset], [], ["HP:0000003", onset, "HP:0000118"]])
    assert as_lists(small, small.without_modifiers(rows)) == [(), (), ("HP:0000003", "HP:0000118")]


def test_obsolete_ids_are_replaced_one_for_one(small: Ontology) -> None:
    given_ids = ["HP:0000031", "HP:0000003", "HP:0000020", "HP:0000031"]
    assert small.replace_obsolete(given_ids) == ["HP:0000002", "HP:0000003", "HP:0000002", "HP:0000002"]
    with pytest.raises(pj.OntologyError, match=r"HP:0000033 is obsolete .* consider HP:0000003"):
        small.replace_obsolete(["HP:0000003", "HP:0000033"])
    with pytest.raises(pj.OntologyError, match="HP:0000999 is not a term"):
        small.replace_obsolete(["HP:0000999"])
    assert small.replace_obsolete(["HP:0000033", "HP:0000003", "HP:0000999"], without_replacement="drop") == [
        "HP:0000003"
    ]
    with pytest.raises(pj.OntologyError, match="malformed"):
        small.replace_obsolete(["HP:3"], without_replacement="drop")
    with pytest.raises(pj.ConfigError, match="without_replacement must be"):
        small.replace_obsolete([], without_replacement="keep")


def test_alternate_and_replaced_ids_count_as_the_current_term(small: Ontology) -> None:
    assert small.most_specific(["HP:0000031", "HP:0000020"]) == ("HP:0000002",)
    assert small.path("HP:0000020", "HP:0000031") == ("HP:0000002",)
    assert small.common_ancestors(["HP:0000031", "HP:0000003"]) == small.closure(["HP:0000020"])


@pytest.mark.parametrize(
    "name", ["most_specific", "closure", "without_modifiers", "common_ancestors", "replace_obsolete"]
)
def test_a_list_is_wanted_of_ids_that_lead_somewhere(small: Ontology, name: str) -> None:
    with pytest.raises(pj.OntologyError, match="not the string 'HP:0000002'; put it in a list"):
        getattr(small, name)("HP:0000002")
    with pytest.raises(pj.OntologyError, match="HP:0000033 is obsolete"):
        getattr(small, name)(["HP:0000033"])


def test_nothing_gives_nothing_but_has_no_common_ancestor(small: Ontology) -> None:
    assert small.most_specific([]) == small.closure([]) == small.without_modifiers([]) == ()
    assert small.most_specific(csr_from_rows([])).n_rows == 0
    with pytest.raises(pj.OntologyError, match="none is given"):
        small.common_ancestors([])


def test_rows_are_checked(small: Ontology) -> None:
    with pytest.raises(pj.ConfigError, match=r"terms.indices must be from 0 to"):
        small.most_specific(csr_from_rows([[small.n_terms]]))
    with pytest.raises(pj.ConfigError, match="ic must have shape"):
        small.most_informative_common_ancestor(["HP:0000002"], [1.0])


def test_a_whole_cohort_is_cleaned_as_its_encoding_is(bundled: Ontology) -> None:
    from phenojax.cohort.encode import encode

    cohort = pj.simulate(bundled, pj.SimulationConfig(n_genes=5), seed=3)
    rows = csr_from_rows([[bundled.lookup(t).term_idx for t in person.observed] for person in cohort])
    noisy = bundled.closure(rows)
    assert len(noisy.indices) > 2 * len(rows.indices)
    cleaned = bundled.most_specific(bundled.without_modifiers(noisy))
    observed = encode(cohort, bundled).observed
    np.testing.assert_array_equal(cleaned.indices, observed.indices)
    np.testing.assert_array_equal(cleaned.offsets, observed.offsets)
