"""What may confound a comparison: numbers and categories that controls are matched on, or labels are kept inside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort import Cohort, Sex
from phenojax.errors import CohortError

TERMS, SEX, AGE, GROUP_SIZE = "terms", "sex", "age", "group_size"
PHOTOGRAPH, PHOTO_QUALITY = "photograph", "photo_quality"
# What every comparison is checked for, matched on it or not.
ALWAYS_CHECKED = (TERMS, SEX, AGE, GROUP_SIZE, PHOTOGRAPH)
AGE_OFFSET_YEARS = 1.0


class Covariate(NamedTuple):
    """One covariate of ``n`` individuals.

    Attributes:
        name: ``terms``, ``sex``, ``age``, ``group_size``, ``photograph``, ``photo_quality`` or a column of the cohort.
        values: float64 ``(n,)``; a number on the scale that matching uses, or the index of a category; NaN where it is
            not known.
        categories: what the indices stand for; empty for a number.
    """

    name: str
    values: NDArray[np.float64]
    categories: tuple[str, ...] = ()


def make_covariates(
    cohort: Cohort,
    n_terms: NDArray[np.integer],
    names: Sequence[str],
    measured: Mapping[str, NDArray[np.float64]] | None = None,
    groups: NDArray[np.int64] | None = None,
) -> tuple[Covariate, ...]:
    """Read covariates by name, on scales on which a distance of 1 means about the same.

    A unit is one standard deviation of log(1 + terms), another sex or category, one e-fold of age + 1 year, one
    standard deviation of the logarithm of the size of the group, or one of a column whose known values are all numbers.

    Args:
        cohort: n individuals.
        n_terms: ``(n,)``; how many observed terms each has.
        names: ``terms``, ``sex``, ``age``, ``group_size``, ``photograph`` (whether there is one) or any column of the
            cohort.
        measured: further numbers ``(n,)`` by name, NaN where not known, such as ``photo_quality``.
        groups: int64 ``(n,)`` codes, 0 or more; of members without any term only the others are counted.

    Raises:
        CohortError: there is no such covariate; the message lists those there are.
    """
    numbers = {GROUP_SIZE: _log_group_sizes(n_terms, groups), **(measured or {})}
    return tuple(_one(cohort, n_terms, name, numbers) for name in names)


def _log_group_sizes(n_terms: NDArray[np.integer], groups: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Logarithm of how many described individuals a group has; all alike without groups."""
    if groups is None:
        return np.zeros(len(n_terms))
    return np.log(np.maximum(np.bincount(groups, weights=n_terms > 0)[groups], 1.0))


def strata_of(covariates: Sequence[Covariate], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the strata of the individuals at ``rows``, int64 ``(len(rows),)``: one for each combination of values.

    Numbers are cut into thirds of the known ones among ``rows``; what is not known is a stratum of its own.
    """
    keys = [np.zeros(len(rows))]
    for covariate in covariates:
        values = covariate.values[rows]
        known = values[~np.isnan(values)]
        if not covariate.categories and len(known):
            values = np.where(np.isnan(values), np.nan, np.searchsorted(np.quantile(known, (1 / 3, 2 / 3)), values))
        keys.append(np.where(np.isnan(values), -1.0, values))
    return np.unique(np.stack(keys), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _one(
    cohort: Cohort, n_terms: NDArray[np.integer], name: str, measured: Mapping[str, NDArray[np.float64]]
) -> Covariate:
    if name in measured:
        return Covariate(name, _standardised(np.asarray(measured[name], dtype=np.float64)))
    if name == TERMS:
        return Covariate(name, _standardised(np.log1p(n_terms.astype(np.float64))))
    if name == SEX:
        code = {Sex.FEMALE: 0.0, Sex.MALE: 1.0}
        return Covariate(name, np.array([code.get(i.sex, np.nan) for i in cohort]), ("female", "male"))
    if name == AGE:
        years = [np.nan if individual.age is None else individual.age for individual in cohort]
        return Covariate(name, np.log(np.array(years, dtype=np.float64) + AGE_OFFSET_YEARS))
    if name == PHOTOGRAPH:
        return Covariate(name, np.array([float(i.photo is not None) for i in cohort]), ("without", "with"))
    return _column(name, _values(cohort, name, measured))


def _values(cohort: Cohort, name: str, measured: Mapping[str, NDArray[np.float64]]) -> tuple[str | None, ...]:
    try:
        return cohort.values(name)
    except CohortError:
        known = dict.fromkeys((*ALWAYS_CHECKED, *measured, "group", "label", *cohort.columns))
        needs = "it is known of embedded photographs only; " if name == PHOTO_QUALITY else ""
        raise CohortError(f"{cohort.source}: no covariate {name!r}; {needs}there are {', '.join(known)}") from None


def _column(name: str, values: Sequence[str | None]) -> Covariate:
    numbers = [_number(value) for value in values]
    if any(number is not None for number in numbers) and all(
        (number is None) == (value is None) for number, value in zip(numbers, values, strict=True)
    ):
        known = np.array([np.nan if number is None else number for number in numbers])
        return Covariate(name, _standardised(known))
    categories = sorted({value for value in values if value is not None})
    code = {value: float(k) for k, value in enumerate(categories)}
    return Covariate(name, np.array([np.nan if v is None else code[v] for v in values]), tuple(categories))


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """In standard deviations of those that are known."""
    known = values[~np.isnan(values)]
    spread = float(known.std()) if len(known) else 0.0
    return values / (spread or 1.0)
