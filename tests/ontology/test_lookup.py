"""Ids, names and words that lead to a term, or to an error that helps."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from phenojax.errors import OntologyError
from phenojax.ontology import Lookup, LookupStatus, Ontology


@pytest.mark.parametrize(
    ("term_id", "status", "leads_to"),
    [
        ("HP:0000002", LookupStatus.CURRENT, "HP:0000002"),
        ("HP:0000020", LookupStatus.ALTERNATE, "HP:0000002"),
        ("HP:0000032", LookupStatus.REPLACED, "HP:0000002"),
        ("HP:0000031", LookupStatus.REPLACED, "HP:0000002"),  # by an obsolete term that was replaced itself
        ("HP:0000033", LookupStatus.OBSOLETE, None),
        ("HP:0000999", LookupStatus.UNKNOWN, None),
    ],
)
def test_lookup_says_what_an_id_is(small: Ontology, term_id: str, status: LookupStatus, leads_to: str | None) -> None:
    expected = -1 if leads_to is None else small.index(leads_to)
    assert small.lookup(term_id) == Lookup(expected, status)


@pytest.mark.parametrize("bad", ["", "HP:12", "HP_0000002", "hp:0000002", "HP:00000002", "HP:000000２", "OMIM:1", 5])
def test_a_malformed_id_is_always_an_error(small: Ontology, bad: str) -> None:
    with pytest.raises(OntologyError, match=r"malformed term id .*expected HP: and seven digits"):
        small.lookup(bad)


def test_indices_are_of_current_ids_only(small: Ontology) -> None:
    found = small.indices(["HP:0000003", "HP:0000001"])
    assert found.dtype == np.int32
    assert found.tolist() == [2, 0]
    with pytest.raises(OntologyError, match=r"HP:0000020 is not a current term.*use HP:0000002 \(Tall stature\)"):
        small.indices(["HP:0000001", "HP:0000020"])
    with pytest.raises(OntologyError, match="put it in a list"):
        small.indices("HP:0000001")


@pytest.mark.parametrize(
    "name", ["HP:0000002", "HP:0000031", " HP:0000020 ", "Tall stature", "tALL sTATURE", "high stature"]
)
def test_resolve_takes_ids_labels_and_synonyms(small: Ontology, name: str) -> None:
    assert small.resolve(name) == "HP:0000002"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("big", r"names several terms: HP:0000002 \(Tall stature\) or HP:0000003 \(Very tall stature\)"),
        (
            "Tal statur",
            r"no term of release 2024-03-06 is called 'Tal statur'; did you mean HP:0000002 \(Tall stature\)",
        ),
        ("zzzzzz", "no term of release 2024-03-06 is called 'zzzzzz'$"),
        ("HP:0000033", r"HP:0000033 is obsolete .* consider HP:0000003 \(Very tall stature\)"),
        ("HP:0000004", r"HP:0000004 is not a term of release 2024-03-06; near it are HP:0000"),
        ("HP:4", "malformed term id 'HP:4'"),
        ("hp:0000002", "malformed term id 'hp:0000002'"),
    ],
)
def test_resolve_says_what_is_wrong_and_what_is_near(small: Ontology, name: str, message: str) -> None:
    with pytest.raises(OntologyError, match=message):
        small.resolve(name)


def test_what_an_alternate_id_is_asked_its_term_answers(small: Ontology) -> None:
    assert small.label("HP:0000020") == "Tall stature"
    assert small.synonyms("HP:0000032") == ("High stature", "Big")
    assert small.children("HP:0000020") == ("HP:0000003",)
    assert small.ancestors("HP:0000031") == ("HP:0000001", "HP:0000118")


def test_search_ranks_the_text_itself_first_and_lists_a_term_once(bundled: Ontology) -> None:
    hits = bundled.search("short stature", limit=5)
    assert hits[0].term_id == "HP:0004322"
    assert hits[0].score == 1
    assert len({hit.term_id for hit in hits}) == 5
    assert all("short stature" in hit.matched.lower() for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_search_finds_synonyms_beginnings_of_words_and_ids(small: Ontology) -> None:
    assert [(hit.term_id, hit.matched) for hit in small.search("high stat")] == [("HP:0000002", "High stature")]
    assert {hit.term_id for hit in small.search("big")} == {"HP:0000002", "HP:0000003"}
    assert [hit.term_id for hit in small.search("HP:0000020")] == ["HP:0000002"]
    assert small.search("HP:0000999") == ()
    assert small.search("  ") == ()
    assert small.search("stature", limit=0) == ()


def test_search_falls_back_on_names_that_are_alike(bundled: Ontology) -> None:
    assert "HP:0001250" in {hit.term_id for hit in bundled.search("seizurs")}


def test_an_ontology_is_frozen(small: Ontology) -> None:
    with pytest.raises(AttributeError):
        small.source = "elsewhere"  # type: ignore[misc]
    for array in (*small.annotation_table, *small.gene_table, small.phenotype_mask):
        with pytest.raises(ValueError, match="read-only"):
            array[:1] = 0


def test_arrays_outlive_the_ontology_they_come_from(small_files: dict[str, object]) -> None:
    import gc

    from phenojax.ontology import load_ontology

    terms = load_ontology(**small_files).annotation_table.term_idx
    gc.collect()
    assert terms.tolist() == [1, 2, 1, 1, 2]


def test_an_ontology_can_be_pickled(small: Ontology) -> None:
    again = pickle.loads(pickle.dumps(small))
    assert again.pack() == small.pack()
    assert again.source == small.source
