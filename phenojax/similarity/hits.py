"""The best of many scores, with their ranks among all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESOLUTION = 1e-5
"""Scores closer than this are told apart by nothing but the order of a sum: they are rounded to it before comparing."""

_LARGEST = np.float32(2**30)


class Hits(NamedTuple):
    """The best columns of each row: rows ascending, then keys descending, then columns ascending.

    Attributes:
        row: int64.
        column: int64.
        key: int32, the score in units of `RESOLUTION`.
        rank: float64, 1 for the best of *all* columns; equal keys share the mean of their ranks.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    key: NDArray[np.int32]
    rank: NDArray[np.float64]


def as_keys(scores: NDArray[np.float32]) -> NDArray[np.int32]:
    """Round scores to whole units of `RESOLUTION`; `scores` is overwritten."""
    np.multiply(scores, np.float32(1 / RESOLUTION), out=scores)
    np.clip(np.rint(scores, out=scores), -_LARGEST, _LARGEST, out=scores)
    return scores.astype(np.int32)


def best_hits(keys: NDArray[np.int32], k: int) -> Hits:
    """Find the `k` largest keys of each row of ``(n, m)``; of equal ones at the end, those of the first columns."""
    n, m = keys.shape
    k = min(k, m)
    if k == 0 or n == 0:
        empty = np.empty(0, dtype=np.int64)
        return Hits(empty, empty, empty.astype(np.int32), empty.astype(np.float64))
    last = np.partition(keys, m - k, axis=1)[:, m - k, None]
    n_above = np.count_nonzero(keys > last, axis=1)
    n_equal = np.count_nonzero(keys == last, axis=1)
    row, column = np.nonzero(keys >= last)
    key = keys[row, column]
    ties = key == last[row, 0]
    before = np.cumsum(ties) - ties
    first = np.searchsorted(row, np.arange(n))
    kept = ~ties | (before - before[first][row] < (k - n_above)[row])
    row, column, key = row[kept], column[kept], key[kept]
    order = np.lexsort((column, -key, row))
    row, column, key = row[order], column[order], key[order]
    return Hits(row, column, key, _mean_ranks(key.reshape(n, k), n_above, n_equal))


def _mean_ranks(keys: NDArray[np.int32], n_above: NDArray[np.intp], n_equal: NDArray[np.intp]) -> NDArray[np.float64]:
    """Ranks of descending keys ``(n, k)``. Only ties with the last key reach beyond the k, and they are counted."""
    k = keys.shape[1]
    place = np.broadcast_to(np.arange(k), keys.shape)
    changes = keys[:, 1:] != keys[:, :-1]
    starts = np.zeros(keys.shape, dtype=np.int64)
    starts[:, 1:] = np.where(changes, place[:, 1:], 0)
    starts = np.maximum.accumulate(starts, axis=1)
    ends = np.full(keys.shape, k, dtype=np.int64)
    ends[:, :-1] = np.where(changes, place[:, 1:], k)
    ends = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    ranks = (starts + 1 + ends) / 2
    tied_with_last = starts == n_above[:, None]
    ranks = np.where(tied_with_last, (n_above + (n_equal + 1) / 2)[:, None], ranks)
    return np.asarray(ranks.ravel(), dtype=np.float64)
