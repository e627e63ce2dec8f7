"""What the graph answers, against plain sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference import graph
from reference.random_dags import dags, load

from phenojax.ontology import Ontology


@given(dags())
def test_neighbours_and_closures_are_those_of_plain_sets(parents: dict[str, set[str]]) -> None:
    ontology = load(parents)
    assert ontology.term_ids == tuple(sorted(parents))
    for term, above in parents.items():
        assert ontology.parents(term) == tuple(sorted(above))
        assert ontology.children(term) == tuple(sorted(graph.children(parents, term)))
        assert ontology.ancestors(term) == tuple(sorted(graph.ancestors(parents, term)))
        assert ontology.descendants(term) == tuple(sorted(graph.descendants(parents, term)))


@given(dags())
def test_a_term_comes_after_its_parents_in_topological_order(parents: dict[str, set[str]]) -> None:
    ontology = load(parents)
    place = {ontology.term_ids[term]: i for i, term in enumerate(ontology.graph.topological_order)}
    assert all(place[parent] < place[term] for term, above in parents.items() for parent in above)


@given(dags(), st.data())
def test_closures_of_sets_are_unions_of_ancestors(parents: dict[str, set[str]], data: st.DataObject) -> None:
    ontology = load(parents)
    sets = data.draw(st.lists(st.lists(st.sampled_from(sorted(parents)), max_size=6), max_size=4))
    offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
    indices = ontology.indices([term for terms in sets for term in terms])
    bounds, closed = ontology.graph.closures(offsets, indices)
    for r, terms in enumerate(sets):
        expected = set(terms).union(*(graph.ancestors(parents, term) for term in terms))
        assert closed[bounds[r] : bounds[r + 1]].tolist() == ontology.indices(sorted(expected)).tolist()


def test_the_phenotype_mask_holds_the_branch_and_its_root(small: Ontology) -> None:
    held = [term for term, inside in zip(small.term_ids, small.phenotype_mask, strict=True) if inside]
    assert held == ["HP:0000002", "HP:0000003", "HP:0000118"]


def test_an_ontology_without_the_branch_has_an_empty_mask() -> None:
    assert not load({"HP:0000007": set()}).phenotype_mask.any()
