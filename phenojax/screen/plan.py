"""Who is compared with whom: a gene's cases and their matched controls.

Controls come from the other genes, and never from a group (publication, say) that holds a case: such a group would say
more about its panel of terms than about the gene. Each case in turn takes the free candidate nearest to it in the
covariates, until enough are found; or every candidate is taken, and belongs to the case that it is nearest to; or,
without covariates, whole groups are taken as chance has it, and nobody belongs to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.screen.covariates import Covariate

# A value known of one of two only, on the scale of `make_covariates`.
UNKNOWN_COST = 0.5
# Candidates beyond this many are thinned at random: matching needs no more to choose from.
MAX_CANDIDATES = 20_000
# Candidates within this distance of the nearest are as good: who of them is taken is left to chance.
TOLERANCE = 0.5


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


def match_controls(
    rng: np.random.Generator,
    cases: NDArray[np.int64],
    candidates: NDArray[np.int64],
    covariates: Sequence[Covariate],
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


def match_all(
    rng: np.random.Generator,
    cases: NDArray[np.int64],
    candidates: NDArray[np.int64],
    covariates: Sequence[Covariate],
    most: int,
) -> Plan:
    """Take all ``candidates`` as controls, or ``most`` of them drawn at random; each belongs to the nearest case."""
    if len(candidates) > most:
        candidates = np.sort(rng.choice(candidates, most, replace=False))
    distance = _distances(cases, candidates, covariates)
    distance += rng.random(distance.shape) * TOLERANCE
    rows = np.concatenate([cases, candidates])
    sets = np.concatenate([np.arange(len(cases)), np.argmin(distance, axis=0)])
    return Plan(rows, np.arange(len(rows)) < len(cases), sets)


def draw_controls(
    rng: np.random.Generator,
    cases: NDArray[np.int64],
    candidates: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    n_controls: int,
    most: int,
) -> Plan:
    """Draw whole groups of ``candidates`` until there are ``n_controls`` controls, never more than ``most``.

    Nobody is matched, so that all groups of the sample are exchangeable: hence whole ones, as the cases' are.

    Args:
        rng: a stream of its own.
        cases: int64 cohort rows.
        candidates: int64 cohort rows, ascending.
        groups: int64 code of every row of the cohort; every individual is its own group when not given.
        n_controls: the last group may add some to these.
        most: a group that would lead beyond is passed over.
    """
    codes = candidates if groups is None else groups[candidates]
    by_group = np.argsort(codes, kind="stable")
    members = np.split(candidates[by_group], np.flatnonzero(np.diff(codes[by_group])) + 1)
    taken: list[int] = []
    for k in rng.permutation(len(members)):
        if len(taken) >= n_controls:
            break
        if len(taken) + len(members[k]) <= most:
            taken.extend(members[k].tolist())
    rows = np.concatenate([cases, np.array(sorted(taken), dtype=np.int64)])
    return Plan(rows, np.arange(len(rows)) < len(cases))


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


def _distances(a: NDArray[np.int64], b: NDArray[np.int64], covariates: Sequence[Covariate]) -> NDArray[np.float64]:
    """``(len(a), len(b))``; a value known of one only costs `UNKNOWN_COST`, another category 1."""
    total = np.zeros((len(a), len(b)))
    for _, values, categories in covariates:
        difference = np.abs(values[a][:, None] - values[b][None, :])
        if categories:
            difference = np.minimum(difference, 1.0)
        both_unknown = np.isnan(values[a])[:, None] & np.isnan(values[b])[None, :]
        total += np.where(both_unknown, 0.0, np.where(np.isnan(difference), UNKNOWN_COST, difference))
    return total
