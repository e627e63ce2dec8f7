"""`discover`: subgroups that are there are found, one group stays one, and publications are not taken for subgroups."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import phenojax as pj
from phenojax.errors import CohortError, ConfigError, ResultError

SETTINGS: dict[str, Any] = {"permutations": 99, "resamples": 30}
# Two types with findings of their own and a common part, all of the same organ systems.
FIRST = ("HP:0001250", "HP:0000252", "HP:0001252", "HP:0000729", "HP:0001159", "HP:0000278")
SECOND = ("HP:0001257", "HP:0000256", "HP:0001251", "HP:0000718", "HP:0001166", "HP:0000303")
COMMON = ("HP:0001263", "HP:0000365", "HP:0001511", "HP:0000508")


@pytest.fixture(scope="module")
def onto() -> pj.Ontology:
    return pj.load_ontology()


def two_types(seed: int = 0, per_type: int = 14, types: int = 2) -> pj.Cohort:
    """Publications of two; each describes one type."""
    rng = np.random.default_rng(seed)
    individuals = []
    for n in range(2 * per_type):
        kind = (n // 2) % types
        own = [t for t in (FIRST, SECOND)[kind] if rng.random() < 0.75]
        shared = [t for t in COMMON if rng.random() < 0.5]
        observed = tuple(own + shared) or (COMMON[0],)
        individuals.append(pj.Individual(f"P{n:02d}", "G", observed, group=f"PMID:{n // 2}", disease=(f"OMIM:{kind}",)))
    return pj.Cohort(tuple(individuals), "two types")


@pytest.fixture(scope="module")
def found(onto: pj.Ontology) -> pj.SubgroupResult:
    return pj.discover(two_types(), "G", ontology=onto, **SETTINGS)


def test_two_types_are_found(found: pj.SubgroupResult) -> None:
    assert found.k == 2
    assert found.p_value == pytest.approx(0.01)
    kinds = {(row["subgroup"], int(row["id"][1:]) // 2 % 2) for row in found.table.to_pylist()}
    assert len(kinds) == 2
    assert found.subgroups["n"].to_pylist() == [14, 14]
    assert min(found.subgroups["jaccard"].to_pylist()) > 0.9
    assert min(found.table["stability"].to_pylist()) > 0.8
    assert max(found.table["other_subgroup"].to_pylist()) < 0.3


def test_the_terms_of_a_subgroup_are_commoner_in_it_and_have_no_p_value(found: pj.SubgroupResult) -> None:
    rows = found.terms.to_pylist()
    assert {row["subgroup"] for row in rows} == {1, 2}
    assert all(row["prevalence"] > row["other_prevalence"] and row["odds_ratio"] > 1 for row in rows)
    assert not [name for name in found.terms.column_names if name.startswith(("p_", "q_"))]
    listed = {row["term_id"] for row in rows}
    assert listed & set(FIRST)
    assert listed & set(SECOND)


def test_what_goes_along_with_the_subgroups_is_told(found: pj.SubgroupResult) -> None:
    of = {a["column"]: a for a in found.run["associations"]}
    assert of["disease"]["adjusted_mutual_information"] == pytest.approx(1.0)
    assert of["group"]["tells"] == pytest.approx(1.0)
    assert any("knowing an individual's group tells 100%" in note for note in found.run["notes"])
    assert found.run["notes"][0] == "Research use only. It does not diagnose."


def test_one_type_stays_one_group(onto: pj.Ontology) -> None:
    results = [pj.discover(two_types(s, types=1), "G", ontology=onto, seed=s, **SETTINGS) for s in range(8)]
    assert sum(result.k > 1 for result in results) <= 2
    one = next(result for result in results if result.k == 1)
    assert set(one.table["subgroup"].to_pylist()) == {1}
    assert one.table["stability"].null_count == one.table.num_rows
    assert one.terms.num_rows == 0
    assert any(note.startswith("one group") for note in one.run["notes"])


def test_two_publications_with_panels_of_their_own_are_no_subgroups(onto: pj.Ontology) -> None:
    cohort = two_types()
    halves = tuple(replace(i, group=f"PMID:{int(i.id[1:]) // 2 % 2}") for i in cohort)
    trapped = pj.discover(pj.Cohort(halves), "G", ontology=onto, **SETTINGS)
    assert trapped.p_value > 0.05
    assert trapped.k == 1


def test_a_number_may_be_asked_for(onto: pj.Ontology) -> None:
    three = pj.discover(two_types(types=1), "G", k=3, ontology=onto, **SETTINGS)
    assert three.k == 3
    assert [entry["k"] for entry in three.run["by_k"]] == [3]
    assert three.run["by_k"][0]["p_uncorrected"] == three.p_value
    with pytest.raises(ConfigError, match="k is 20, but G has 28 individuals: at most 14"):
        pj.discover(two_types(), "G", k=20, ontology=onto, **SETTINGS)


def test_one_or_two_individuals_are_outliers_and_no_subgroup(onto: pj.Ontology) -> None:
    cohort = pj.Cohort((*two_types(), pj.Individual("X", "G", COMMON, group="PMID:X")), "with a stranger")
    kinds = [*(int(i.id[1:]) // 2 % 2 for i in two_types()), 2]
    faces = 20.0 * np.eye(8)[kinds] + np.random.default_rng(0).normal(size=(29, 8))
    result = pj.discover(cohort, "G", k=3, embeddings=faces, modality="face", ontology=onto, **SETTINGS)
    rows = result.subgroups.to_pylist()
    assert [(row["n"], row["outliers"]) for row in rows] == [(14, False), (14, False), (1, True)]
    assert [row["jaccard"] is None for row in rows] == [False, False, True]
    assert {row["subgroup"] for row in result.terms.to_pylist()} == {1, 2}
    assert result.run["notes"].count("outliers, no subgroups: 3 (fewer than 3 individuals each)") == 1


def test_a_gene_of_one_publication_is_said_to_be_so_once(onto: pj.Ontology) -> None:
    cohort = pj.Cohort(tuple(replace(i, group="PMID:1") for i in two_types()), "one publication")
    notes = pj.discover(cohort, "G", k=2, ontology=onto, **SETTINGS).run["notes"]
    assert notes.count("the whole gene comes from one group") == 1
    assert not any("comes from one group alone" in note for note in notes)


def test_carriers_without_a_face_are_not_told_to_embed_the_others(onto: pj.Ontology) -> None:
    faces = np.full((29, 4), np.nan)
    faces[28] = 1.0
    cohort = pj.Cohort((*two_types(), pj.Individual("Q", "H", FIRST)), "no faces")
    for modality in ("face", "both"):
        with pytest.raises(CohortError, match="no carrier of G has one among the embeddings"):
            pj.discover(cohort, "G", embeddings=faces, modality=modality, ontology=onto, **SETTINGS)
    assert pj.discover(cohort, "G", embeddings=faces, ontology=onto, **SETTINGS).run["modality"] == "hpo"


def test_neither_the_order_of_rows_nor_other_genes_change_anything(onto: pj.Ontology, found: pj.SubgroupResult) -> None:
    cohort = two_types()
    order = np.random.default_rng(1).permutation(len(cohort)).tolist()
    others = tuple(replace(i, id=f"Q{i.id}", gene="H") for i in cohort)
    mixed = pj.Cohort((*others, *cohort.subset(order).individuals), "two types")
    again = pj.discover(mixed, "G", ontology=onto, **SETTINGS)
    assert again.table.equals(found.table)
    assert again.p_value == found.p_value
    assert pj.discover(cohort, "G", ontology=onto, seed=1, **SETTINGS).run["by_k"] != found.run["by_k"]


def test_faces_divide_too(onto: pj.Ontology) -> None:
    rng = np.random.default_rng(0)
    cohort = two_types()
    kinds = np.array([int(i.id[1:]) // 2 % 2 for i in cohort])
    centres = rng.normal(size=(2, 16))
    faces = 2.5 * centres[kinds] + rng.normal(size=(len(cohort), 16))
    faces[3] = np.nan
    face = pj.discover(cohort, "G", embeddings=faces, modality="face", k=2, ontology=onto, **SETTINGS)
    assert face.run["modality"] == "face"
    assert face.table.num_rows == len(cohort) - 1
    assert face.p_value <= 0.05
    both = pj.discover(cohort, "G", embeddings=faces, ontology=onto, **SETTINGS)
    assert (both.run["modality"], both.k, both.table.num_rows) == ("both", 2, len(cohort))


def test_one_cloud_of_faces_stays_one(onto: pj.Ontology) -> None:
    cohort = two_types()
    p = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        faces = rng.normal(size=(28, 16)) + rng.normal(size=(14, 16))[np.arange(28) // 2]
        p.append(pj.discover(cohort, "G", embeddings=faces, modality="face", ontology=onto, **SETTINGS).p_value)
    assert sum(value <= 0.05 for value in p) <= 2


def test_what_is_written_is_whole(tmp_path: Path, found: pj.SubgroupResult) -> None:
    folder = found.write(tmp_path / "new")
    assert pq.read_table(folder / "individuals.parquet").equals(found.table)
    run = json.loads((folder / "run.json").read_text())
    assert (run["format"], run["k"], run["gene"]) == ("phenojax-subgroups", 2, "G")
    names = {f"{name}.{kind}" for name in ("individuals", "subgroups", "terms") for kind in ("tsv", "parquet")}
    assert {path.name for path in folder.iterdir()} == names | {"run.json"}
    found.write(folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(ResultError, match="holds files but no phenojax result"):
        found.write(tmp_path / "mine")


def test_what_cannot_be_divided_is_refused(onto: pj.Ontology) -> None:
    cohort = two_types()
    few = cohort.subset(list(range(7)))
    with pytest.raises(CohortError, match="no individual carries Q"):
        pj.discover(cohort, "Q", ontology=onto)
    with pytest.raises(
        CohortError, match="7 carriers of G have an observed term, and subgroups are looked for among 10"
    ):
        pj.discover(few, "G", ontology=onto)
    with pytest.raises(CohortError, match="no column 'site'"):
        pj.discover(cohort, "G", group="site", ontology=onto)
    for settings, message in (
        ({"k": 1}, "k must be a whole number of at least 2"),
        ({"level": 2}, "level must be a number between 0 and 1"),
        ({"linkage": "single"}, "linkage must be one of ward, average, complete"),
        ({"permutations": 5}, "permutations must be a whole number of at least 19"),
        ({"subgroups": 3}, "no setting 'subgroups'"),
        ({"keep_systems": 1}, "keep_systems must be True or False"),
        ({"modality": "face"}, "there are no embeddings"),
    ):
        with pytest.raises(ConfigError, match=message):
            pj.discover(cohort, "G", ontology=onto, **settings)


def test_diseases_of_a_published_gene_are_found_again(shared_data: Callable[[str], Path], onto: pj.Ontology) -> None:
    cohort = pj.read_cohort(shared_data("cohorts/phenopacket-store-dev.jsonl.gz"))
    result = pj.discover(cohort, "PTPN11", k=3, ontology=onto, **SETTINGS)
    of = {a["column"]: a for a in result.run["associations"]}
    assert of["disease"]["adjusted_mutual_information"] > 0.6
