"""Exact nearest neighbours among vectors: distances by matrix products over tiles, the best kept on the device.

Memory is one tile of `QUERIES` x `TILE` distances whatever the gallery's size. A product of float32 numbers loses
digits where two vectors nearly agree, so the product only picks candidates, a few more than asked for; the distances
given, and their order, are sums of squared differences. Where rounding could have kept out a row that belongs to them
(many that are equal, or nearly), all rows are looked at: the answer is that of all distances sorted, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

QUERIES = 256
TILE = 4096
SPARE = 16
# Rows of one label stand together, in bundles of so many: a bundle's best is one reduction over a fixed axis, and only
# bundles are scattered to their labels.
BUNDLE = 8
# Rows of which exact distances are computed at a time.
EXACT_ROWS = 65_536


def nearest_rows(
    queries: NDArray[np.float32],
    gallery: NDArray[np.float32],
    query_codes: NDArray[np.int32],
    gallery_codes: NDArray[np.int32],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` rows of `gallery` nearest to each query.

    Args:
        queries: float32 (q, d); a query with NaN finds nothing.
        gallery: float32 (n, d), n > 0; a row with NaN is never found.
        query_codes: int32 (q, c): a query and a row are not compared where any of their codes agree, unless it is -1.
        gallery_codes: int32 (n, c).
        k: from 1 to n.

    Returns:
        int64 (q, k) rows, -1 where there are fewer, and float32 (q, k) squared Euclidean distances, NaN there; nearest
        first, equals by rising row.
    """
    tiles = _tiled(gallery, gallery_codes, np.zeros(len(gallery), np.int32))
    rows, distances = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), np.nan, np.float32)
    for block, codes, part in _blocks(queries, query_codes, tiles.centre):
        candidates, cuts = map(np.asarray, _candidate_rows(block, codes, tiles, k + SPARE))
        for at, line, cut in zip(range(part.start, part.stop), candidates, cuts, strict=False):
            chosen, exact = _ranked(np.sort(line[line >= 0]), gallery, queries[at], k)
            if not _certain(queries[at] - tiles.centre, cut, exact):
                others = ~_agree(query_codes[at], gallery_codes) & ~np.isnan(gallery).any(axis=1)
                chosen, exact = _ranked(np.flatnonzero(others), gallery, queries[at], k)
            rows[at, : len(chosen)], distances[at, : len(chosen)] = chosen, exact
    return rows, distances


def _ranked(
    rows: NDArray[np.integer], gallery: NDArray[np.float32], query: NDArray[np.float32], k: int
) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """The `k` nearest of some rows (ascending), and their squared distances."""
    exact = _squared_distances(gallery, rows, query)
    order = np.argsort(exact, kind="stable")[:k]
    return rows[order], exact[order]


def _certain(query: NDArray[np.float32], cut: float, exact: NDArray[np.float64]) -> bool:
    """Whether nothing that was not picked can be as near as the last of those that are.

    What was not picked has a product (`_nearness`) of at most `cut`. Were it as near as the last, its length would be
    at most `reach`, and the rounding of its product at most `slack`.

    Args:
        query: less the tiles' centre.
        cut: -inf where all were picked.
        exact: the squared distances, ascending.
    """
    if not np.isfinite(cut) or not len(exact):
        return True
    length, farthest = float(np.linalg.norm(query.astype(np.float64))), float(exact[-1])
    reach = length + farthest**0.5
    slack = (len(query) + 8) * 2.0**-24 * reach * (length + reach)
    return bool(cut + slack < (length * length - farthest) / 2)


