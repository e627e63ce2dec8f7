"""Covariates are read by name, on scales that can be added; what is not there is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phenojax import screen
from phenojax.cohort import Cohort, Individual, Sex
from phenojax.errors import CohortError, ConfigError
from phenojax.screen.config import ScreenConfig
from phenojax.screen.covariates import Covariate, make_covariates, strata_of

COHORT = Cohort(
    (
        Individual("a", gene="G", observed=("HP:0001250",), sex=Sex.FEMALE, age=0.0, photo="a.jpg"),
        Individual("b", gene="G", observed=("HP:0001250",), sex=Sex.MALE, age=float(np.e) - 1),
        Individual("c", gene="G", observed=("HP:0001250",), sex=Sex.OTHER),
    ),
    "three",
    {"site": ("NL", None, "BE"), "bmi": ("10", "30", None), "batch": ("1", "two", "3"), "empty": (None, None, None)},
)


def _read(name: str, **measured: Any) -> Covariate:
    (covariate,) = make_covariates(COHORT, np.array([1, 1, 1]), (name,), measured)
    return covariate


@pytest.mark.parametrize(
    ("name", "values", "categories"),
    [
        ("terms", [np.log(2)] * 3, ()),
        ("sex", [0, 1, np.nan], ("female", "male")),
        ("age", [0, 1, np.nan], ()),
        ("photograph", [1, 0, 0], ("without", "with")),
        ("site", [1, np.nan, 0], ("BE", "NL")),
        ("bmi", [1, 3, np.nan], ()),
        ("batch", [0, 2, 1], ("1", "3", "two")),
        ("empty", [np.nan] * 3, ()),
    ],
)
def test_a_covariate_is_a_number_or_a_category(name: str, values: list[float], categories: tuple[str, ...]) -> None:
    covariate = _read(name)
    np.testing.assert_allclose(covariate.values, values)
    assert covariate.categories == categories


def test_the_size_of_a_group_counts_those_who_are_described() -> None:
    n_terms, groups = np.array([1, 2, 3]), np.array([0, 0, 1])
    (size,) = make_covariates(COHORT, n_terms, ["group_size"], groups=groups)
    np.testing.assert_allclose(np.exp(size.values * np.log([2, 2, 1]).std()), [2, 2, 1])
    (size,) = make_covariates(COHORT, np.array([1, 0, 3]), ["group_size"], groups=groups)
    np.testing.assert_array_equal(size.values, 0)
    np.testing.assert_array_equal(_read("group_size").values, 0)


def test_the_quality_of_photographs_comes_from_their_embeddings() -> None:
    np.testing.assert_allclose(_read("photo_quality", photo_quality=[0.5, 1.5, np.nan]).values, [1, 3, np.nan])
    with pytest.raises(CohortError, match="no covariate 'photo_quality'; it is known of embedded photographs only"):
        _read("photo_quality")


def test_a_covariate_that_is_not_there_is_refused_with_the_list_of_those_that_are() -> None:
    words = r"no covariate 'center'; there are terms, sex, age, group_size, photograph, group, label, site, bmi"
    for setting in ("covariates", "stratify"):
        with pytest.raises(CohortError, match=words):
            screen(COHORT, **{setting: ("terms", "center")})


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("terms, site", ("terms", "site")),
        (["site", "terms", "site"], ("site", "terms")),
        ("none", ()),
        (None, ()),
        ((), ()),
    ],
)
def test_names_are_a_list_or_have_commas_between_them(given: Any, names: tuple[str, ...]) -> None:
    config = ScreenConfig(covariates=given, stratify=given)
    assert config.covariates == config.stratify == names


@pytest.mark.parametrize("given", [("terms", 3), 7, "terms,,sex"])
def test_what_is_no_name_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"covariates must be names, such as \('terms', 'sex'\), or none"):
        ScreenConfig(covariates=given)


@given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=40))
def test_strata_of_a_number_are_thirds_and_those_without(given: list[float | None]) -> None:
    values = np.array([np.nan if v is None else v for v in given])
    strata = strata_of((Covariate("x", values),), np.arange(len(values)))
    known = ~np.isnan(values)
    assert len(set(strata[~known].tolist())) <= 1
    assert set(strata[known].tolist()).isdisjoint(strata[~known].tolist())
    assert len(set(strata[known].tolist())) <= 3
    order = np.argsort(values[known], kind="stable")
    assert (np.diff(strata[known][order]) >= 0).all()
    if len(set(values[known].tolist())) == known.sum():
        sizes = np.bincount(strata[known])
        assert sizes.max(initial=0) <= -(-int(known.sum()) // 3) + 1


def test_strata_of_two_covariates_are_their_combinations() -> None:
    sex = Covariate("sex", np.array([0, 0, 1, 1, np.nan, 1]), ("female", "male"))
    site = Covariate("site", np.array([0, 1, 0, 1, 0, 0]), ("a", "b"))
    rows = np.array([5, 0, 1, 2, 3, 4])
    strata = strata_of((sex, site), rows)
    assert strata[0] == strata[3]
    assert len(set(strata.tolist())) == 5
