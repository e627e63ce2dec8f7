"""`screen`: a row for every gene, small p where a phenotype is shared, and the same numbers whoever computes them."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from screen.make_cohort import PLANTED_TERMS, make_cohort
from threadpoolctl import threadpool_info, threadpool_limits

from phenojax import load_ontology, screen
from phenojax.cohort import Cohort, Individual
from phenojax.screen import ScreenResult
from phenojax.stats import benjamini_hochberg, benjamini_yekutieli

SETTINGS: dict[str, Any] = {"permutations": 199, "seed": 3}
PLANTED = {"ZPLANT": 4}
NULL = {"BNULL": 4, "ANULL": 4, "CNULL": 3, "DNULL": 3, "ENULL": 5, "FNULL": 3}
EMPTY = Individual("no terms", gene="ZPLANT", group="PMID:empty")


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Six null genes, a planted one, one with too few carriers, one of a single publication, one without terms."""
    made = make_cohort(PLANTED, NULL | {"GFEW": 1})
    single = make_cohort({}, {"HSINGLE": 1}, seed=5, per_publication=6)
    return Cohort((*made.individuals, *single.individuals, EMPTY, Individual("no gene")), "hand-made")


@pytest.fixture(scope="module")
def result(cohort: Cohort) -> ScreenResult:
    return screen(cohort, threads=2, **SETTINGS)


def _rows(result: ScreenResult) -> dict[str, dict[str, Any]]:
    return {row["gene"]: row for row in result.table.to_pylist()}


def test_every_gene_has_one_row_in_alphabetical_order(cohort: Cohort, result: ScreenResult) -> None:
    assert result.table["gene"].to_pylist() == sorted({i.gene for i in cohort if i.gene})


def test_a_phenotype_shared_across_publications_is_found_and_its_terms_named(result: ScreenResult) -> None:
    row = _rows(result)["ZPLANT"]
    assert row["status"] == "ok"
    assert row["p_value"] <= 0.02
    assert row["q_value"] <= 0.1
    assert row["auc"] > 0.85
    assert row["auc_low"] > 0.6
    assert row["brier"] < 0.2
    explained = [r for r in result.explanations.to_pylist() if r["gene"] == "ZPLANT"]
    ontology = load_ontology()
    carried = {*PLANTED_TERMS, *(above for term in PLANTED_TERMS for above in ontology.ancestors(term))}
    assert {r["term_id"] for r in explained[:4]} <= carried
    assert sum(r["term_id"] in PLANTED_TERMS and r["q_value"] < 0.05 for r in explained) >= 3


def test_genes_without_a_phenotype_are_not_found(result: ScreenResult) -> None:
    rows = [_rows(result)[gene] for gene in NULL]
    assert {row["status"] for row in rows} == {"ok"}
    # six of them: a p-value of .01 or less would come once in 17 runs, and the seed is fixed
    assert min(row["p_value"] for row in rows) > 0.01
    assert np.mean([row["auc"] for row in rows]) < 0.7


def test_controls_share_neither_the_gene_nor_a_publication_with_a_case(cohort: Cohort, result: ScreenResult) -> None:
    gene_of = {individual.id: individual.gene for individual in cohort}
    predictions = result.predictions.to_pylist()
    for gene in set(result.predictions["gene"].to_pylist()):
        mine = [row for row in predictions if row["gene"] == gene]
        cases, controls = ([row for row in mine if row["is_case"] is is_case] for is_case in (True, False))
        assert {gene_of[row["id"]] for row in cases} == {gene}
        assert gene not in {gene_of[row["id"]] for row in controls}
        assert {row["group"] for row in cases}.isdisjoint(row["group"] for row in controls)
        assert len({row["id"] for row in mine}) == len(mine)
        fold_of_group = {(row["group"], row["fold"]) for row in mine if row["group"] is not None}
        if _rows(result)[gene]["status"] == "ok":
            assert len(fold_of_group) == len({group for group, _ in fold_of_group})
        assert len(cases) == _rows(result)[gene]["n_cases"]
        assert len(controls) == _rows(result)[gene]["n_controls"]


def test_a_gene_with_too_few_cases_is_listed_and_not_tested(result: ScreenResult) -> None:
    row = _rows(result)["GFEW"]
    assert (row["status"], row["n_cases"], row["auc"], row["p_value"]) == ("too_few_cases", 3, None, None)
    assert "fewer than 5 cases" in row["note"]
    assert {"gene": "GFEW", "modality": "hpo", "status": "too_few_cases", "why": row["note"]} in result.run["left_out"]


