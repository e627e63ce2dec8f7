"""Besag and Clifford's sequential p-value, one draw after the other."""

from __future__ import annotations

from collections.abc import Sequence


def sequential_p(observed: float, draws: Sequence[float], enough: int) -> tuple[float, int]:
    """p and the number of draws that were looked at."""
    reached = 0
    for number, value in enumerate(draws, start=1):
        reached += value >= observed
        if reached == enough:
            return enough / number, number
    return (1 + reached) / (1 + len(draws)), len(draws)
