"""What the annotation files say, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phenojax.errors import OntologyError
from phenojax.ontology import Annotation, Aspect, Ontology, SexLimit, load_ontology


def test_a_row_is_read_whole(small: Ontology) -> None:
    first, second = small.annotations("OMIM:2")
    assert first == Annotation(
        disease_id="OMIM:2",
        term_id="HP:0000002",
        negated=False,
        references=("PMID:1", "PMID:2"),
        evidence="PCS",
        frequency=float(np.float32(3 / 7)),
        numerator=3,
        denominator=7,
        onset="HP:0003577",
        sex=SexLimit.MALE,
        aspect=Aspect.PHENOTYPE,
    )
    assert second.negated
    assert second.frequency is None


def test_frequencies_of_every_kind(small: Ontology) -> None:
    by_row = [(a.frequency, a.numerator, a.denominator) for a in small.annotations("OMIM:1")]
    assert by_row == [
        (pytest.approx(0.895), None, None),  # a class stands for the middle of its range
        (0.125, None, None),
        (None, 0, 0),  # 0/0 is kept as written
    ]


def test_remapped_and_unknown_rows_are_counted(small: Ontology) -> None:
    assert [a.term_id for a in small.annotations("OMIM:1")] == ["HP:0000002", "HP:0000002", "HP:0000003"]
    assert small.counts.annotation_rows == 7
    assert small.counts.annotation_remapped == 2
    assert small.counts.annotation_unknown == 2
    assert small.counts.frequency_unusable == 1
    assert small.unknown_ids == ("HP:0000033", "HP:0000999")


def test_a_gene_has_the_rows_of_its_diseases_with_its_terms(small: Ontology) -> None:
    assert [(a.disease_id, a.term_id, a.references) for a in small.annotations("BBB")] == [
        ("OMIM:1", "HP:0000003", ("PMID:3",)),
        ("OMIM:3", "HP:0000002", ()),  # in the gene file alone
    ]
    assert small.genes() == ("BBB", "NAT2")
    assert small.gene_table.ncbi_id.tolist() == [9, 10]
    assert small.diseases() == ("OMIM:1", "OMIM:2", "OMIM:3")
    assert small.disease_name("OMIM:1") == "One"
    assert small.disease_name("OMIM:3") == ""


def test_unknown_diseases_and_genes_are_errors_with_near_matches(small: Ontology, small_files: dict[str, Path]) -> None:
    with pytest.raises(OntologyError, match="release 2024-03-06 has no disease or gene 'NAT3'; did you mean NAT2"):
        small.annotations("NAT3")
    with pytest.raises(OntologyError, match="has no disease 'OMIM:9'"):
        small.disease_name("OMIM:9")
    with pytest.raises(OntologyError, match="without annotation files"):
        load_ontology(small_files["source"]).annotations("NAT2")


def rows(ontology: Ontology) -> list[tuple[str, bool, tuple[str, ...]]]:
    return [(a.term_id, a.negated, a.references) for d in ontology.diseases() for a in ontology.annotations(d)]


def test_rows_that_cite_only_left_out_references_are_dropped(small_files: dict[str, Path]) -> None:
    ontology = load_ontology(**small_files, without_references=["PMID:1"])
    assert ontology.annotations("OMIM:2")[0].references == ("PMID:2",)  # the mention goes, the row stays
    assert len(ontology.annotations("OMIM:2")) == 1  # the NOT row cited PMID:1 alone
    assert len(ontology.annotations("OMIM:1")) == 3


def test_gene_rows_go_with_the_annotation_that_they_came_from(small: Ontology) -> None:
    left = small.without_references(["1", " PMID:2 "])
    assert left.annotations("NAT2") == ()
    assert len(left.annotations("BBB")) == 2
    assert [a.references for a in left.annotations("OMIM:1")] == [(), ("PMID:3",)]  # a row that cites nothing stays
    assert left.diseases() == small.diseases()
    assert left.genes() == small.genes()


def test_leaving_out_what_nobody_cites_changes_nothing(small: Ontology) -> None:
    assert small.without_references(["PMID:99", "no such thing"]).pack() == small.pack()
    assert rows(small) == rows(small.without_references([]))


def test_one_string_in_place_of_a_list_is_an_error(small_files: dict[str, Path]) -> None:
    with pytest.raises(OntologyError, match="found the string 'PMID:1'"):
        load_ontology(**small_files, without_references="PMID:1")


def test_one_annotation_file_replaces_both_tables(small_files: dict[str, Path], bundled: Ontology) -> None:
    only_genes = load_ontology(small_files["source"], genes=small_files["genes"])
    assert only_genes.diseases() == ("OMIM:1", "OMIM:2", "OMIM:3")
    assert len(only_genes.annotation_table.term_idx) == 0
    mixed = load_ontology(annotations=small_files["annotations"])
    assert mixed.version == bundled.version
    assert mixed.annotation_version == "2024-03-07"
    assert mixed.genes() == ()
    assert len(mixed.diseases()) == 2


@pytest.mark.parametrize("spelled", ["PMID:1", "pmid:1", "PMID: 1", "1"])
def test_a_reference_may_be_spelled_as_people_do(small: Ontology, spelled: str) -> None:
    left = small.without_references([spelled])
    assert left.pack() == small.without_references(["PMID:1"]).pack() != small.pack()
    assert left.left_out_references == ("PMID:1",)


def test_a_reference_that_nothing_cites_is_named(small: Ontology, caplog: pytest.LogCaptureFixture) -> None:
    small.without_references(["PMID:1", "PMID:99"])
    assert "1 of the 2 references" in caplog.text
    assert "PMID:99" in caplog.text