def test_a_gene_of_one_publication_is_marked(result: ScreenResult) -> None:
    row = _rows(result)["HSINGLE"]
    assert (row["status"], row["n_groups"]) == ("single_group", 1)
    assert "PMID:HSINGLE0" in row["note"]
    assert 0 < row["p_value"] <= 1
    # its p-value holds for individuals and not for the publication, so that it is none of those corrected
    assert (row["q_value"], row["q_value_by"]) == (None, None)


def test_q_values_are_over_the_tests_across_publications(result: ScreenResult) -> None:
    tested = [row for row in result.table.to_pylist() if row["status"] == "ok"]
    p = np.array([row["p_value"] for row in tested])
    assert len(p) == len(PLANTED) + len(NULL)
    np.testing.assert_array_equal([row["q_value"] for row in tested], benjamini_hochberg(p))
    np.testing.assert_array_equal([row["q_value_by"] for row in tested], benjamini_yekutieli(p))


def test_a_carrier_without_terms_is_left_out_and_said_so(result: ScreenResult) -> None:
    row = _rows(result)["ZPLANT"]
    assert row["n_cases"] == 12
    assert "1 without an observed term left out" in row["note"]
    assert EMPTY.id not in result.predictions["id"].to_pylist()


def test_no_p_value_is_below_what_the_design_can_give(result: ScreenResult) -> None:
    tested = [row for row in result.table.to_pylist() if row["p_value"] is not None]
    assert {row["p_method"] for row in tested} == {"draws"}, "nothing here is small enough to be looked at whole"
    for row in tested:
        assert row["p_value"] >= row["min_p"]
        assert (row["n_permutations"], row["min_p"]) == (199, 1 / 200)
        assert 0 <= row["auc_low"] <= row["auc"] <= row["auc_high"] <= 1
        assert 0 <= row["ece"] <= 1
        assert 0 < row["p_mmd"] <= 1
        assert 0 <= row["power"] <= 1


def test_a_test_that_may_stop_early_finds_the_same_genes(cohort: Cohort) -> None:
    # of individuals, since there are too many labellings of them to look at each
    settings = SETTINGS | {"group": None, "genes": [*PLANTED, *NULL]}
    fixed, sequential = (_rows(screen(cohort, sequential=early, **settings)) for early in (False, True))
    assert {row["p_method"] for row in fixed.values()} == {"draws"}
    stopped = {gene for gene, row in sequential.items() if row["p_method"] == "stopped"}
    assert len(stopped) > len(NULL) / 2
    assert stopped <= NULL.keys()
    for gene, row in sequential.items():
        if gene in stopped:
            assert row["n_permutations"] < 199
            assert min(row["p_value"], fixed[gene]["p_value"]) > 0.05
            assert row["auc"] == fixed[gene]["auc"]
        else:
            assert row | {"q_value": None, "q_value_by": None} == fixed[gene] | {"q_value": None, "q_value_by": None}


def test_the_run_says_with_what_it_was_computed(result: ScreenResult) -> None:
    assert result.run["config"]["ic"] == "auto"
    assert result.run["information_content"] == "gene"
    classifier = result.run["classifier"]
    assert classifier["name"] == "ensemble"
    assert (classifier["prototype"], classifier["ridge"]["sharpness"]) == (1.0, 1.0)
    assert classifier["mixes"] == (0.1, 0.3, 0.5, 0.7, 0.9)
    penalties = classifier["ridge"]["penalties"]
    assert (len(penalties), penalties[0], penalties[-1]) == (8, 0.1, 100.0)


@pytest.mark.parametrize(
    ("classifier", "settings"),
    [
        ("kernel", {"name", "ridge", "mixes"}),
        ("prototype", {"name", "prototype_mix"}),
    ],
)
def test_the_run_names_no_setting_that_its_classifier_lacks(
    cohort: Cohort, classifier: str, settings: set[str]
) -> None:
    run = screen(cohort, genes=["GFEW"], classifier=classifier, **SETTINGS).run
    assert run["classifier"].keys() == settings


@pytest.mark.parametrize("threads", [1, 3])
def test_the_numbers_do_not_depend_on_the_number_of_threads(cohort: Cohort, result: ScreenResult, threads: int) -> None:
    again = screen(cohort, threads=threads, **SETTINGS)
    assert again.table.equals(result.table)
    assert again.predictions.equals(result.predictions)
    assert again.explanations.equals(result.explanations)


def test_another_seed_draws_other_numbers(cohort: Cohort, result: ScreenResult) -> None:
    again = screen(cohort, genes=["ENULL"], permutations=199, seed=4)
    assert _rows(again)["ENULL"]["p_value"] != _rows(result)["ENULL"]["p_value"]


