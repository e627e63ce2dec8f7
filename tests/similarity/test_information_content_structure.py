"""What the graph alone says of a term: equal to plain loops, and the properties the papers claim."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from reference import information_content as plain
from reference.obo import Term, write_obo
from reference.random_sets import RandomGraph, graphs, make_graph

from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import information_content
from phenojax.similarity.information_content_structure import sanchez, seco

# a diamond with a tail: 0 above 1 and 2, both above 3, 3 above 4, 2 above 5
DIAMOND = make_graph([[], [0], [0], [1, 2], [3], [2]])


@given(graph=graphs())
def test_both_are_those_of_plain_sets(graph: RandomGraph) -> None:
    np.testing.assert_allclose(seco(graph), plain.seco(graph.parents), atol=1e-12)
    np.testing.assert_allclose(sanchez(graph), plain.sanchez(graph.parents), atol=1e-12)


@given(graph=graphs())
def test_a_terms_ic_never_falls_below_its_parents(graph: RandomGraph) -> None:
    for values in (seco(graph), sanchez(graph)):
        assert (values >= 0).all()
        for term, above in enumerate(graph.parents):
            assert all(values[term] >= values[parent] for parent in above)


def test_seco_counts_what_is_below() -> None:
    n = 6
    expected = [0, math.log(n / 3), math.log(n / 4), math.log(n / 2), math.log(n), math.log(n)]
    np.testing.assert_allclose(seco(DIAMOND), expected, atol=1e-12)


def test_sanchez_weighs_leaves_below_against_terms_above() -> None:
    # leaves 4 and 5; term 3 has one below it and four at or above it
    below_over_above = [2 / 1, 1 / 2, 2 / 2, 1 / 4, 0, 0]
    np.testing.assert_allclose(sanchez(DIAMOND), [math.log(3 / (x + 1)) for x in below_over_above], atol=1e-12)


@pytest.fixture(scope="module")
def bundled() -> Ontology:
    return load_ontology()


def test_of_a_real_release_every_leaf_says_as_much_as_any_other(bundled: Ontology) -> None:
    is_leaf = np.ones(bundled.n_terms, dtype=np.bool_)
    is_leaf[bundled.graph.parents[1]] = False
    largest = {"seco": math.log(bundled.n_terms), "sanchez": math.log(is_leaf.sum() + 1)}
    for name, value in largest.items():
        found = information_content(bundled, name)
        np.testing.assert_allclose(found[is_leaf], value)
        assert found[~is_leaf].max() < value


def test_they_need_no_annotations(tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = tmp_path_factory.mktemp("bare") / "hp.obo"
    bare.write_text(
        write_obo([Term("HP:0000001", name="All", is_a=[]), Term("HP:0000118", name="Any", is_a=["HP:0000001"])])
    )
    ontology = load_ontology(bare)
    np.testing.assert_allclose(information_content(ontology, "seco"), [0, math.log(2)])
    np.testing.assert_allclose(information_content(ontology, "sanchez"), [0, math.log(2)])
