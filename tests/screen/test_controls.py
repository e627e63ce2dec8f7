"""How many controls there are, who they are, and that several draws of them are one test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from screen.make_cohort import make_cohort

from phenojax import screen
from phenojax.cohort import Cohort
from phenojax.screen import ScreenResult

SETTINGS: dict[str, Any] = {"permutations": 99, "seed": 3, "genes": ["G"], "min_controls": 10}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Nine carriers of G and 90 of other genes, three to a publication."""
    return make_cohort({}, {"G": 3} | {f"N{k}": 3 for k in range(10)}, seed=4)


def _row(result: ScreenResult) -> dict[str, Any]:
    (row,) = result.table.to_pylist()
    return dict(row)


@pytest.mark.parametrize(("draws", "controls"), [(1, 36), (2, 72), (5, 90)])
def test_several_draws_of_controls_are_one_sample(cohort: Cohort, draws: int, controls: int) -> None:
    result = screen(cohort, control_draws=draws, **SETTINGS)
    row = _row(result)
    assert row["n_controls"] == controls
    # one test of all of them
    assert (row["p_method"], row["n_permutations"], row["min_p"]) == ("draws", 99, 0.01)
    ids = result.predictions["id"].to_pylist()
    assert len(set(ids)) == len(ids) == 9 + controls


def test_the_auc_of_the_joint_sample_is_the_average_over_draws_of_as_many() -> None:
    from phenojax.stats import auc

    rng = np.random.default_rng(0)
    cases, draws = rng.normal(0.5, 1, 9), rng.normal(0, 1, (4, 36))
    one = [auc(np.arange(45) < 9, np.concatenate([cases, draw])) for draw in draws]
    assert auc(np.arange(9 + 144) < 9, np.concatenate([cases, draws.ravel()])) == pytest.approx(np.mean(one))


@pytest.mark.parametrize("covariates", [("terms", "sex", "age"), ()])
def test_all_controls_are_everybody_without_the_gene(cohort: Cohort, covariates: tuple[str, ...]) -> None:
    result = screen(cohort, controls="all", covariates=covariates, **SETTINGS)
    assert _row(result)["n_controls"] == 90
    assert _row(result)["status"] == "ok"
    fewer = _row(screen(cohort, controls="all", covariates=covariates, max_individuals=60, **SETTINGS))
    # whole publications of three, or as many individuals as there is room for
    assert fewer["n_controls"] == 51
    assert "51 of 90 possible controls drawn at random" in fewer["note"]


def test_without_covariates_controls_come_by_whole_publications_and_swap_freely(cohort: Cohort) -> None:
    free = screen(cohort, covariates="none", **SETTINGS | {"permutations": 9999})
    rows = [row for row in free.predictions.to_pylist() if not row["is_case"]]
    sizes = [sum(row["group"] == group for row in rows) for group in {row["group"] for row in rows}]
    assert sizes == [3] * 12
    # three publications of fifteen have the cases
    assert _row(free)["min_p"] == pytest.approx(1 / 455)
