"""The release pack: what is written is read, and damage is always noticed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from phenojax.errors import OntologyError
from phenojax.ontology import Ontology, build_pack, bundled_path, load_ontology


@pytest.fixture
def pack(tmp_path: Path, small_files: dict[str, Path]) -> Path:
    path = tmp_path / "small.pack"
    build_pack(path, **small_files)
    return path


def test_a_pack_is_the_release_it_was_built_from(pack: Path, small: Ontology) -> None:
    again = load_ontology(pack)
    assert again.pack() == small.pack() == pack.read_bytes()
    assert again.version == "2024-03-06"
    assert again.annotation_version == "2024-03-07"
    assert again.counts == small.counts
    assert [again.label(term) for term in again.term_ids] == [small.label(term) for term in small.term_ids]
    for disease in small.diseases():
        assert again.annotations(disease) == small.annotations(disease)


def test_a_pack_may_be_gzipped_and_have_any_name(pack: Path, tmp_path: Path, small: Ontology) -> None:
    other = tmp_path / "release.bin.gz"
    other.write_bytes(gzip.compress(pack.read_bytes()))
    assert load_ontology(other).pack() == small.pack()


def test_every_truncation_and_every_flipped_byte_is_an_error(pack: Path) -> None:
    whole = pack.read_bytes()
    for at in range(0, len(whole), 7):
        pack.write_bytes(whole[:at])
        with pytest.raises(OntologyError, match=r"small\.pack: "):
            load_ontology(pack)
        pack.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(OntologyError, match=r"small\.pack: "):
            load_ontology(pack)


def test_a_pack_of_another_format_says_so(pack: Path) -> None:
    whole = bytearray(pack.read_bytes())
    whole[8] = 77
    pack.write_bytes(whole)
    with pytest.raises(OntologyError, match="pack format 77, this phenojax reads format 2; build the pack again"):
        load_ontology(pack)


def test_licence_version_and_citation_travel_in_the_pack(pack: Path) -> None:
    ontology = load_ontology(pack)
    assert "cite" in ontology.licence
    assert "do not alter" in ontology.licence
    assert "doi.org" in ontology.citation or "doi:10.1093/nar/gkad1005" in ontology.citation


def test_the_bundled_release_holds_no_definitions() -> None:
    """A sentence of the definition of Seizure, and of a comment, must not be in the package."""
    content = bundled_path().read_bytes()
    assert b"Seizure" in content
    assert b"intermittent abnormality of nervous system" not in content
    assert b"orcid.org" not in content
