"""The order of the rows of a file is nothing of the individuals: it changes no number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from screen.make_cohort import make_cohort

from phenojax import compare, screen
from phenojax.cohort import Cohort

SETTINGS: dict[str, Any] = {"permutations": 99, "seed": 3, "min_controls": 30}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Some individuals of unknown publication, one publication of two genes, and a column."""
    made = make_cohort({"ZPLANT": 4}, {"ANULL": 4, "BNULL": 4, "CNULL": 3, "DNULL": 6}, seed=2)
    individuals = [replace(i, group=None) if k % 7 == 0 else i for k, i in enumerate(made)]
    individuals[20] = replace(individuals[20], group=individuals[21].group)
    return Cohort(tuple(individuals), "made", {"site": tuple("xyz"[k % 3] for k in range(len(made)))})


@pytest.fixture(scope="module")
def shuffled(cohort: Cohort) -> Cohort:
    return cohort.subset(np.random.default_rng(0).permutation(len(cohort)).tolist())


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"group": None},
        {"max_individuals": 16},
        {"covariates": ("terms", "site"), "stratify": ("sex",)},
        {"covariates": ()},
        {"controls": "all"},
    ],
)
def test_a_screen_of_shuffled_rows_is_the_same(cohort: Cohort, shuffled: Cohort, settings: dict[str, Any]) -> None:
    a, b = (screen(c, **SETTINGS | settings) for c in (cohort, shuffled))
    assert "ok" in a.table["status"].to_pylist()
    assert a.table.equals(b.table)
    assert a.predictions.equals(b.predictions)
    assert a.explanations.equals(b.explanations)


@pytest.mark.parametrize("settings", [{}, {"group": None}, {"stratify": "site"}, {"max_individuals": 16}])
def test_a_comparison_of_shuffled_rows_is_the_same(cohort: Cohort, shuffled: Cohort, settings: dict[str, Any]) -> None:
    genes = ("ZPLANT", "ANULL")
    a, b = (
        compare(c.subset([r for r, i in enumerate(c) if i.gene in genes]), by="gene", **SETTINGS | settings)
        for c in (cohort, shuffled)
    )
    assert a.table["status"].to_pylist() == ["ok"]
    assert a.table.equals(b.table)
    assert a.predictions.equals(b.predictions)
