"""Squares of a picture at the size that a network takes, with lines drawn between pixels."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from phenojax.face.detectors.mtcnn_pyramid import normalised


def pack(canvas: Array) -> Array:
    """Canvas uint8 (s, s, 3) to uint32 (s, s), three colours in one number: to fetch a pixel is what takes time."""
    colours = canvas.astype(jnp.uint32)
    return colours[..., 0] | colours[..., 1] << 8 | colours[..., 2] << 16


def crop(packed: Array, size: Array, boxes: Array, side: int) -> Array:
    """Cut boxes out of a picture, as the package mtcnn does it: pixels are taken, not averaged.

    A box from 0 to the picture's length has its first sample on the first pixel and its last on the last.

    Args:
        packed: of `pack`.
        size: int32 (2,): height and width of the picture.
        boxes: float32 (b, 4): left, top, right, bottom. They may reach beyond the picture.
        side: of a crop, pixels; static.

    Returns:
        float32 (b, side, side, 3), `normalised`; 0, the middle of the range, beyond the picture.
    """
    (left, right, across, x_inside), (top, bottom, down, y_inside) = (
        _between(boxes[:, axis], boxes[:, axis + 2], size[1 - axis], side) for axis in range(2)
    )

    def fetch(rows: Array, columns: Array) -> Array:
        place = rows[:, :, None] * packed.shape[1] + columns[:, None, :]
        found = packed.reshape(-1).at[place].get(mode="promise_in_bounds")
        return jnp.stack([found >> shift & 255 for shift in (0, 8, 16)], axis=-1).astype(jnp.float32)

    def mixed(first: Array, second: Array, way: Array) -> Array:
        return first + (second - first) * way

    upper, lower = (mixed(fetch(rows, left), fetch(rows, right), across[:, None, :, None]) for rows in (top, bottom))
    inside = (y_inside[:, :, None] & x_inside[:, None, :])[..., None]
    return jnp.where(inside, normalised(mixed(upper, lower, down[:, :, None, None])), 0)


def _between(start: Array, end: Array, length: Array, side: int) -> tuple[Array, Array, Array, Array]:
    """For each sample the pixels before and after it, its way from one to the other, and whether both are there."""
    last = jnp.maximum(length - 1, 0)
    scale = last.astype(jnp.float32) / jnp.maximum(length, 1).astype(jnp.float32)
    step = (end - start) * scale / (side - 1)
    position = (start * scale)[:, None] + jnp.arange(side, dtype=jnp.float32) * step[:, None]
    inside = (position >= 0) & (position <= last.astype(jnp.float32))
    position = jnp.where(inside, position, 0)
    first = jnp.floor(position).astype(jnp.int32)
    return first, jnp.minimum(first + 1, last), position - first.astype(jnp.float32), inside
