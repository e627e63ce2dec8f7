"""A Phenopacket's individual is read alike from a file, a folder and every archive."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phenojax.cohort import Cohort, Sex, read_cohort


def packet(name: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "subject": {
            "id": f"subject {name}",
            "sex": "MALE",
            "timeAtLastEncounter": {"age": {"iso8601duration": "P4Y6M"}},
        },
        "phenotypicFeatures": [
            {"type": {"id": "HP:0001250", "label": "Seizure"}},
            {"type": {"id": "HP:0000252"}, "excluded": True},
            {"type": {"id": "HP:0000750"}, "excluded": False},
        ],
        "metaData": {"externalReferences": [{"id": "DOI:10.1/x"}, {"id": "PMID:17"}, {"id": "PMID:18"}]},
        **more,
    }


def interpretation(*findings: dict[str, Any]) -> list[dict[str, Any]]:
    disease = {"id": "OMIM:619228", "label": "a disease"}
    return [{"id": "i", "diagnosis": {"disease": disease, "genomicInterpretations": list(findings)}}]


def variant(symbol: str, status: str = "CAUSATIVE") -> dict[str, Any]:
    descriptor = {"geneContext": {"valueId": "HGNC:1", "symbol": symbol}}
    return {"interpretationStatus": status, "variantInterpretation": {"variationDescriptor": descriptor}}


def read(tmp_path: Path, document: object) -> Cohort:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(document))
    return read_cohort(path)


def test_one_phenopacket(tmp_path: Path) -> None:
    files = [
        {"uri": "file:///data/a.vcf", "fileAttributes": {"fileFormat": "VCF"}},
        {"uri": "photos/a.jpg", "fileAttributes": {"mimeType": "image/jpeg"}},
    ]
    (one,) = read(tmp_path, packet(files=files, interpretations=interpretation(variant("SATB1"))))
    assert (one.id, one.gene, one.sex, one.age, one.group) == ("a", "SATB1", Sex.MALE, 4.5, "PMID:17")
    assert one.observed == ("HP:0001250", "HP:0000750")
    assert one.excluded == ("HP:0000252",)
    assert one.disease == ("OMIM:619228",)
    assert one.photo == str(tmp_path / "photos/a.jpg")


def test_the_gene_is_the_first_that_was_not_rejected(tmp_path: Path) -> None:
    findings = [variant("NO", "REJECTED"), variant("YES"), variant("LATER")]
    by_variant = read(tmp_path, packet(interpretations=interpretation(*findings)))
    by_gene = read(tmp_path, packet(interpretations=interpretation({"gene": {"valueId": "HGNC:2", "symbol": "G2"}})))
    assert by_variant.values("gene") == ("YES",)
    assert by_gene.values("gene") == ("G2",)
    assert read(tmp_path, packet()).values("gene") == (None,)


@pytest.mark.parametrize(
    ("encounter", "age"),
    [
        ({"age": {"iso8601duration": "P10D"}}, 10 / 365.25),
        ({"ageRange": {"start": {"iso8601duration": "P3Y"}, "end": {"iso8601duration": "P5Y"}}}, 4.0),
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}, None),
        ({"gestationalAge": {"weeks": 14, "days": 0}}, None),
        ({"timestamp": "2011-01-01T00:00:00Z"}, 10.0),
        ({}, None),
    ],
)
def test_every_way_to_tell_an_age(tmp_path: Path, encounter: dict[str, Any], age: float | None) -> None:
    subject = {"id": "s", "dateOfBirth": "2001-01-01T00:00:00Z", "timeAtLastEncounter": encounter}
    (one,) = read(tmp_path, packet(subject=subject))
    assert one.age == (None if age is None else pytest.approx(age, abs=2e-3))


def test_without_a_date_of_birth_a_timestamp_tells_nothing(tmp_path: Path) -> None:
    subject = {"id": "s", "timeAtLastEncounter": {"timestamp": "2011-01-01T00:00:00Z"}}
    assert next(iter(read(tmp_path, packet(subject=subject)))).age is None


def test_a_family_keeps_its_members_together(tmp_path: Path) -> None:
    bare = {"metaData": {}}
    family = {"id": "F7", "proband": packet("child", **bare), "relatives": [packet("mother", **bare)], "pedigree": {}}
    cohort = read(tmp_path, family)
    assert cohort.ids == ("child", "mother")
    assert cohort.values("group") == ("F7", "F7")


def test_a_cohort_and_a_list_are_all_their_members(tmp_path: Path) -> None:
    members = [packet("a"), packet("b")]
    assert read(tmp_path, {"id": "C", "members": members}).individuals == read(tmp_path, members).individuals


def test_the_snake_case_that_some_writers_keep(tmp_path: Path) -> None:
    snake = {
        "id": "a",
        "subject": {"id": "s", "time_at_last_encounter": {"age": {"iso8601duration": "P1Y"}}},
        "phenotypic_features": [{"type": {"id": "HP:0001250"}}],
        "meta_data": {"external_references": [{"id": "PMID:1"}]},
    }
    (one,) = read(tmp_path, snake)
    assert (one.observed, one.age, one.group) == (("HP:0001250",), 1.0, "PMID:1")


def test_a_folder_and_every_archive_give_the_same_cohort(tmp_path: Path) -> None:
    folder = tmp_path / "packets"
    documents = {"b/2.json": packet("two"), "a/1.json": packet("one"), "a/.hidden.json": "not one", "a/notes.txt": "x"}
    for name, document in documents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(document))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        for name in documents:
            archive.write(folder / name, name)
    for extension in ("tar", "tar.gz", "tgz", "tar.xz"):
        mode = {"tar": "w", "tar.gz": "w:gz", "tgz": "w:gz", "tar.xz": "w:xz"}[extension]
        with tarfile.open(tmp_path / f"c.{extension}", mode) as tar:  # type: ignore[call-overload]
            for name in documents:
                tar.add(folder / name, name)
    expected = read_cohort(folder)
    assert expected.ids == ("one", "two"), "members come by name"
    for extension in ("zip", "tar", "tar.gz", "tgz", "tar.xz"):
        cohort = read_cohort(tmp_path / f"c.{extension}")
        assert cohort.individuals == expected.individuals, extension
        assert cohort.columns == expected.columns, extension


def test_members_that_point_outside_the_archive_are_only_names(tmp_path: Path) -> None:
    data = json.dumps(packet()).encode()
    member, link = tarfile.TarInfo("../../outside.json"), tarfile.TarInfo("link.json")
    member.size, link.type, link.linkname = len(data), tarfile.SYMTYPE, "/etc/passwd"
    (tmp_path / "in").mkdir()
    with tarfile.open(tmp_path / "in" / "c.tar", "w") as archive:
        archive.addfile(member, io.BytesIO(data))
        archive.addfile(link)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    assert read_cohort(tmp_path / "in" / "c.tar").ids == ("a",)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_the_unmodified_phenopackets_say_what_the_table_says(shared_data: Callable[[str], Path]) -> None:
    packets = read_cohort(shared_data("cohorts/phenopackets-dev-sample.tar.gz"))
    table = read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    rows = {individual.id: row for row, individual in enumerate(table)}
    assert len(packets) == 421
    for individual in packets:
        row = rows[individual.id]
        other = table.individuals[row]
        # The table names a deletion by its locus; the packets of it have no gene.
        gene = other.gene if table.values("genes")[row] else None
        assert (individual.gene, individual.sex, individual.age, individual.group, individual.disease) == (
            gene,
            other.sex,
            other.age,
            other.group,
            other.disease,
        )
        assert len(set(individual.observed) ^ set(other.observed)) <= 1
