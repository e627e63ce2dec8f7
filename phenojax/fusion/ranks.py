"""AUCs of many score vectors at once, in whole numbers."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

# Scores are compared on this grid, so that ranks do not depend on the order of a sum.
SCORE_GRID = 1e-6
# Scores beyond +-MAX_SCORE are clipped: 2 * MAX_SCORE / SCORE_GRID must stay below 2^31.
MAX_SCORE = 1000.0


class RankSums(NamedTuple):
    """What an AUC is made of, in whole numbers that are the same on every device.

    Attributes:
        twice_wins: int32 ``(p,)``; 2 x (case, control) pairs won by the case, plus the tied pairs.
        n_cases: int32 ``(p,)``.
        n_controls: int32 ``(p,)``.
    """

    twice_wins: Array
    n_cases: Array
    n_controls: Array


def rank_sums(scores: Array, labels: Array, valid: Array) -> RankSums:
    """Count won and tied pairs of ``p`` score vectors, each ``(n,)``, against their labels; ties within `SCORE_GRID`.

    Two integer sorts with the label in the lowest bit: one puts the cases of a tie above its controls, one below.
    """
    case = labels & valid
    control = ~labels & valid
    grid = jnp.round(jnp.clip(scores, -MAX_SCORE, MAX_SCORE) / SCORE_GRID).astype(jnp.int32)
    last = jnp.iinfo(jnp.int32).max

    def positions(lowest_bit: Array, is_case: int) -> Array:
        key = jnp.sort(jnp.where(valid, 2 * grid + lowest_bit, last), axis=1)
        return jnp.sum(
            jnp.where((key != last) & ((key & 1) == is_case), jnp.arange(key.shape[1], dtype=jnp.int32), 0), axis=1
        )

    n_cases = case.sum(axis=1, dtype=jnp.int32)
    above = positions(labels.astype(jnp.int32), 1)
    below = positions((~labels).astype(jnp.int32), 0)
    wins = above + below - n_cases * (n_cases - 1)
    return RankSums(wins, n_cases, control.sum(axis=1, dtype=jnp.int32))
