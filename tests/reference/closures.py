"""Measures on closures by plain loops over plain sets, in double precision: slow, obvious, and never shipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reference.similarity import Parents, closure


def ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else 0.0


def overlap(parents: Parents, weights: Sequence[float], a: Sequence[int], b: Sequence[int], kind: str) -> float:
    above_a, above_b = closure(parents, a), closure(parents, b)
    common, size_a, size_b = (sum(weights[t] for t in some) for some in (above_a & above_b, above_a, above_b))
    return {
        "jaccard": ratio(common, sum(weights[t] for t in above_a | above_b)),
        "dice": ratio(2 * common, size_a + size_b),
        "overlap": ratio(common, min(size_a, size_b)),
        "cosine": ratio(common, math.sqrt(size_a) * math.sqrt(size_b)),
    }[kind]


def graph_ic(parents: Parents, ic: Sequence[float], x: int, y: int) -> float:
    if x == y:
        return 1.0
    common = closure(parents, [x]) & closure(parents, [y])
    proper = closure(parents, parents[x]) | closure(parents, parents[y])
    return ratio(sum(ic[t] for t in common), sum(ic[t] for t in proper))


def aic(parents: Parents, ic: Sequence[float], x: int, y: int) -> float:
    weights = [1 / (1 + math.exp(-1 / value)) if value > 1e-300 else 1.0 for value in ic]
    return overlap(parents, weights, [x], [y], "dice")


def contributions(parents: Parents, x: int) -> dict[int, float]:
    """Each ancestor's S-value: the largest product of 0.8 an edge over all ways up."""
    best = {x: 1.0}
    for _ in parents:  # a way has fewer edges than there are terms
        for term, value in list(best.items()):
            for parent in parents[term]:
                best[parent] = max(best.get(parent, 0.0), 0.8 * value)
    return best


def wang(parents: Parents, x: int, y: int) -> float:
    a, b = contributions(parents, x), contributions(parents, y)
    return sum(a[t] + b[t] for t in a.keys() & b.keys()) / (sum(a.values()) + sum(b.values()))


def term_measure(parents: Parents, ic: Sequence[float], x: int, y: int, measure: str) -> float:
    if measure == "wang":
        return wang(parents, x, y)
    if measure == "graph_ic":
        return graph_ic(parents, ic, x, y)
    if measure == "aic":
        return aic(parents, ic, x, y)
    return overlap(parents, [1.0] * len(parents), [x], [y], measure)


def set_measure(parents: Parents, ic: Sequence[float], a: Sequence[int], b: Sequence[int], measure: str) -> float:
    added = [max(ic[t] - max((ic[p] for p in parents[t]), default=0.0), 0.0) for t in range(len(parents))]
    weights, kind = {
        "simgic": (list(ic), "jaccard"),
        "simui": ([1.0] * len(parents), "jaccard"),
        "closure_jaccard": (added, "jaccard"),
        "closure_cosine": (added, "cosine"),
    }[measure]
    return overlap(parents, weights, a, b, kind)
