"""Every measure and combiner by loops over sets of ancestors, in double precision: slow, obvious, and never shipped."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

from reference.similarity import Parents, closure

Formula = Callable[[float, float, float], float]
"""(ic of the most informative common ancestor, ic of one term, ic of the other)."""
Table = Sequence[Sequence[float]]
"""The similarity of every term to every term."""


def ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else 0.0


def lin(mica: float, a: float, b: float) -> float:
    return ratio(2 * mica, a + b)


FORMULAS: dict[str, Formula] = {
    "resnik": lambda mica, a, b: mica,
    "lin": lin,
    "relevance": lambda mica, a, b: lin(mica, a, b) * (1 - math.exp(-mica)),
    "information_coefficient": lambda mica, a, b: lin(mica, a, b) * (1 - 1 / (1 + mica)),
    # a distance, so never negative, not even where a common ancestor has more than the terms have
    "jiang_conrath": lambda mica, a, b: 1 / (1 + max(a + b - 2 * mica, 0)),
}
COMBINERS = ("bma", "funsim_avg", "funsim_max", "a_to_b", "b_to_a", "max", "mean", "hausdorff")
SYMMETRIC = tuple(name for name in COMBINERS if name not in {"a_to_b", "b_to_a"})


def mica_ic(parents: Parents, ic: Sequence[float], x: int, y: int) -> float | None:
    """The largest information content of a common ancestor; None where nothing is common."""
    common = closure(parents, [x]) & closure(parents, [y])
    return max((ic[term] for term in common), default=None)


def most_informative_leaf_ic(parents: Parents, ic: Sequence[float], x: int) -> float:
    """The largest information content of a term without children at x or below it."""
    inner = {parent for above in parents for parent in above}
    below = [term for term in range(len(parents)) if x in closure(parents, [term])]
    return max(ic[term] for term in below if term not in inner)


def hrss(parents: Parents, ic: Sequence[float], mica: float, x: int, y: int) -> float:
    """Wu et al., PLoS ONE 2013: 1 / (1 + gamma) * alpha / (alpha + beta); the root's information content is 0."""
    gamma = (ic[x] - mica) + (ic[y] - mica)
    beta = sum(most_informative_leaf_ic(parents, ic, term) - ic[term] for term in (x, y)) / 2
    return ratio(mica, mica + beta) / (1 + gamma)


def term_similarity(parents: Parents, ic: Sequence[float], x: int, y: int, measure: str | Formula) -> float:
    """0 where nothing is common, whatever the measure."""
    mica = mica_ic(parents, ic, x, y)
    if mica is None:
        return 0.0
    if measure == "hrss":
        return hrss(parents, ic, mica, x, y)
    formula = FORMULAS[measure] if isinstance(measure, str) else measure
    return formula(mica, ic[x], ic[y])


def term_table(parents: Parents, ic: Sequence[float], measure: str | Formula) -> list[list[float]]:
    terms = range(len(parents))
    return [[term_similarity(parents, ic, x, y, measure) for y in terms] for x in terms]


class Matches(NamedTuple):
    """What each term of one set finds in the other, and how much it counts."""

    best: list[float]
    weights: list[float]

    @property
    def total(self) -> float:
        return sum(weight * best for weight, best in zip(self.weights, self.best, strict=True))

    @property
    def mean(self) -> float:
        return ratio(self.total, sum(self.weights))


def combined(
    table: Table,
    a: Sequence[int],
    b: Sequence[int],
    combine: str,
    weights_a: Sequence[float] | None = None,
    weights_b: Sequence[float] | None = None,
) -> float:
    """One number for two sets; a term that stands twice counts twice."""
    if not a or not b:
        return 0.0
    forward = Matches([max(table[x][y] for y in b) for x in a], list(weights_a or [1.0] * len(a)))
    backward = Matches([max(table[x][y] for x in a) for y in b], list(weights_b or [1.0] * len(b)))

    def mean_of_all() -> float:
        pairs = list(product(zip(a, forward.weights, strict=True), zip(b, backward.weights, strict=True)))
        return ratio(sum(u * v * table[x][y] for (x, u), (y, v) in pairs), sum(u * v for (_, u), (_, v) in pairs))

    ways: dict[str, Callable[[], float]] = {
        "bma": lambda: ratio(forward.total + backward.total, sum(forward.weights) + sum(backward.weights)),
        "funsim_avg": lambda: (forward.mean + backward.mean) / 2,
        "funsim_max": lambda: max(forward.mean, backward.mean),
        "a_to_b": lambda: forward.mean,
        "b_to_a": lambda: backward.mean,
        "max": lambda: max(forward.best),
        "mean": mean_of_all,
        "hausdorff": lambda: min(forward.best + backward.best),
    }
    return ways[combine]()


def contradicted(parents: Parents, observed: Sequence[int], excluded: Sequence[int]) -> int:
    """How many observed terms are, or lie below, a term that the other side excludes."""
    return sum(1 for term in observed if closure(parents, [term]) & set(excluded))


class Exclusion(NamedTuple):
    """Observed and excluded terms of an individual."""

    observed: Sequence[int]
    excluded: Sequence[int]


def kept_share(parents: Parents, a: Exclusion, b: Exclusion, strength: float) -> float:
    """What the excluded terms of both leave of their similarity: 1 - strength * share of contradicted terms."""
    against = contradicted(parents, a.observed, b.excluded) + contradicted(parents, b.observed, a.excluded)
    return 1 - strength * ratio(against, len(a.observed) + len(b.observed))


def nearest(scores: Sequence[float], k: int, itself: int | None = None) -> list[int]:
    """The k best columns of a row, equals by their number, without the row itself."""
    others = [column for column in range(len(scores)) if column != itself]
    return sorted(others, key=lambda column: (-scores[column], column))[:k]
