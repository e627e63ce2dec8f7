"""A picture in smaller and smaller sizes, each pixel the mean of the area that it covers, for faces of all sizes."""

from __future__ import annotations

from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

CELL = 12
"""Side of what the first network sees of a face, pixels."""
# The package mtcnn ends its pyramid at a size that fits a first level for faces of 20 pixels; the same size here,
# whatever the smallest face is.
_USUAL_FIRST = CELL / 20
# Sums are in whole numbers of 1/4096 of a grey value, exact in any order: 2,048 pixels of 255 stay below 2^31.
_ONE = 1 << 12
_CENTRE, _SPREAD = 127.5, 128.0


class Scales(NamedTuple):
    """The sizes of a pyramid; everything that depends on a canvas and not on the picture on it.

    Attributes:
        scales: float64 (levels,): sides of a level over those of the picture.
        counts: int32 (side + 1,): how many levels a picture has whose shorter side is so long.
        lengths: int32 (levels, side + 1): a side of the level, for each side of a picture.
    """

    scales: NDArray[np.float64]
    counts: NDArray[np.int32]
    lengths: NDArray[np.int32]

    @property
    def sides(self) -> list[int]:
        """The side of each level of a picture that fills the canvas."""
        return [int(side) for side in self.lengths[:, -1]]


class Level(NamedTuple):
    """A level of a picture.

    Attributes:
        pixels: float32 (side, side, 3), about -1 to 1, **columns first**: x, y, RGB. What is beyond the picture is
            undefined.
        width: int32: of the picture at this size.
        height: int32.
        used: bool: whether a picture of this size has this level.
    """

    pixels: Array
    width: Array
    height: Array
    used: Array


@lru_cache(maxsize=16)
def scales_of(side: int, min_face_size: int, factor: float) -> Scales:
    """The pyramid of a canvas, in float64: half a pixel more or less would be another picture.

    Args:
        side: of the canvas, pixels.
        min_face_size: the smallest faces that are looked for, pixels.
        factor: from one level to the next.
    """
    first = CELL / min_face_size
    lengths = np.arange(side + 1)
    with np.errstate(divide="ignore"):
        steps = np.log(lengths * (first / _USUAL_FIRST) / CELL) / -np.log(factor) - 1
    counts = np.where(lengths > 0, np.round(np.maximum(steps, 0)), 0).astype(np.int32)
    scales = first * factor ** np.arange(counts[-1])
    return Scales(scales, counts, np.trunc(lengths * scales[:, None]).astype(np.int32))


def pyramid(canvas: Array, size: Array, scales: Scales) -> list[Level]:
    """All levels of a picture.

    Each is made from the picture itself. A mean over an area is the difference of two sums up to a place between two
    pixels; the sums are made once for all levels, down first, and then across what has been shrunk.

    Args:
        canvas: uint8 (s, s, 3), a picture at the top left.
        size: int32 (2,): its height and width.
        scales: of `scales_of` for s; static.
    """
    side = canvas.shape[0]
    count = jnp.asarray(scales.counts)[size.min()]
    # A loop over the two axes, so that the edges are there before they are used: a compiler that computes them where
    # they are used does it for every pixel, which takes ten times as long.
    axes = lax.map(partial(_edges, scales), size)
    down, across = (jax.tree.map(itemgetter(axis), axes) for axis in range(2))
    rows = canvas.reshape(side, 3 * side).astype(jnp.int32) * _ONE
    sums = _sums(rows)
    low = jnp.concatenate([_means(rows, sums, down.of(level, scales)) for level in range(len(scales.sides))])
    columns = low.reshape(-1, side, 3).transpose(1, 0, 2).reshape(side, -1)
    sums = _sums(columns)
    levels, start = [], 0
    for level, level_side in enumerate(scales.sides):
        rows_of_level = slice(start, start := start + 3 * level_side)
        small = _means(columns[:, rows_of_level], sums[:, rows_of_level], across.of(level, scales))
        pixels = normalised(small.astype(jnp.float32) / _ONE).reshape(level_side, level_side, 3)
        levels.append(Level(pixels, across.lengths[level], down.lengths[level], level < count))
    return levels


def normalised(colours: Array) -> Array:
    """What the networks take: colours from 0 to 255 to about -1 to 1."""
    return (colours - _CENTRE) / _SPREAD


def _sums(rows: Array) -> Array:
    """Sums of all rows before each, int32 (n + 1, m) of (n, m)."""
    last, before = lax.scan(lambda total, row: (total + row, total), jnp.zeros_like(rows[0]), rows)
    return jnp.concatenate([before, last[None]])


class _Edges(NamedTuple):
    """Where the pixels of all levels begin and end on one axis of the picture, one level after the other.

    Attributes:
        lengths: int32 (levels,): how many pixels there are.
        whole: int32 (edges,): pixels of the picture before an edge; each level has one edge more than its side.
        part: float32 (edges,): of the next pixel, the part before the edge.
        share: float32 (levels,): of a pixel of the level, what one of the picture is.
    """

    lengths: Array
    whole: Array
    part: Array
    share: Array

    def of(self, level: int, scales: Scales) -> _Edges:
        """Those of one level."""
        start = sum(scales.sides[:level]) + level
        edges = slice(start, start + scales.sides[level] + 1)
        return _Edges(self.lengths[level], self.whole[edges], self.part[edges], self.share[level])


def _edges(scales: Scales, length: Array) -> _Edges:
    """The edges on an axis of that length, pixels."""
    numbers = np.repeat(np.arange(len(scales.sides)), np.array(scales.sides) + 1)
    steps = np.concatenate([np.arange(side + 1, dtype=np.int32) for side in scales.sides])
    lengths = jnp.asarray(scales.lengths)[:, length]
    divisors = jnp.maximum(lengths, 1)
    # In whole numbers, so that the end of the last pixel is the end of the picture and not nearly so.
    way = jnp.minimum(steps, lengths[numbers]) * length
    whole = lax.div(way, divisors[numbers])
    part = (way - whole * divisors[numbers]).astype(jnp.float32) / divisors[numbers].astype(jnp.float32)
    share = divisors.astype(jnp.float32) / jnp.maximum(length, 1).astype(jnp.float32)
    return _Edges(lengths, whole, part, share)


def _means(rows: Array, sums: Array, edges: _Edges) -> Array:
    """Rows (n, m) shrunk, int32 (edges - 1, m)."""
    inside = jnp.minimum(edges.whole, rows.shape[0] - 1)
    began = rows.at[inside].get(mode="promise_in_bounds").astype(jnp.float32) * edges.part[:, None]
    until = sums.at[edges.whole].get(mode="promise_in_bounds") + jnp.round(began).astype(jnp.int32)
    return jnp.round((until[1:] - until[:-1]).astype(jnp.float32) * edges.share).astype(jnp.int32)