def nearest_to_labels(
    queries: NDArray[np.float32],
    gallery: NDArray[np.float32],
    query_codes: NDArray[np.int32],
    gallery_codes: NDArray[np.int32],
    labels: NDArray[np.int32],
    n_labels: int,
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` labels with the nearest row to each query.

    Args:
        queries: as for `nearest_rows`.
        gallery: likewise.
        query_codes: likewise.
        gallery_codes: likewise.
        labels: int32 (n,) from 0 to n_labels - 1, or -1 for a row that counts for no label.
        n_labels: how many there are.
        k: from 1 to n_labels.

    Returns:
        int64 (q, k) labels and int64 (q, k) rows, -1 where there are fewer, and float32 (q, k) squared distances, NaN
        there; nearest first, equals by rising label.
    """
    order = np.argsort(labels, kind="stable").astype(np.int64)
    members = _Members(order, np.searchsorted(labels[order], np.arange(n_labels + 1)))
    place = _bundled(members)
    bundled = np.where((place < 0)[:, None], np.float32(np.nan), gallery[place])
    tiles = _tiled(bundled, gallery_codes[place], labels[place])
    found = np.full((len(queries), k), -1, np.int64)
    rows, distances = found.copy(), np.full(found.shape, np.nan, np.float32)
    for block, codes, part in _blocks(queries, query_codes, tiles.centre):
        candidates, cuts = map(np.asarray, _candidate_labels(block, codes, tiles, n_labels, min(k + SPARE, n_labels)))
        for at, line, cut in zip(range(part.start, part.stop), candidates, cuts, strict=False):
            among = partial(_ranked_labels, members, gallery, gallery_codes, queries[at], query_codes[at], k)
            chosen, nearest, exact = among(np.sort(line[line >= 0]))
            if not _certain(queries[at] - tiles.centre, cut, exact):
                chosen, nearest, exact = among(np.flatnonzero(np.diff(members.starts)))
            found[at, : len(chosen)], rows[at, : len(chosen)] = chosen, nearest
            distances[at, : len(chosen)] = exact
    return found, rows, distances


class _Members(NamedTuple):
    """The rows of every label, ascending: those of label l are ``order[starts[l]:starts[l + 1]]``."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]


def _ranked_labels(
    members: _Members,
    gallery: NDArray[np.float32],
    gallery_codes: NDArray[np.int32],
    query: NDArray[np.float32],
    query_codes: NDArray[np.int32],
    k: int,
    labels: NDArray[np.integer],
) -> tuple[NDArray[np.integer], NDArray[np.int64], NDArray[np.float64]]:
    """The `k` nearest of some labels (ascending, none empty), the nearest row of each, and its squared distance."""
    order, starts = members
    if not len(labels):
        return labels, order[:0], np.zeros(0)
    rows = np.concatenate([order[starts[label] : starts[label + 1]] for label in labels.tolist()])
    exact = _squared_distances(gallery, rows, query)
    exact[_agree(query_codes, gallery_codes[rows]) | np.isnan(exact)] = np.inf
    sizes = starts[labels + 1] - starts[labels]
    nearest = np.lexsort((exact, np.repeat(np.arange(len(labels)), sizes)))[np.cumsum(sizes) - sizes]
    kept = np.argsort(exact[nearest], kind="stable")[:k]
    kept = kept[np.isfinite(exact[nearest[kept]])]
    return labels[kept], rows[nearest[kept]], exact[nearest[kept]]


def _bundled(members: _Members) -> NDArray[np.int64]:
    """Rows in the order of their labels, each label filled up to whole bundles with -1; unlabelled rows left out."""
    order, starts = members
    counts = np.diff(starts)
    first = np.concatenate(([0], np.cumsum(-(-counts // BUNDLE) * BUNDLE)))
    place = np.full(max(int(first[-1]), BUNDLE), -1, np.int64)
    place[np.repeat(first[:-1] - starts[:-1], counts) + np.arange(starts[0], starts[-1])] = order[starts[0] :]
    return place


class _Tiles(NamedTuple):
    """The gallery in pieces of one shape: vectors (t, TILE, d) less `centre`, half their squared lengths, and columns.

    Rows that pad the last tile, and rows with NaN, have an infinite length, so that they are never near.
    """

    vectors: Array
    half_lengths: Array
    codes: Array
    labels: Array
    centre: NDArray[np.float32]


def _tiled(gallery: NDArray[np.float32], codes: NDArray[np.int32], labels: NDArray[np.int32]) -> _Tiles:
    # Distances do not change when all vectors move, and lengths near those of the distances lose the fewest digits.
    usable: NDArray[np.bool_] = np.asarray(~np.isnan(gallery).any(axis=1))
    centre = gallery[usable].mean(axis=0, dtype=np.float64).astype(np.float32) if usable.any() else gallery[0] * 0
    size = min(TILE, 1 << max(len(gallery) - 1, BUNDLE - 1).bit_length())
    moved = np.where(usable[:, None], gallery - centre, 0)
    half = np.where(usable, (moved.astype(np.float64) ** 2).sum(axis=1) / 2, np.inf).astype(np.float32)

    def cut(values: NDArray[np.generic], fill: float) -> Array:
        padding = [(0, -len(values) % size)] + [(0, 0)] * (values.ndim - 1)
        padded = np.pad(values, padding, constant_values=fill)
        return jnp.asarray(padded.reshape(-1, size, *values.shape[1:]))

    return _Tiles(cut(moved, 0), cut(half, np.inf), cut(codes, -1), cut(labels, -1), centre)


def _blocks(
    queries: NDArray[np.float32], codes: NDArray[np.int32], centre: NDArray[np.float32]
) -> Iterator[tuple[Array, Array, slice]]:
    """Queries in blocks of one shape, the last one padded; a query with NaN stays so and finds nothing."""
    for first in range(0, len(queries), QUERIES):
        part = slice(first, min(first + QUERIES, len(queries)))
        missing = QUERIES - (part.stop - part.start)
        block = np.pad(queries[part] - centre, ((0, missing), (0, 0)), constant_values=np.nan)
        yield jnp.asarray(block), jnp.asarray(np.pad(codes[part], ((0, missing), (0, 0)))), part


def _agree(one: Any, many: Any) -> Any:
    """Whether some code of `one` (c,) or (q, 1, c) is that of `many` (n, c)."""
    same: Any = (one == many) & (one >= 0)
    return same.any(axis=-1)


def _nearness(block: Array, codes: Array, tile: tuple[Array, Array, Array]) -> Array:
    """How near each row of a tile is, (q, TILE): a.b - |b|^2/2 = (|a|^2 - |a-b|^2)/2; -inf where not compared."""
    vectors, half_lengths, tile_codes = tile
    product = jnp.dot(block, vectors.T, precision=lax.Precision.HIGHEST) - half_lengths
    return jnp.where(_agree(codes[:, None], tile_codes) | jnp.isnan(product), -jnp.inf, product)


@partial(jax.jit, static_argnums=3)
def _candidate_rows(block: Array, codes: Array, tiles: _Tiles, k: int) -> tuple[Array, Array]:
    """Rows of the `k` nearest to each query by the product, int32 (q, k), -1 where there are fewer.

    And float32 (q,): what the product of no other row exceeds, -inf where there is none.
    """
    size = tiles.vectors.shape[1]

    def step(best: tuple[Array, Array], tile: tuple[Array, tuple[Array, Array, Array]]) -> tuple[Any, None]:
        number, content = tile
        values, places = lax.top_k(_nearness(block, codes, content), min(k, size))
        both = jnp.concatenate((best[0], values), axis=1), jnp.concatenate((best[1], places + number * size), axis=1)
        values, chosen = lax.top_k(both[0], k)
        return (values, jnp.take_along_axis(both[1], chosen, axis=1)), None

    nobody = jnp.full((block.shape[0], k), -jnp.inf), jnp.full((block.shape[0], k), -1, jnp.int32)
    numbers = jnp.arange(tiles.vectors.shape[0], dtype=jnp.int32)
    (values, rows), _ = lax.scan(step, nobody, (numbers, (tiles.vectors, tiles.half_lengths, tiles.codes)))
    return jnp.where(jnp.isfinite(values), rows, -1), values[:, -1]


@partial(jax.jit, static_argnums=(3, 4))
def _candidate_labels(block: Array, codes: Array, tiles: _Tiles, n_labels: int, k: int) -> tuple[Array, Array]:
    """The `k` labels with the nearest row to each query by the product, and a cut, as `_candidate_rows` for rows."""

    def step(best: Array, tile: tuple[Array, tuple[Array, Array, Array]]) -> tuple[Array, None]:
        labels, content = tile
        near = _nearness(block, codes, content).reshape(block.shape[0], -1, BUNDLE).max(axis=2)
        # Every bundle begins with a row of its label; those that only fill the last tile go to a label that is dropped.
        own = labels[::BUNDLE]
        segments = jnp.where(own < 0, n_labels, own)
        return jnp.maximum(best, jax.ops.segment_max(near.T, segments, n_labels + 1)[:n_labels].T), None

    nobody = jnp.full((block.shape[0], n_labels), -jnp.inf)
    best, _ = lax.scan(step, nobody, (tiles.labels, (tiles.vectors, tiles.half_lengths, tiles.codes)))
    values, labels = lax.top_k(best, k)
    cut = values[:, -1] if k < n_labels else jnp.full(len(values), -jnp.inf)
    return jnp.where(jnp.isfinite(values), labels, -1), cut


def _squared_distances(
    gallery: NDArray[np.float32], rows: NDArray[np.integer], query: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Squared distances (r,) of some rows of (n, d) to one query, in float64."""
    squared = np.empty(len(rows))
    for first in range(0, len(rows), EXACT_ROWS):
        some = slice(first, first + EXACT_ROWS)
        difference = gallery[rows[some]].astype(np.float64) - query
        squared[some] = np.einsum("rd,rd->r", difference, difference)
    return squared
