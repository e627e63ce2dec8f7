"""A note names what predicts the label without any phenotype, such as 18 terms against 8 of the same diseases."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from screen.make_cohort import make_cohort
from screen.make_depth_cohort import make_depth_cohort

from phenojax import compare, screen
from phenojax.cohort import Cohort, Sex
from phenojax.errors import ConfigError

SETTINGS: dict[str, Any] = {"permutations": 199, "seed": 1}


@pytest.fixture(scope="module")
def depth() -> Cohort:
    """Two labels of 20, one with 18 terms and one with 8; nothing else differs."""
    return make_depth_cohort(["G"] * 40, [True] * 20 + [False] * 20)


def test_thorough_descriptions_are_named_as_what_predicts_the_label(
    depth: Cohort, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "phenojax"):
        (row,) = compare(depth, group=None, **SETTINGS).table.to_pylist()
    assert "the label is predicted by the number of terms alone (AUC 1.00)" in row["note"]
    assert [r.getMessage().count("number of terms") for r in caplog.records] == [1]
    assert "in 1 of 1 tests something other than the phenotype predicts the label" in caplog.text


def test_who_is_matched_on_the_number_of_terms_is_not_told_by_it() -> None:
    """Carriers of G have 18 terms, a quarter of the others have: matched, only those are controls."""
    genes = ["G"] * 12 + [f"N{k}" for k in range(24) for _ in range(12)]
    thorough = [True] * 12 + [k % 4 == 0 for k in range(288)]
    cohort = make_depth_cohort(genes, thorough, per_publication=3)
    settings = SETTINGS | {"genes": ["G"], "min_controls": 40}
    matched, unmatched, other = (
        screen(cohort, covariates=names, **settings).table.to_pylist()[0]
        for names in (("terms", "sex", "age"), (), "sex")
    )
    assert "predicted by" not in matched["note"]
    assert "predicted by the number of terms alone" in unmatched["note"]
    assert "predicted by the number of terms alone" in other["note"]
    assert matched["p_value"] > 0.05


def test_genes_without_anything_are_told_by_a_covariate_no_more_often_than_by_chance() -> None:
    cohort = make_cohort({}, {f"N{k:02d}": 4 for k in range(40)}, seed=3)
    notes = screen(cohort, permutations=9, seed=2, min_controls=30).table["note"].to_pylist()
    # 40 genes, 4 covariates at .01: more than 5 of them come once in 500 runs
    assert sum("predicted by" in note for note in notes) <= 5


def test_sex_that_goes_with_the_label_is_named_and_strata_of_it_take_it_out() -> None:
    made = make_cohort({}, {"M": 10, "N": 10}, per_publication=2)
    rng = np.random.default_rng(0)
    sexes = [Sex.MALE if rng.random() < (0.9 if i.gene == "M" else 0.2) else Sex.FEMALE for i in made]
    cohort = Cohort(tuple(replace(i, sex=sex, group=None) for i, sex in zip(made, sexes, strict=True)), "sexes")
    free, held = (
        compare(cohort, by="gene", stratify=names, **SETTINGS).table.to_pylist()[0] for names in ((), ("sex",))
    )
    assert "predicted by sex (male) alone" in free["note"]
    assert "predicted by" not in held["note"]


def test_a_column_is_looked_at_when_it_is_named_and_not_when_it_is_the_label() -> None:
    cohort = make_cohort({}, {"M": 10, "N": 10}, per_publication=2)
    sites = tuple("NL" if i.gene == "M" else "UK" for i in cohort)
    cohort = Cohort(cohort.individuals, "sites", {"site": sites})
    unnamed, named, compared = (
        compare(cohort, by=by, covariates=names, **SETTINGS).table.to_pylist()[0]
        for by, names in (("gene", ("terms",)), ("gene", ("terms", "site")), ("site", ("terms", "site")))
    )
    assert "predicted by site (NL) alone (AUC 1.00)" in named["note"]
    assert "predicted by" not in unnamed["note"]
    assert "predicted by" not in compared["note"]


def test_labels_cannot_be_kept_inside_strata_of_themselves(depth: Cohort) -> None:
    with pytest.raises(ConfigError, match="stratify names 'label', which is compared"):
        compare(depth, stratify="label", **SETTINGS)


def test_strata_leave_fewer_labellings_and_min_p_says_so() -> None:
    """Four of each label, of each two female: 6 x 6 labellings, not 70. All are alike turned round."""
    made = make_cohort({}, {"M": 4, "N": 4}, per_publication=1)
    individuals = [replace(i, sex=(Sex.FEMALE, Sex.MALE)[k % 2]) for k, i in enumerate(made)]
    settings = SETTINGS | {"by": "gene", "min_cases": 4}
    free, held = (
        compare(Cohort(tuple(individuals), "eight"), stratify=names, **settings).table["min_p"][0].as_py()
        for names in ((), ("sex",))
    )
    assert free == pytest.approx(2 / 70)
    assert held == pytest.approx(2 / 36)
