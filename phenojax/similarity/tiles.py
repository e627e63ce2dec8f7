"""The best of many scores without their matrix: computed in tiles, merged, forgotten."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from phenojax.similarity.hits import RESOLUTION, as_keys

NOBODY = -1
"""The row where there are fewer candidates than asked for; its score is NaN."""

QUERIES = 1024
CANDIDATES = 8192

Tile = Callable[[slice, slice], tuple[NDArray[np.float32], NDArray[np.bool_]]]
Progress = Callable[[int, int], object]

_LOW = np.int64(2**32)
_NOTHING = np.int64(np.iinfo(np.int64).min)


def best_in_tiles(
    n: int, m: int, k: int, tile: Tile, progress: Progress | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` candidates with the largest score of each query.

    Scores are rounded to `RESOLUTION` before they are compared, so that the order hangs on no last bit. Memory: some
    tiles of `QUERIES` x `CANDIDATES` scores, whatever `n` and `m` are.

    Args:
        n: queries.
        m: candidates, below 2**32.
        k: from 1 to m, or 0 where m is 0.
        tile: gives the scores of consecutive queries (rows) against consecutive candidates, finite, which may be
            overwritten, and which of the pairs count, both of that shape.
        progress: called with the number of tiles done and of all.

    Returns:
        int64 ``(n, k)`` candidates, the largest score first and equals by rising candidate, `NOBODY` where fewer count;
        float32 ``(n, k)`` scores, rounded, NaN there.
    """
    rows, scores = np.full((n, k), NOBODY, dtype=np.int64), np.full((n, k), np.nan, dtype=np.float32)
    if k == 0:
        return rows, scores
    blocks, parts = range(0, n, QUERIES), range(0, m, CANDIDATES)
    for number, start in enumerate(blocks):
        queries = slice(start, min(start + QUERIES, n))
        best = np.full((queries.stop - queries.start, k), _NOTHING)
        for done, first in enumerate(parts):
            candidates = slice(first, min(first + CANDIDATES, m))
            best = _largest(np.concatenate((best, _ordered(*tile(queries, candidates), first)), axis=1), k)
            if progress is not None:
                progress(number * len(parts) + done + 1, len(blocks) * len(parts))
        best = np.sort(best, axis=1)[:, ::-1]
        found = best != _NOTHING
        rows[queries][found] = _LOW - 1 - best[found] % _LOW
        scores[queries][found] = (best[found] // _LOW) * np.float64(RESOLUTION)
    return rows, scores


def _ordered(scores: NDArray[np.float32], counts: NDArray[np.bool_], first: int) -> NDArray[np.int64]:
    """One number for score and candidate: the larger is the larger score, or of equals the earlier candidate."""
    places = _LOW - 1 - np.arange(first, first + scores.shape[1], dtype=np.int64)
    return np.where(counts, as_keys(scores).astype(np.int64) * _LOW + places, _NOTHING)


def _largest(values: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    return values if values.shape[1] <= k else np.partition(values, values.shape[1] - k, axis=1)[:, -k:]
