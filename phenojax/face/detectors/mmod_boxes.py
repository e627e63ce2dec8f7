"""From a place in the detector's score map to a box on the picture, in dlib's whole numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.face.detectors.mmod_pyramid import Layout, copy_sides

# One step down the pyramid, and the half of a pixel (or so) that dlib takes its copies to be shifted by.
_RATE, _SHIFT = 6 / 5, 0.3


class Window(NamedTuple):
    """What the network looks at in one place of its score map.

    Attributes:
        stride: pixels of the plane between two places.
        offset: the pixel in the middle of what the first place sees.
        width: of the box of a face, pixels of the plane.
        height: likewise.
    """

    stride: int
    offset: int
    width: int
    height: int


def receptive_field(kernels: tuple[int, ...], steps: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Stride and offset (`Window`) of convolutions with these kernel sides and (stride, padding), from the first on."""
    stride, offset = 1, 0
    for kernel, (step, padding) in zip(kernels, steps, strict=True):
        offset += stride * (kernel // 2 - padding)
        stride *= step
    return stride, offset


def boxes_of_map(shape: tuple[int, int], layout: Layout, window: Window, side: int) -> Array:
    """The box of every place of a score map.

    A place belongs to the copy that its middle lies in, or else is nearest to; its box is that of the copy, blown up
    step by step and rounded to whole pixels at the end.

    Args:
        shape: of the map; static.
        layout: of the picture.
        window: static.
        side: of the canvas; static.

    Returns:
        int32 (*shape, 4): left, top, right, bottom on the picture, the last two included. May reach beyond it.
    """
    x = jnp.arange(shape[1]) * window.stride + window.offset
    y = jnp.arange(shape[0]) * window.stride + window.offset
    copy = _nearest_copy(x, y, layout)
    table, lowest = blown_up(side, max(window.width, window.height))
    values = jnp.asarray(table)

    def edge(middle: Array, start: Array, half_pixels: int) -> Array:
        position = 2 * (middle - start) + half_pixels
        return values[copy, jnp.clip(position - lowest, 0, table.shape[1] - 1)]

    columns = jnp.broadcast_to(x[None, :], shape), layout.lefts[copy], window.width - 1
    rows = jnp.broadcast_to(y[:, None], shape), layout.tops[copy], window.height - 1
    return jnp.stack(
        [edge(middle, start, sign * half) for sign in (-1, 1) for middle, start, half in (columns, rows)], axis=-1
    )


def _nearest_copy(x: Array, y: Array, layout: Layout) -> Array:
    """Number of the copy that each of the points is in or nearest to, the first of equals; int32 (len(y), len(x))."""

    def away(points: Array, starts: Array, lengths: Array) -> Array:
        first, last = starts[:, None], (starts + lengths - 1)[:, None]
        return jnp.maximum(jnp.maximum(first - points, points - last), 0)

    across, down = away(x, layout.lefts, layout.widths), away(y, layout.tops, layout.heights)
    distance = across[:, None, :] ** 2 + down[:, :, None] ** 2
    far = jnp.iinfo(jnp.int32).max
    return jnp.argmin(jnp.where(layout.used[:, None, None], distance, far), axis=0)


@lru_cache(maxsize=8)
def blown_up(side: int, window: int) -> tuple[NDArray[np.int32], int]:
    """Coordinates on the picture of coordinates on its copies, rounded.

    A table, because dlib rounds a float64, and what it rounds is often half a pixel to the last bit.

    Args:
        side: of the canvas, pixels.
        window: how far beyond a copy a place may lie, at least; pixels.

    Returns:
        int32 (copies, n), and the coordinate of the first column in half pixels: column ``i`` is for
        ``(lowest + i) / 2`` pixels.
    """
    reach = 2 * window + 64
    half_pixels = np.arange(-2 * reach, 2 * (side + reach) + 1)
    positions = half_pixels / 2
    rows = []
    for _ in copy_sides(side):
        rows.append(np.floor(positions + 0.5).astype(np.int32))
        positions = positions * _RATE + _SHIFT
    return np.stack(rows), int(half_pixels[0])
