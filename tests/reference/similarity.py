"""Similarity of term sets by plain loops over plain sets: slow, obvious, and never shipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

Parents = Sequence[Sequence[int]]


def closure(parents: Parents, terms: Sequence[int]) -> set[int]:
    found = set(terms)
    waiting = list(found)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def resnik(parents: Parents, ic: Sequence[float], x: int, y: int) -> float:
    common = closure(parents, [x]) & closure(parents, [y])
    return max((ic[term] for term in common), default=0.0)


def directed_sum(parents: Parents, ic: Sequence[float], a: Sequence[int], b: Sequence[int]) -> float:
    """Sum over the terms of a of their best match in b."""
    return sum(max((resnik(parents, ic, x, y) for y in b), default=0.0) for x in a)


def set_similarity(parents: Parents, ic: Sequence[float], a: Sequence[int], b: Sequence[int], combine: str) -> float:
    if not a or not b:
        return 0.0
    forward, backward = directed_sum(parents, ic, a, b), directed_sum(parents, ic, b, a)
    a_to_b, b_to_a = forward / len(a), backward / len(b)
    return {
        "bma": (forward + backward) / (len(a) + len(b)),
        "funsim_avg": (a_to_b + b_to_a) / 2,
        "funsim_max": max(a_to_b, b_to_a),
        "a_to_b": a_to_b,
        "b_to_a": b_to_a,
    }[combine]


def closure_cosine(parents: Parents, weights: Sequence[float], a: Sequence[int], b: Sequence[int]) -> float:
    above_a, above_b = closure(parents, a), closure(parents, b)
    total_a, total_b = (sum(weights[term] for term in above) for above in (above_a, above_b))
    if total_a == 0 or total_b == 0:
        return 0.0
    return sum(weights[term] for term in above_a & above_b) / math.sqrt(total_a * total_b)


def annotation_counts(parents: Parents, rows: Sequence[tuple[int, int]]) -> list[int]:
    """Distinct items at each term or below, from (item, term) rows."""
    reached: list[set[int]] = [set() for _ in parents]
    for item, term in rows:
        for above in closure(parents, [term]):
            reached[above].add(item)
    return [len(items) for items in reached]
