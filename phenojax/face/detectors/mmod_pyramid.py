"""A picture and its smaller copies in one plane, laid out as dlib lays them out.

The network looks about 200 pixels far, the copies are 10 apart: what a copy's neighbours are, and on which of the
network's strides it begins, shows in every score. To give dlib's answers the plane must be dlib's plane. It depends on
the picture's true size, the arrays do not: everything is cut to what a square picture of the canvas' side needs, and
what is beyond the true size is 0.

The layout of a picture of height h and width w, with padding p between copies and o around all:

    copy 0         is the picture; each next one has 5/6 of height and width, rounded down, while it is at least 5 high
    left column    downwards from (o, o), a copy under the other, until one fits to the right of the copy before it
                   and at least half of the rows that copies 1.. would take is in use
    right column   the rest, upwards, from the foot of the left column, flush with the right side of copy 0; a copy
                   that would reach up to copy 0 and all after it are left out
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

MIN_HEIGHT = 5
# Wider pictures never have more copies than this in their left column; narrower ones whose plane does not fit have no
# faces (docstring of `plane_shape`).
_LEFT_COLUMN = 5


class Layout(NamedTuple):
    """Where the copies of one picture lie.

    Attributes:
        tops, lefts, heights, widths: int32 (copies,); pixels of the plane. Only where `used`.
        used: bool (copies,).
        height, width: int32 (); the true size of the plane.
    """

    tops: Array
    lefts: Array
    heights: Array
    widths: Array
    used: Array
    height: Array
    width: Array


def copy_sides(side: int) -> tuple[int, ...]:
    """Side of each copy of a square picture, the picture first; pixels."""
    sides = [side]
    while (smaller := sides[-1] * 5 // 6) >= MIN_HEIGHT:
        sides.append(smaller)
    return tuple(sides)


def plane_shape(side: int, padding: int, outer: int) -> tuple[int, int]:
    """Height and width of the array that holds the plane of every picture up to ``side x side``.

    Of every picture but those less than 65 pixels wide and several times as high, which stack more copies. They hold
    no face of the 80 pixels that the detector looks for; `fits` tells them.
    """
    left = copy_sides(side)[:_LEFT_COLUMN]
    return sum(left) + padding * (len(left) - 1) + 2 * outer, side + 2 * outer


def fits(layout: Layout, shape: tuple[int, int]) -> Array:
    """Whether a picture is not empty, and its plane is not larger than `shape`; bool ()."""
    return layout.used[0] & (layout.height <= shape[0]) & (layout.width <= shape[1])


def lay_out(size: Array, n_copies: int, padding: int, outer: int) -> Layout:
    """Where the copies of a picture lie.

    Args:
        size: int32 (2,): its height and width. Below `MIN_HEIGHT` rows or 10 columns nothing is used.
        n_copies: how many copies the largest picture has (`copy_sides`); static.
        padding: pixels between two copies; static.
        outer: pixels around all; static.
    """
    heights, widths = _shrink(size[0], n_copies), _shrink(size[1], n_copies)
    exists = (heights >= MIN_HEIGHT) & (widths > 0) & (size[1] >= padding) & (size[0] >= MIN_HEIGHT)
    pitches = jnp.where(exists, heights + padding, 0)
    before = jnp.cumsum(pitches) - pitches
    room = widths[0] - jnp.concatenate([jnp.zeros(1, jnp.int32), widths[:-1]]) - padding
    # dlib's sizes have no sign: where there is less than no room, it sees more than enough.
    beside = (widths <= room) | (room < 0)
    rest = pitches.sum() - 2 * padding - heights[0]
    half = (2 * (before - heights[0]) >= rest) & (rest >= 0)
    turned = jnp.cumsum((beside & half & exists).at[0].set(False)) > 0
    left = exists & ~turned
    foot = jnp.where(left, pitches, 0).sum() - padding
    right_pitches = jnp.where(turned, pitches, 0)
    right_tops = outer + foot - (jnp.cumsum(right_pitches) - right_pitches) - heights
    return Layout(
        tops=jnp.where(left, outer + before, right_tops),
        lefts=jnp.where(left, outer, outer + widths[0] - widths),
        heights=heights,
        widths=widths,
        used=left | (exists & (right_tops >= outer + heights[0])),
        height=foot + 2 * outer,
        width=widths[0] + 2 * outer,
    )


def _shrink(length: Array, n_copies: int) -> Array:
    # A loop, because XLA writes an unrolled chain out again wherever a link of it is used, and compiles for minutes.
    _, lengths = lax.scan(lambda longer, _: (lax.div(longer * 5, jnp.int32(6)), longer), length, length=n_copies)
    return lengths


def fill_plane(picture: Array, layout: Layout, shape: tuple[int, int]) -> Array:
    """Shrink a picture again and again and put the copies where `layout` says.

    Args:
        picture: float32 (s, s, channels), the picture at the top left.
        layout: of its true size.
        shape: of the plane; static.

    Returns:
        float32 (*shape, channels), 0 where no copy is.
    """
    sides = copy_sides(picture.shape[0])
    plane = jnp.zeros((*shape, picture.shape[2]), jnp.float32)
    copy = picture
    for number, side in enumerate(sides):
        if number > 0:
            before = (layout.heights[number - 1], layout.widths[number - 1])
            copy = resize(copy, before, (layout.heights[number], layout.widths[number]), side)
        at = (layout.tops[number], layout.lefts[number], jnp.int32(0))
        inside = layout.used[number] & _within(side, layout.heights[number], layout.widths[number])
        under = lax.dynamic_slice(plane, at, copy.shape) if number else jnp.zeros_like(copy)
        plane = lax.dynamic_update_slice(plane, jnp.where(inside[..., None], copy, under), at)
    return plane


def _within(side: int, height: Array, width: Array) -> Array:
    steps = jnp.arange(side)
    return (steps < height)[:, None] & (steps < width)[None, :]


def resize(source: Array, size: tuple[Array, Array], new_size: tuple[Array, Array], side: int) -> Array:
    """Bilinear, corner pixels on corner pixels, from `size` to `new_size`, both at the top left of squares."""
    rows, columns = (_between(length, new, side) for length, new in zip(size, new_size, strict=True))
    upper, lower = (source.at[index].get(mode="promise_in_bounds") for index in rows[:2])
    tall = upper + (lower - upper) * rows[2][:, None, None]
    first, second = (tall.at[:, index].get(mode="promise_in_bounds") for index in columns[:2])
    return first + (second - first) * columns[2][None, :, None]


def _between(length: Array, new_length: Array, side: int) -> tuple[Array, Array, Array]:
    """For each new pixel the two old ones it lies between, and its way from the first to the second, 0 to 1."""
    steps = jnp.arange(side, dtype=jnp.int32)
    divisor = jnp.maximum(new_length - 1, 1)
    # In whole numbers, so that the last pixel is the last pixel and not nearly so.
    way = steps * (length - 1)
    first = jnp.clip(lax.div(way, jnp.broadcast_to(divisor, way.shape)), 0, jnp.maximum(length - 1, 0))
    second = jnp.minimum(first + 1, jnp.maximum(length - 1, 0))
    return first, second, (way - first * divisor).astype(jnp.float32) / divisor.astype(jnp.float32)
