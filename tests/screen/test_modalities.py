"""A row for each gene and modality: faces are found by faces, terms by terms, and neither leaks into the other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from screen.make_cohort import make_cohort
from screen.make_faces import as_embeddings, make_vectors

from phenojax import compare, load_ontology, screen
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.face.of_cohort import faces_of
from phenojax.report import render
from phenojax.screen import Modality, ScreenConfig, ScreenResult
from phenojax.screen.covariates import Covariate
from phenojax.screen.gene import compare_sets, screen_gene
from phenojax.screen.plan import match_controls
from phenojax.screen.prepare import Prepared, prepare
from phenojax.stats import benjamini_hochberg, benjamini_yekutieli

SETTINGS: dict[str, Any] = {"permutations": 999, "seed": 3}
THREE = ["hpo", "face", "both"]
Rows = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """ZTERMS shares terms, YFACE a face; the others nothing."""
    return make_cohort({"ZTERMS": 4}, {"YFACE": 4, "ANULL": 4, "BNULL": 4, "CNULL": 3, "DNULL": 5})


@pytest.fixture(scope="module")
def vectors(cohort: Cohort) -> Any:
    return make_vectors(cohort, {"YFACE"}, missing=0.15)


@pytest.fixture(scope="module")
def result(cohort: Cohort, vectors: Any) -> ScreenResult:
    return screen(cohort, as_embeddings(cohort.ids, vectors), **SETTINGS)


def _rows(result: ScreenResult) -> Rows:
    return {(row["gene"], row["modality"]): row for row in result.table.to_pylist()}


def test_every_gene_has_a_row_for_each_modality_in_one_order(cohort: Cohort, result: ScreenResult) -> None:
    genes = sorted({i.gene for i in cohort if i.gene})
    assert list(_rows(result)) == [(gene, modality) for gene in genes for modality in THREE]
    assert result.run["modalities"] == THREE


def test_a_shared_face_is_found_by_face_and_by_both_and_not_by_terms(result: ScreenResult) -> None:
    rows = _rows(result)
    for modality in ("face", "both"):
        assert rows["YFACE", modality]["auc"] > 0.85
        assert rows["YFACE", modality]["p_value"] <= 0.02
        assert rows["YFACE", modality]["brier"] < 0.2
    assert rows["YFACE", "hpo"]["p_value"] > 0.05
    assert rows["YFACE", "hpo"]["auc"] < 0.75


def test_shared_terms_are_found_by_terms_and_by_both_and_not_by_face(result: ScreenResult) -> None:
    rows = _rows(result)
    for modality in ("hpo", "both"):
        assert rows["ZTERMS", modality]["auc"] > 0.85
        assert rows["ZTERMS", modality]["p_value"] <= 0.02
    assert rows["ZTERMS", "face"]["p_value"] > 0.05


def test_genes_without_either_are_not_found(result: ScreenResult) -> None:
    null = [row for (gene, _), row in _rows(result).items() if gene.endswith("NULL")]
    assert {row["status"] for row in null} == {"ok"}
    assert min(row["p_value"] for row in null) > 0.01


def test_nothing_of_a_face_reaches_what_is_said_of_terms(cohort: Cohort, result: ScreenResult) -> None:
    without = screen(cohort, **SETTINGS)
    only = screen(cohort, as_embeddings(cohort.ids, make_vectors(cohort)), modality="hpo", **SETTINGS)
    assert without.run["modalities"] == only.run["modalities"] == ["hpo"]
    for table in ("table", "predictions"):
        mine = getattr(result, table)
        terms_alone = mine.filter(pc.equal(mine["modality"], "hpo"))
        assert terms_alone.equals(getattr(without, table))
        assert terms_alone.equals(getattr(only, table))
    assert result.explanations.equals(without.explanations)


def test_a_modality_asked_for_alone_gives_the_rows_it_has_among_others(
    cohort: Cohort, vectors: Any, result: ScreenResult
) -> None:
    for modality in ("face", "both"):
        alone = screen(cohort, vectors, modality=modality, **SETTINGS)
        assert alone.table.equals(result.table.filter(pc.equal(result.table["modality"], modality)))
        assert (alone.explanations.num_rows > 0) == (modality == "both")


def test_the_order_of_the_embeddings_means_nothing(cohort: Cohort, vectors: Any, result: ScreenResult) -> None:
    order = np.random.default_rng(0).permutation(len(cohort))
    shuffled = as_embeddings([cohort.ids[row] for row in order], vectors[order])
    again = screen(cohort, shuffled, threads=1, **SETTINGS)
    assert again.table.equals(result.table)
    assert again.predictions.equals(result.predictions)
    assert screen(cohort, vectors, **SETTINGS).table.equals(result.table), "an array in the order of the cohort"


def test_the_length_of_a_vector_means_nothing(cohort: Cohort, vectors: Any, result: ScreenResult) -> None:
    longer = vectors * np.random.default_rng(0).choice([0.25, 2.0, 8.0], (len(vectors), 1)).astype(np.float32)
    assert screen(cohort, longer, **SETTINGS).table.equals(result.table)


def test_each_test_holds_those_who_have_what_it_looks_at(cohort: Cohort, vectors: Any, result: ScreenResult) -> None:
    has_face = dict(zip(cohort.ids, ~np.isnan(vectors).any(axis=1), strict=True))
    predictions = result.predictions.to_pylist()
    assert all(has_face[row["id"]] for row in predictions if row["modality"] == "face")
    assert not all(has_face[row["id"]] for row in predictions if row["modality"] == "both")
    for (gene, modality), row in _rows(result).items():
        with_face = sum(bool(has_face[i.id]) for i in cohort if i.gene == gene)
        everybody = sum(i.gene == gene for i in cohort)
        assert row["n_cases"] == (with_face if modality == "face" else everybody)
        if with_face < everybody:
            lacking = everybody - with_face
            assert (f"{lacking} without an embedded photograph left out" in row["note"]) == (modality == "face")
            assert (f"{lacking} of {everybody} cases have no embedded photograph" in row["note"]) == (
                modality == "both"
            )


def test_q_values_are_over_the_tests_of_one_modality(result: ScreenResult) -> None:
    for modality in THREE:
        part = result.table.filter(pc.equal(result.table["modality"], modality))
        p = np.array(part["p_value"].to_pylist())
        np.testing.assert_array_equal(part["q_value"].to_numpy(), benjamini_hochberg(p))
        np.testing.assert_array_equal(part["q_value_by"].to_numpy(), benjamini_yekutieli(p))
        assert set(part["status"].to_pylist()) == {"ok"}


def test_a_gene_with_few_photographs_says_so_and_is_tested_by_its_terms(cohort: Cohort) -> None:
    # half of the others lack one too, so that there are several controls of each kind for a case
    few = make_vectors(cohort, missing=0.5)
    carriers = [row for row, i in enumerate(cohort) if i.gene == "ZTERMS"]
    few[carriers[3:]] = np.nan
    few[carriers[:3]] = 1.0
    rows = _rows(screen(cohort, few, genes=["ZTERMS"], **SETTINGS))
    row = rows["ZTERMS", "face"]
    assert (row["status"], row["n_cases"], row["p_value"]) == ("too_few_cases", 3, None)
    assert row["note"] == "fewer than 5 cases; 9 without an embedded photograph left out"
    assert rows["ZTERMS", "both"]["n_cases"] == 12
    assert "9 of 12 cases have no embedded photograph" in rows["ZTERMS", "both"]["note"]
    assert rows["ZTERMS", "both"]["p_value"] <= 0.02


def test_who_has_a_photograph_and_no_terms_counts_by_it(cohort: Cohort) -> None:
    vectors = make_vectors(cohort, {"YFACE"})
    bare = Cohort(tuple(replace(i, observed=()) if n % 3 == 0 else i for n, i in enumerate(cohort)), "some without")
    rows = _rows(screen(bare, vectors, genes=["YFACE"], **SETTINGS))
    n_bare = sum(i.gene == "YFACE" and not i.observed for i in bare)
    assert n_bare > 0
    assert [rows["YFACE", modality]["n_cases"] for modality in THREE] == [12 - n_bare, 12, 12]
    assert f"{n_bare} of 12 cases have no observed term" in rows["YFACE", "both"]["note"]
    assert rows["YFACE", "both"]["p_value"] <= 0.02


def test_faces_alone_make_a_cohort(cohort: Cohort) -> None:
    bare = Cohort(tuple(replace(i, observed=()) for i in cohort), "faces alone")
    vectors = make_vectors(cohort, {"YFACE"})
    result = screen(bare, vectors, **SETTINGS)
    assert set(result.table["modality"].to_pylist()) == {"face"}
    assert _rows(result)["YFACE", "face"]["p_value"] <= 0.02
    assert result.explanations.num_rows == 0
    with pytest.raises(ConfigError, match="modality='both' looks at terms too, and no individual has an observed one"):
        screen(bare, vectors, modality="both", **SETTINGS)


# Carriers are photographed far more often than others, and neither faces nor terms have anything in common.


@pytest.fixture(scope="module")
def lopsided() -> Prepared:
    made = make_cohort({}, {f"NULL{k}": 4 for k in range(24)}, seed=2)
    rng = np.random.default_rng(4)
    often = np.array([int(str(i.gene)[4:]) < 12 for i in made])
    photographed = rng.random(len(made)) < np.where(often, 0.9, 0.4)
    described = ~photographed | (rng.random(len(made)) < np.where(often, 0.6, 0.9))
    vectors = make_vectors(made, seed=5)
    vectors += np.linspace(0, 3, len(made), dtype=np.float32)[:, None] % 1.7  # some faces resemble all others
    vectors[~photographed] = np.nan
    cohort = Cohort(
        tuple(i if has else replace(i, observed=()) for i, has in zip(made, described, strict=True)), "lopsided"
    )
    config = ScreenConfig(permutations=199, threads=1, min_controls=24)
    return prepare(cohort, load_ontology(), config, faces_of(cohort, vectors))


def test_who_was_photographed_tells_no_case_from_a_control(lopsided: Prepared) -> None:
    p = []
    for k in range(12):
        gene = f"NULL{k}"
        rows = np.array([row for row, i in enumerate(lopsided.cohort) if i.gene == gene])
        found = screen_gene(lopsided, gene, rows, Modality.BOTH)
        assert found.plan is not None
        assert found.test is not None
        kinds, labels = lopsided.kinds[found.plan.rows], found.plan.labels
        share_of_cases = np.bincount(kinds[labels], minlength=4) / labels.sum()
        share_of_controls = np.bincount(kinds[~labels], minlength=4) / (~labels).sum()
        # the last round of choosing may not reach every case
        np.testing.assert_allclose(share_of_controls, share_of_cases, atol=0.1)
        everybody = np.bincount(lopsided.kinds, minlength=4) / len(lopsided.kinds)
        assert share_of_cases[2:].sum() > everybody[2:].sum(), "carriers have photographs more often"
        p.append(found.test.p_value)
    # twelve nulls: one at most .01 would come once in nine runs, two once in 170, and the seed is fixed
    assert sum(value <= 0.01 for value in p) < 2
    assert np.mean(p) > 0.3


def _null_comparisons(prepared: Prepared) -> list[float]:
    """p of twelve comparisons of a gene that is photographed often with two that are not."""
    rows = {k: np.array([r for r, i in enumerate(prepared.cohort) if i.gene == f"NULL{k}"]) for k in range(24)}
    p = []
    for k in range(12):
        others = np.concatenate([rows[12 + k], rows[12 + (k + 1) % 12]])
        found = compare_sets(prepared, f"comparison {k}", rows[k], others, Modality.BOTH)
        assert found.test is not None
        p.append(found.test.p_value)
    return p


def test_a_set_that_was_photographed_more_often_does_not_differ_for_that(lopsided: Prepared) -> None:
    assert sum(p <= 0.05 for p in _null_comparisons(lopsided)) <= 2
    assert lopsided.faces is not None
    # what filling in a zero for each missing photograph would have found in the same cohort
    everybody = np.ones(len(lopsided.cohort), dtype=bool)
    imputed = replace(lopsided, faces=replace(lopsided.faces, present=everybody))
    assert sum(p <= 0.05 for p in _null_comparisons(imputed)) >= 5


def test_a_case_whose_like_nobody_else_is_is_left_out_and_said_so(cohort: Cohort) -> None:
    """One gene alone was photographed."""
    vectors = np.full((len(cohort), 4), np.nan)
    carriers = [row for row, i in enumerate(cohort) if i.gene == "YFACE"]
    vectors[carriers] = np.random.default_rng(0).normal(size=(12, 4)) + 3.0
    vectors[carriers[:6]] = np.nan
    rows = _rows(screen(cohort, vectors, genes=["YFACE"], **SETTINGS))
    assert rows["YFACE", "hpo"]["status"] == "ok"
    assert rows["YFACE", "face"]["status"] == "failed"
    assert rows["YFACE", "both"]["n_cases"] == 6
    assert "6 left out because too few possible controls have the same" in rows["YFACE", "both"]["note"]


def test_controls_are_of_their_cases_kind_and_every_kind_has_as_many_for_each_case() -> None:
    kinds = np.array([1, 1, 3, 3, *[1] * 20, *[3] * 5, *[2] * 6])
    n = len(kinds)
    covariates = (Covariate("terms", np.full(n, 8.0)),)
    plan = match_controls(np.random.default_rng(0), np.arange(4), np.arange(4, n), covariates, 16, kinds)
    assert plan.matched_sets is not None
    np.testing.assert_array_equal(kinds[plan.rows], kinds[plan.rows[plan.matched_sets]])
    # of the scarcest kind there are five for two cases: two each, for everybody
    np.testing.assert_array_equal(np.bincount(plan.matched_sets), 3)


def test_compare_looks_at_faces_too(cohort: Cohort, vectors: Any) -> None:
    labelled = Cohort(tuple(replace(i, label=str(i.gene == "YFACE")) for i in cohort), "labelled")
    result = compare(labelled, embeddings=as_embeddings(cohort.ids, vectors), **SETTINGS)
    rows = {row["modality"]: row for row in result.table.to_pylist()}
    assert list(rows) == THREE
    assert rows["face"]["p_value"] <= 0.02
    assert rows["both"]["p_value"] <= 0.02
    assert rows["hpo"]["p_value"] > 0.05
    assert "cases have no embedded photograph" in rows["both"]["note"]
    assert "controls have no embedded photograph" in rows["both"]["note"]


def test_compare_within_a_gene_finds_the_faces_of_its_carriers(cohort: Cohort) -> None:
    sites = tuple("ab"[n % 2] for n in range(len(cohort)))
    vectors = make_vectors(cohort)
    vectors[1::2] += np.float32(4) * np.linspace(-1, 1, vectors.shape[1], dtype=np.float32)
    of_sites = Cohort(cohort.individuals, "sites", {"site": sites})
    result = compare(of_sites, by="site", gene="DNULL", group=None, embeddings=vectors, **SETTINGS)
    rows = {row["modality"]: row for row in result.table.to_pylist()}
    assert rows["face"]["auc"] > 0.9
    assert rows["face"]["n_cases"] + rows["face"]["n_controls"] == 15
    assert result.run["faces"]["n_individuals"] == 15


@pytest.mark.parametrize("classifier", ["ensemble", "kernel", "prototype"])
def test_every_classifier_looks_at_faces(cohort: Cohort, vectors: Any, classifier: str) -> None:
    rows = _rows(screen(cohort, vectors, genes=["YFACE", "ANULL"], classifier=classifier, **SETTINGS))
    for modality in ("face", "both"):
        assert rows["YFACE", modality]["p_value"] <= 0.02
        assert rows["ANULL", modality]["p_value"] > 0.02


def test_identical_faces_say_nothing_and_end_nothing(cohort: Cohort) -> None:
    rows = _rows(screen(cohort, np.ones((len(cohort), 3)), genes=["YFACE"], modality="face", **SETTINGS))
    assert (rows["YFACE", "face"]["auc"], rows["YFACE", "face"]["p_value"]) == (0.5, 1.0)


def test_the_run_names_models_licences_and_how_many_had_a_face(cohort: Cohort, vectors: Any, tmp_path: Path) -> None:
    few = as_embeddings([*cohort.ids[:40], "somebody else"], vectors[:41])
    run = screen(cohort, few, genes=["YFACE"], permutations=1).run
    assert run["faces"]["n_individuals"] == int((~np.isnan(vectors[:40]).any(axis=1)).sum())
    assert [model["name"] for model in run["faces"]["models"]] == ["dlib-resnet", "dlib-mmod", "dlib-shape-5"]
    assert "1 embeddings of ids that the cohort does not know left out" in run["notes"]
    assert screen(cohort, genes=["YFACE"], permutations=1).run["faces"] is None


def test_the_report_says_which_modality_each_row_is_of(result: ScreenResult, tmp_path: Path) -> None:
    page = render(ScreenResult.read(result.write(tmp_path)))
    for modality in THREE:
        assert page.count(f"<td>{modality}</td>") == 6
    assert re.search(r'<h3>YFACE</h3>\s*<span class="facts">(face|both): AUC', page)
    assert "This test looked at faces alone" not in page
    assert "By each modality" in page
    of_faces = result.table.filter(pc.equal(result.table["modality"], "face"))
    alone = render(replace(result, table=of_faces, explanations=result.explanations.slice(0, 0)))
    assert "This test looked at faces alone" in alone
    assert "By each modality" not in alone
    assert "individuals with a face" in page
    assert "does not tell cases from them" in page
    assert "dlib-resnet; licence of the weights: " in page


def test_the_report_of_a_comparison_does_not_claim_that_anybody_was_matched(cohort: Cohort, vectors: Any) -> None:
    labelled = Cohort(tuple(replace(i, label=str(i.gene == "YFACE")) for i in cohort), "labelled")
    page = render(compare(labelled, embeddings=vectors, permutations=19))
    assert "the note says who lacks what" in page
    assert "does not tell cases from them" not in page