def test_a_gene_scores_the_same_in_a_screen_of_few_genes(cohort: Cohort, result: ScreenResult) -> None:
    some = _rows(screen(cohort, genes=["ZPLANT", "BNULL"], **SETTINGS))
    assert list(some) == ["BNULL", "ZPLANT"]
    for gene, row in some.items():
        corrected = {"q_value": None, "q_value_by": None}
        assert row | corrected == _rows(result)[gene] | corrected


def test_a_gene_that_fails_says_why_and_the_others_go_on(cohort: Cohort) -> None:
    # every publication of the cohort also reports a carrier of EVERY, so that nobody is left as its control
    groups = list(dict.fromkeys(i.group for i in cohort if i.group))
    everywhere = [replace(cohort.individuals[0], id=f"x{n}", gene="EVERY", group=g) for n, g in enumerate(groups)]
    known = [i for i in cohort if i.group is not None]
    rows = _rows(screen(Cohort((*known, *everywhere), "mixed"), genes=["EVERY", "ENULL"], **SETTINGS))
    assert rows["EVERY"]["status"] == "failed"
    assert rows["EVERY"]["p_value"] is None
    assert "at least two groups" in rows["EVERY"]["note"]
    assert rows["ENULL"]["status"] == "ok"


def test_progress_counts_every_gene_once(cohort: Cohort) -> None:
    seen: list[tuple[int, int, str]] = []
    screen(cohort, genes=["ANULL", "GFEW"], progress=lambda *step: seen.append(step), **SETTINGS)
    assert [step[:2] for step in seen] == [(1, 2), (2, 2)]
    assert {step[2] for step in seen} == {"ANULL", "GFEW"}


def test_the_largest_genes_go_first_and_an_interruption_says_what_it_waits_for(
    cohort: Cohort, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[str] = []

    def interrupted(_done: int, _total: int, gene: str) -> None:
        begun.append(gene)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(cohort, progress=interrupted, **{**SETTINGS, "threads": 1})
    assert "stopping when the genes in work come to an end" in caplog.text
    sizes = {gene: sum(individual.gene == gene for individual in cohort) for gene in {i.gene for i in cohort} - {None}}
    assert sizes[begun[0]] == max(sizes.values())
    assert len(begun) == 1


def test_a_cohort_without_publications_is_tested_without_groups(cohort: Cohort) -> None:
    bare = Cohort(tuple(replace(i, group=None) for i in cohort), "no groups")
    result = screen(bare, genes=["ZPLANT"], **SETTINGS)
    row = _rows(result)["ZPLANT"]
    assert (row["status"], row["n_groups"]) == ("ok", None)
    assert any("tested without groups" in note for note in result.run["notes"])


def test_a_cohort_too_large_for_whole_matrices_gives_the_same_numbers(
    cohort: Cohort, result: ScreenResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("phenojax.screen.prepare"), "WHOLE_MATRIX_BYTES", 0)
    assert screen(cohort, **SETTINGS).table.equals(result.table)


def test_more_cases_than_a_sample_may_hold_are_drawn_and_said_so(cohort: Cohort, result: ScreenResult) -> None:
    gene = max(_rows(result).values(), key=lambda row: row["n_cases"])
    assert gene["n_cases"] > 8
    row = _rows(screen(cohort, **SETTINGS, genes=[gene["gene"]], max_individuals=16))[gene["gene"]]
    assert (row["n_cases"], row["status"]) == (8, "ok")
    assert f"8 of {gene['n_cases']} drawn at random" in row["note"]


def test_cases_without_a_publication_are_said_to_count_as_one_each(cohort: Cohort) -> None:
    gene = next(i.gene for i in cohort if i.gene is not None)
    first = next(i.id for i in cohort if i.gene == gene)
    changed = Cohort(tuple(replace(i, group=None) if i.id == first else i for i in cohort), "changed")
    assert "1 cases have no group" in _rows(screen(changed, **SETTINGS, genes=[gene]))[gene]["note"]


def test_the_run_says_what_knowledge_was_left_out(cohort: Cohort) -> None:
    ontology = load_ontology(without_references=["31675180"])
    found = screen(cohort, **SETTINGS | {"permutations": 1}, ontology=ontology).run["ontology"]
    assert found["without_references"] == ["PMID:31675180"]
    assert found["annotation_version"] == ontology.annotation_version


def test_while_genes_are_tested_the_matrix_library_starts_no_threads_and_then_may_again(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_module("phenojax.screen.run")
    threads: list[int] = []
    original = run.screen_gene

    def watched(*arguments: Any, **settings: Any) -> Any:
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return original(*arguments, **settings)

    monkeypatch.setattr(run, "screen_gene", watched)
    with threadpool_limits(2, "blas"):
        screen(cohort, genes=["ZPLANT"], **SETTINGS | {"permutations": 9})
        after = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    assert set(threads) == {1}
    assert after == {2}
