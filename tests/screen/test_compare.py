"""`compare`: do two labelled sets differ, and does a group that holds both decide it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from screen.make_cohort import make_cohort

from phenojax import compare, read_cohort
from phenojax.cohort import Cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.similarity import PHENOSCORE_FILTER

SETTINGS: dict[str, Any] = {"permutations": 199, "seed": 1}


def _labelled(planted: dict[str, int], null: dict[str, int], names: tuple[str, str], seed: int = 0) -> Cohort:
    """Carriers of planted genes have the first name as their label."""
    cohort = make_cohort(planted, null, seed=seed)
    return Cohort(tuple(replace(i, label=names[i.gene not in planted]) for i in cohort), "labelled")


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return _labelled({"P": 5}, {"N": 5}, ("case", "control"))


def test_satb1_is_told_from_its_controls(shared_data: Callable[[str], Path]) -> None:
    cohort = read_cohort(shared_data("phenoscore/satb1_data.xlsx"))
    rows = [
        compare(cohort, ic="phenopy", exclude_terms=PHENOSCORE_FILTER, seed=seed).table.to_pylist()[0]
        for seed in range(2)
    ]
    assert {(row["status"], row["n_cases"], row["n_controls"]) for row in rows} == {("ok", 8, 8)}
    assert {(row["p_method"], row["n_permutations"]) for row in rows} == {("exact", 12_869)}
    # everybody is left out in turn and every labelling looked at: nothing depends on the seed
    assert len({(row["auc"], row["p_value"], row["p_mmd"]) for row in rows}) == 1
    assert rows[0]["auc"] == pytest.approx(0.875, abs=0.02)
    assert rows[0]["p_value"] <= 0.03


def test_a_difference_that_is_there_is_found(cohort: Cohort) -> None:
    result = compare(cohort, **SETTINGS)
    (row,) = result.table.to_pylist()
    assert row["gene"] == "label: case vs control"
    assert (row["n_cases"], row["n_controls"], row["n_groups"]) == (15, 15, 5)
    assert row["auc"] > 0.8
    # 252 ways to deal ten publications: all are looked at
    assert (row["p_method"], row["n_permutations"], row["min_p"]) == ("exact", 251, 2 / 252)
    assert row["p_value"] <= 6 / 252
    assert result.run["kind"] == "compare"


def test_carriers_of_one_phenotype_are_told_from_others_in_every_cohort() -> None:
    made = [_labelled({"P": 5}, {"N": 5}, ("case", "control"), seed) for seed in range(6)]
    rows = [compare(one, **SETTINGS).table.to_pylist()[0] for one in made]
    # ten publications of three: the AUC of one cohort has a standard deviation of .06
    assert np.mean([row["auc"] for row in rows]) > 0.9
    assert max(row["p_value"] for row in rows) <= 0.03


def test_a_difference_that_is_not_there_is_not_found() -> None:
    p = [
        compare(_labelled({}, {"M": 5, "N": 5}, ("x", "x"), seed), by="gene", **SETTINGS).table["p_value"][0].as_py()
        for seed in range(4)
    ]
    assert min(p) > 0.01
    assert len(set(p)) > 1


@pytest.mark.parametrize(
    ("names", "positive", "expected"),
    [
        (("1", "0"), None, "label: 1 vs 0"),
        (("0", "1"), None, "label: 1 vs 0"),
        (("healthy", "patient"), None, "label: patient vs healthy"),
        (("TRUE", "FALSE"), None, "label: TRUE vs FALSE"),
        (("missense", "truncating"), None, "label: missense vs truncating"),
        (("missense", "truncating"), "truncating", "label: truncating vs missense"),
    ],
)
def test_which_value_marks_a_case(names: tuple[str, str], positive: str | None, expected: str) -> None:
    cohort = _labelled({"P": 2}, {"N": 3}, names)
    result = compare(cohort, positive=positive, **SETTINGS)
    (row,) = result.table.to_pylist()
    assert row["gene"] == expected
    value = expected.removeprefix("label: ").split(" vs ")[0]
    labels = {i.id: i.label for i in cohort}
    assert {labels[r["id"]] for r in result.predictions.to_pylist() if r["is_case"]} == {value}


def test_a_column_that_cannot_be_compared_is_refused(cohort: Cohort) -> None:
    with pytest.raises(CohortError, match=r"no column 'site'; there are .*label"):
        compare(cohort, by="site")
    with pytest.raises(ConfigError, match="'group' must hold exactly two different values to compare; it holds 10"):
        compare(cohort, by="group")
    with pytest.raises(ConfigError, match="positive is 'ill', but column 'label' holds 'case' and 'control'"):
        compare(cohort, positive="ill")
    unlabelled = Cohort(tuple(replace(i, label=None) for i in cohort), "unlabelled")
    with pytest.raises(ConfigError, match="holds 0: none"):
        compare(unlabelled)
    with pytest.raises(CohortError, match="no individual carries Q"):
        compare(cohort, gene="Q")


def test_only_carriers_of_a_gene_are_compared_when_asked(cohort: Cohort) -> None:
    sites = tuple("ab"[n % 2] for n in range(len(cohort)))
    result = compare(Cohort(cohort.individuals, "sites", {"site": sites}), by="site", gene="P", **SETTINGS)
    (row,) = result.table.to_pylist()
    assert row["gene"] == "P, site: a vs b"
    assert row["n_cases"] + row["n_controls"] == 15


def test_a_publication_that_holds_both_is_permuted_inside(cohort: Cohort) -> None:
    # one case and two controls in each of four publications: 3 ** 4 ways, where free swapping would give 495
    individuals = [replace(i, label="10"[n % 3 > 0]) for n, i in enumerate(cohort) if n < 12]
    mixed = compare(Cohort(tuple(individuals), "mixed"), min_cases=2, **SETTINGS | {"permutations": 999})
    free = compare(Cohort(tuple(individuals), "mixed"), min_cases=2, group=None, **SETTINGS | {"permutations": 999})
    assert mixed.table["min_p"][0].as_py() == pytest.approx(1 / 81)
    assert free.table["min_p"][0].as_py() == pytest.approx(1 / 495)
    rows = mixed.predictions.to_pylist()
    assert len({(r["group"], r["fold"]) for r in rows}) == 4


def test_a_publication_is_not_mistaken_for_a_difference() -> None:
    """Four publications, each with the panel of terms of its label: an individual's label is its publication's."""
    two = make_cohort({}, {"M": 2, "N": 2}, per_publication=5)
    panels = {"M": ("HP:0001250", "HP:0001263"), "N": ("HP:0000252", "HP:0000729")}
    individuals = tuple(replace(i, observed=(*i.observed[:3], *panels[str(i.gene)])) for i in two)
    cohort = Cohort(individuals, "panels")
    grouped, plain = (
        compare(cohort, by="gene", group=group, **SETTINGS).table.to_pylist()[0] for group in ("group", None)
    )
    assert plain["p_value"] <= 0.05
    # four publications, two of them cases: no p-value below one in six
    assert grouped["min_p"] == pytest.approx(2 / 6)
    assert grouped["p_value"] >= 0.1


def test_a_set_that_is_too_small_is_listed_and_not_tested(cohort: Cohort) -> None:
    few = Cohort(tuple(i for i in cohort if i.label == "control" or i.id.startswith("P-0")), "few")
    (row,) = compare(few, **SETTINGS).table.to_pylist()
    assert (row["status"], row["n_cases"], row["p_value"]) == ("too_few_cases", 3, None)
    assert "a set has 3 individuals, fewer than 5" in row["note"]


@pytest.mark.parametrize("classifier", ["ensemble", "kernel", "prototype"])
def test_one_seed_gives_one_result(cohort: Cohort, classifier: str) -> None:
    a, b = (compare(cohort, classifier=classifier, threads=threads, **SETTINGS) for threads in (1, 3))
    assert a.table.equals(b.table)
    assert a.predictions.equals(b.predictions)
    probabilities = np.array(a.predictions["probability"].to_pylist())
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_a_set_from_one_publication_is_compared_inside_it(cohort: Cohort) -> None:
    """All cases and eight controls come from one paper; the controls of other papers would only confound."""
    controls = [i.id for i in cohort if i.label == "control"][:8]
    shared = Cohort(
        tuple(replace(i, group="PMID:1") if i.label == "case" or i.id in controls else i for i in cohort), "shared"
    )
    (row,) = compare(shared, **SETTINGS).table.to_pylist()
    assert (row["status"], row["n_cases"], row["n_controls"]) == ("ok", 15, 8)
    assert "7 of other groups left out" in row["note"]


def test_two_sets_of_one_publication_are_not_confounded_by_it(cohort: Cohort) -> None:
    shared = Cohort(tuple(replace(i, group="PMID:1") for i in cohort), "shared")
    (row,) = compare(shared, **SETTINGS).table.to_pylist()
    assert (row["status"], row["n_cases"], row["n_controls"], row["n_groups"]) == ("ok", 15, 15, 1)
