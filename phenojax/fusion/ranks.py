"""AUCs of many score vectors at once, in whole numbers."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

# Scores are compared on this grid, so that ranks do not depend on the order of a sum.
SCORE_GRID = 1e-6
# Scores beyond +-MAX_SCORE are clipped: 2 * MAX_SCORE / SCORE_GRID must stay below 2^31.
MAX_SCORE = 1000.0
# Up to here comparing all pairs is faster than sorting (benchmarks/permutation.py, `--job ranks`).
LARGEST_BY_PAIRS = 384


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
    """Count won and tied pairs of ``p`` score vectors ``(n,)`` against their labels; ties within `SCORE_GRID`."""
    return rank_sums_of_columns(scores.T, labels.T, valid)


def rank_sums_of_columns(scores: Array, labels: Array, valid: Array) -> RankSums:
    """The same for the columns of ``(n, p)``: the labellings are the minor dimension, which is the vector's.

    Args:
        scores: float32 ``(n, p)``.
        labels: bool ``(n, p)``; True for a case.
        valid: bool ``(n,)``; False on padding.
    """
    case = labels & valid[:, None]
    control = ~labels & valid[:, None]
    grid = jnp.round(jnp.clip(scores, -MAX_SCORE, MAX_SCORE) / SCORE_GRID).astype(jnp.int32)
    count = _by_pairs if scores.shape[0] <= LARGEST_BY_PAIRS else _by_sorting
    return RankSums(count(grid, case, control), case.sum(axis=0, dtype=jnp.int32), control.sum(axis=0, dtype=jnp.int32))


def _by_pairs(grid: Array, case: Array, control: Array) -> Array:
    """Each individual against all: n^2 comparisons a labelling, of whole vectors."""
    beyond = jnp.iinfo(jnp.int32).max
    of_case, of_control = jnp.where(case, grid, -beyond), jnp.where(control, grid, beyond)

    def one(i: Array, wins: Array) -> Array:
        mine = jax.lax.dynamic_index_in_dim(of_case, i)
        return wins + jnp.sum((mine > of_control).astype(jnp.int32) + (mine >= of_control).astype(jnp.int32), axis=0)

    return jax.lax.fori_loop(0, grid.shape[0], one, jnp.zeros(grid.shape[1], jnp.int32))


def _by_sorting(grid: Array, case: Array, control: Array) -> Array:
    """Two sorts with the label in the lowest bit: one puts the cases of a tie above its controls, one below."""
    last = jnp.iinfo(jnp.int32).max
    valid = case | control

    def positions(lowest_bit: Array, is_case: int) -> Array:
        key = jnp.sort(jnp.where(valid, 2 * grid + lowest_bit, last).T, axis=1)
        place = jnp.arange(key.shape[1], dtype=jnp.int32)
        return jnp.sum(jnp.where((key != last) & ((key & 1) == is_case), place, 0), axis=1)

    n_cases = case.sum(axis=0, dtype=jnp.int32)
    above, below = positions(case.astype(jnp.int32), 1), positions((~case).astype(jnp.int32), 0)
    return above + below - n_cases * (n_cases - 1)
