"""What hpo3 1.5.1 computes for two terms and two sets, as its outputs show: plain loops over plain sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from reference.similarity import Parents, closure

TermSimilarity = Callable[[int, int], float]


class Release(NamedTuple):
    """The graph, and hpo3's information content: 0 for a term that nobody has."""

    parents: Parents
    ic: Sequence[float]

    def mica(self, a: int, b: int) -> float:
        common = closure(self.parents, [a]) & closure(self.parents, [b])
        return max((self.ic[term] for term in common), default=0.0)


def resnik(release: Release, a: int, b: int) -> float:
    return release.mica(a, b)


def lin(release: Release, a: int, b: int) -> float:
    """Up to 2, where one of the terms has 0 and the other is what they share."""
    total = release.ic[a] + release.ic[b]
    return 2 * release.mica(a, b) / total if total > 0 else 0.0


def rel(release: Release, a: int, b: int) -> float:
    return lin(release, a, b) * (1 - math.exp(-release.mica(a, b)))


def ic(release: Release, a: int, b: int) -> float:
    return lin(release, a, b) * (1 - 1 / (1 + release.mica(a, b)))


def jc(release: Release, a: int, b: int) -> float:
    if a == b:
        return 1.0
    if release.ic[a] == 0 or release.ic[b] == 0:
        return 0.0
    return 1 / (1 + release.ic[a] + release.ic[b] - 2 * release.mica(a, b))


def graphic(release: Release, a: int, b: int) -> float:
    """What is shared counts the terms themselves; what there is counts their proper ancestors alone."""
    if a == b:
        return 1.0
    at_or_above_a, at_or_above_b = closure(release.parents, [a]), closure(release.parents, [b])
    shared = sum(release.ic[term] for term in at_or_above_a & at_or_above_b)
    total = sum(release.ic[term] for term in (at_or_above_a - {a}) | (at_or_above_b - {b}))
    return shared / total if total > 0 else 0.0


TERM_MEASURES: dict[str, Callable[[Release, int, int], float]] = {
    "resnik": resnik,
    "lin": lin,
    "jc": jc,
    "rel": rel,
    "ic": ic,
    "graphic": graphic,
}


def set_similarity(similarity: TermSimilarity, a: Sequence[int], b: Sequence[int], combine: str) -> float:
    """A set holds each term once; 0 where one is empty."""
    rows, columns = sorted(set(a)), sorted(set(b))
    if not rows or not columns:
        return 0.0
    of_rows = [max(similarity(x, y) for y in columns) for x in rows]
    of_columns = [max(similarity(x, y) for x in rows) for y in columns]
    a_to_b, b_to_a = sum(of_rows) / len(rows), sum(of_columns) / len(columns)
    return {
        "bma": (sum(of_rows) + sum(of_columns)) / (len(rows) + len(columns)),
        "funsim_avg": (a_to_b + b_to_a) / 2,
        "funsim_max": max(a_to_b, b_to_a),
    }[combine]
