"""Ranks, p-values and matches by plain loops."""

from __future__ import annotations

from collections.abc import Sequence

from reference.similarity import Parents, closure


def mean_ranks(scores: Sequence[float]) -> list[float]:
    """1 for the largest; equal ones share the mean of their places."""
    return [
        sum(other > score for other in scores) + (sum(other == score for other in scores) + 1) / 2 for score in scores
    ]


def best_match(
    parents: Parents, ic: Sequence[float], order: Sequence[int], term: int, others: Sequence[int]
) -> tuple[int, int, float]:
    """(term of others, common ancestor, its ic) for one term; (-1, -1, 0) where no ancestor is shared."""
    place = {t: k for k, t in enumerate(order)}
    shared = closure(parents, [term]) & closure(parents, others)
    if not shared:
        return -1, -1, 0.0
    mica = max(shared, key=lambda t: (ic[t], place[t]))
    below = [other for other in others if mica in closure(parents, [other])]
    return (mica if mica in below else min(below)), mica, ic[mica]
