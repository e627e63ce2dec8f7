"""Facts of the real release, counted apart from this code (see the test data's own description)."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from reference.obo import parse_obo, write_obographs

from phenojax.errors import OntologyError
from phenojax.ontology import Aspect, LookupStatus, Ontology, load_ontology


@pytest.fixture(scope="module")
def real(real_files: dict[str, Path]) -> Ontology:
    return load_ontology(**real_files)


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def test_the_bundled_release_is_the_real_one(real: Ontology, bundled: Ontology) -> None:
    assert bundled.version == "2025-01-16"
    assert bundled.source == "bundled"
    assert bundled.pack() == real.pack()


def test_terms(bundled: Ontology) -> None:
    assert bundled.n_terms == 19_484 - 450
    assert int(bundled.phenotype_mask.sum()) == 18_387
    assert bundled.label("HP:0001250") == "Seizure"
    assert bundled.parents("HP:0000118") == ("HP:0000001",)
    assert len(bundled.descendants("HP:0000001")) == bundled.n_terms - 1


def test_annotations(bundled: Ontology) -> None:
    table = bundled.annotation_table
    assert len(table.term_idx) == 271_702
    assert int(np.sum(table.aspect == ord(Aspect.PHENOTYPE))) == 254_621
    assert int(table.negated.sum()) == 711
    assert Counter(disease.split(":")[0] for disease in bundled.diseases()) == {
        "OMIM": 8_359,
        "ORPHA": 4_281,
        "DECIPHER": 47,
    }
    assert len(bundled.genes()) == 5_127
    assert bundled.counts.annotation_unknown == bundled.counts.gene_unknown == 0


def test_the_facts_are_those_of_a_plain_reader(real: Ontology, real_files: dict[str, Path]) -> None:
    _, terms = parse_obo(text_of(real_files["source"]))
    replacements = {term.id: term.replaced_by for term in terms}
    current = sorted((term for term in terms if not term.is_obsolete), key=lambda term: term.id)
    assert real.term_ids == tuple(term.id for term in current)
    for term in current:
        assert real.label(term.id) == term.name
        assert real.synonyms(term.id) == tuple(dict.fromkeys(term.synonyms))
        assert real.parents(term.id) == tuple(sorted(set(term.is_a)))
        for other in term.alt_id:
            # an obsolete stanza of its own that names a replacement says more
            assert real.term_ids[real.lookup(other).term_idx] in (replacements.get(other) or [term.id])
    for term in terms:
        if term.is_obsolete:
            found = real.lookup(term.id)
            assert found.status is not LookupStatus.CURRENT
            if term.replaced_by:
                assert real.term_ids[found.term_idx] in term.replaced_by


def test_rows_are_those_of_a_plain_reader(real: Ontology, real_files: dict[str, Path]) -> None:
    lines = [line.split("\t") for line in text_of(real_files["annotations"]).splitlines() if line[0] != "#"][1:]
    table = real.annotation_table
    assert [real.diseases()[i] for i in table.disease_idx] == [line[0] for line in lines]
    assert [real.term_ids[i] for i in table.term_idx] == [line[3] for line in lines]
    assert table.negated.tolist() == [line[2] == "NOT" for line in lines]
    assert [real.evidence_codes[i] for i in table.evidence_idx] == [line[5] for line in lines]
    assert [real.term_ids[i] if i >= 0 else "" for i in table.onset_idx] == [line[6] for line in lines]
    assert [["", "MALE", "FEMALE"][i] for i in table.sex] == [line[8] for line in lines]
    assert [chr(i) for i in table.aspect] == [line[10] for line in lines]
    cited = [real.references[i] for i in table.reference_indices]
    bounds = table.reference_offsets
    for r in range(0, len(lines), 97):
        assert cited[bounds[r] : bounds[r + 1]] == list(dict.fromkeys(lines[r][4].split(";")))
        if "/" in lines[r][7]:
            top, bottom = map(int, lines[r][7].split("/"))
            assert (table.frequency_numerator[r], table.frequency_denominator[r]) == (top, bottom)
            assert table.frequency[r] == np.float32(top / bottom)
        else:
            assert np.isnan(table.frequency[r]) == (lines[r][7] == "")


def test_obographs_gives_the_same_ontology(real_files: dict[str, Path], tmp_path: Path) -> None:
    version, terms = parse_obo(text_of(real_files["source"]))
    path = tmp_path / "hp.json"
    path.write_text(write_obographs(terms, version))
    assert load_ontology(path).pack() == load_ontology(real_files["source"]).pack()


def test_a_newer_ontology_loads_without_annotations(shared_data: Callable[[str], Path], bundled: Ontology) -> None:
    newer = load_ontology(shared_data("hpo/hp.2026-02-16.obo.gz"))
    assert newer.version == "2026-02-16"
    assert newer.n_terms == 19_944 - 555
    assert newer.diseases() == newer.genes() == ()
    assert newer.annotation_version == ""
    added = set(newer.term_ids) - set(bundled.term_ids)
    assert len(added) > 400
    with pytest.raises(OntologyError, match="release 2025-01-16"):
        bundled.resolve(max(added))


def test_annotations_of_one_release_are_remapped_onto_another(
    shared_data: Callable[[str], Path], real_files: dict[str, Path]
) -> None:
    mixed = load_ontology(shared_data("hpo/hp.2026-02-16.obo.gz"), annotations=real_files["annotations"])
    counts = mixed.counts
    assert counts.annotation_remapped > 0
    assert len(mixed.annotation_table.term_idx) + counts.annotation_unknown == counts.annotation_rows == 271_702


def test_half_of_a_real_file_is_an_error(real_files: dict[str, Path], tmp_path: Path) -> None:
    for name, suffix in (("source", "obo"), ("annotations", "hpoa"), ("genes", "txt")):
        whole = gzip.decompress(real_files[name].read_bytes())
        half = tmp_path / f"half.{suffix}"
        half.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(OntologyError, match=rf"half\.{suffix}, line \d+: "):
            load_ontology(**(real_files | {name: half}))


def test_many_threads_may_use_one_ontology_at_once() -> None:
    """Each thread builds or reads the lazily made parts of a fresh ontology, in an order of its own."""
    fresh = load_ontology()
    asked = [
        lambda: fresh.resolve("seizure"),
        lambda: fresh.ancestors("HP:0001250"),
        lambda: fresh.descendants("HP:0001250"),
        lambda: int(fresh.phenotype_mask.sum()),
        lambda: fresh.annotations("ORPHA:33364"),
        lambda: fresh.annotations("NAT2"),
        lambda: fresh.search("tall stature", 3),
        lambda: fresh.lookup("HP:0000057"),
    ]
    expected = [ask() for ask in asked]
    fresh = load_ontology()
    with ThreadPoolExecutor(8) as pool:
        order = [(start + i) % len(asked) for start in range(16) for i in range(len(asked))]
        assert list(pool.map(lambda i: asked[i](), order)) == [expected[i] for i in order]
