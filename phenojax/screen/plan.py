"""Who is compared with whom: a gene's cases and their matched controls.

Controls come from the other genes, and never from a group (publication, say) that holds a case: such a group would say
more about its panel of terms than about the gene. Each case in turn takes the free candidate nearest to it in number of
terms, sex and age, until enough are found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# A distance of 1: one standard deviation of log(1 + terms), the opposite sex, or one e-fold of age.
AGE_OFFSET_YEARS = 1.0
UNKNOWN_COST = 0.5
# Candidates beyond this many are thinned at random: matching needs no more to choose from.
MAX_CANDIDATES = 20_000
# Candidates within this distance of the nearest are as good: who of them is taken is left to chance.
TOLERANCE = 0.5


class Covariates(NamedTuple):
    """What controls are matched on; NaN where it is not known.

    Attributes:
        terms: float64 ``(n,)``; log(1 + number of observed terms), in standard deviations of the cohort.
        sex: float64 ``(n,)``; 0 female, 1 male, NaN otherwise.
        age: float64 ``(n,)``; log(years + 1), NaN when not known.
    """

    terms: NDArray[np.float64]
    sex: NDArray[np.float64]
    age: NDArray[np.float64]


class Plan(NamedTuple):
    """One gene's sample.

    Attributes:
        rows: int64 ``(n,)``; cohort rows, cases first.
        labels: bool ``(n,)``; True for a case.
        matched_sets: int64 ``(n,)``; a case and the controls matched to it share a number; None without matching.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.bool_]
    matched_sets: NDArray[np.int64] | None = None


def make_covariates(n_terms: NDArray[np.integer], sex: NDArray[np.float64], age: NDArray[np.float64]) -> Covariates:
    """Put term counts, sex and age (years) on comparable scales."""
    log_terms = np.log1p(n_terms.astype(np.float64))
    spread = float(log_terms.std()) or 1.0
    return Covariates(log_terms / spread, sex, np.log(age + AGE_OFFSET_YEARS))


def match_controls(
    rng: np.random.Generator,
    cases: NDArray[np.int64],
    candidates: NDArray[np.int64],
    covariates: Covariates,
    n_controls: int,
    kinds: NDArray[np.int64] | None = None,
) -> Plan:
    """Draw ``n_controls`` controls for ``cases`` out of ``candidates`` (cohort rows); all when they are fewer.

    With ``kinds``, int64 ``(cohort,)``, a case takes candidates of its own kind only, and all kinds get as many
    controls for each case, so that the kind says nothing of the label: as many as the scarcest kind has.
    """
    if kinds is not None:
        candidates = candidates[np.isin(kinds[candidates], kinds[cases])]
    candidates = _thinned(rng, candidates, None if kinds is None else kinds[candidates])
    distance = _distances(cases, candidates, covariates)
    distance += rng.random(len(candidates)) * TOLERANCE
    sought = min(n_controls, len(candidates))
    if kinds is not None:
        distance[kinds[cases][:, None] != kinds[candidates][None, :]] = np.inf
        sought = min(sought, len(cases) * _controls_of_scarcest_kind(kinds[cases], kinds[candidates]))
    taken: dict[int, int] = {}
    while len(taken) < sought:
        for case in rng.permutation(len(cases))[: sought - len(taken)]:
            nearest = int(np.argmin(distance[case]))
            taken[nearest] = int(case)
            distance[:, nearest] = np.inf
    chosen = np.array(sorted(taken), dtype=np.int64)
    sets = np.array([taken[control] for control in chosen], dtype=np.int64)
    rows = np.concatenate([cases, candidates[chosen]])
    return Plan(rows, np.arange(len(rows)) < len(cases), np.concatenate([np.arange(len(cases)), sets]))


def _thinned(
    rng: np.random.Generator, candidates: NDArray[np.int64], kinds: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """At most `MAX_CANDIDATES`, every kind having the same part of that."""
    parts = [candidates] if kinds is None else [candidates[kinds == kind] for kind in np.unique(kinds)]
    most = MAX_CANDIDATES // max(len(parts), 1)
    kept = [part if len(part) <= most else rng.choice(part, most, replace=False) for part in parts]
    return np.sort(np.concatenate(kept)) if kept else candidates


def _controls_of_scarcest_kind(cases: NDArray[np.int64], candidates: NDArray[np.int64]) -> int:
    """How many controls each case can have at most."""
    kinds, n_cases = np.unique(cases, return_counts=True)
    return min(int((candidates == kind).sum()) // int(n) for kind, n in zip(kinds, n_cases, strict=True))


def _distances(a: NDArray[np.int64], b: NDArray[np.int64], covariates: Covariates) -> NDArray[np.float64]:
    """``(len(a), len(b))``; a value known of one only costs `UNKNOWN_COST`."""
    total = np.zeros((len(a), len(b)))
    for values in covariates:
        difference = np.abs(values[a][:, None] - values[b][None, :])
        both_unknown = np.isnan(values[a])[:, None] & np.isnan(values[b])[None, :]
        total += np.where(both_unknown, 0.0, np.where(np.isnan(difference), UNKNOWN_COST, difference))
    return total
