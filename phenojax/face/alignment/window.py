"""The pixels that one chip is read from: those around the face, halved as often as the chip asks.

Halving blurs with 1 4 6 4 1 in both directions and keeps every other pixel (dlib's `pyramid_down<2>`), without what
needs pixels beyond the border: n pixels become (n - 3) // 2. What is halved begins at the face's own first pixel and
not at the picture's, as in dlib, which decides between two phases of the same pixels.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, TypeVar

import jax.numpy as jnp
from jax import Array, lax

from phenojax.face.alignment.placement import Placement
from phenojax.face.alignment.templates import Template

_TAPS = (1, 4, 6, 4, 1)
_Length = TypeVar("_Length", int, Array)


class Window(NamedTuple):
    """Pixels around a face.

    Attributes:
        pixels: (h, w, 3), of the canvas' type.
        origin: int32 (2,): x and y of the pixel that the coordinates below are counted from.
        low: int32 (2,): the first pixel that counts.
        high: int32 (2,): the first beyond those that count.
        centre: float32 (2,): of the chip.
        step: float32 (2,): a and b of `Placement`, in these pixels.
    """

    pixels: Array
    origin: Array
    low: Array
    high: Array
    centre: Array
    step: Array


def whole_canvas(canvas: Array, size: Array, place: Placement) -> Window:
    """The picture as it is: large faces alias.

    Args:
        canvas: (s, s, 3).
        size: int32 (2,): height and width.
        place: of the chip.
    """
    step = jnp.stack([place.a, place.b])
    return Window(canvas, place.anchor, -place.anchor, size[::-1] - place.anchor, place.centre, step)


def halved_window(template: Template, canvases: Array, number: Array, size: Array, place: Placement) -> Window:
    """The pixels around a face, halved until a step of one pixel of the chip is at most two of them.

    Args:
        template: static.
        canvases: (b, s, s, 3), uint8, or float32 whose halves are not rounded. All of them, because a loop that hands
            out one after the other copies it.
        number: int32 (): which of them.
        size: int32 (2,): height and width.
        place: of the chip.
    """
    deepest = max_depth(canvases.shape[1])
    depth = (place.step > 2.0 ** jnp.arange(1, deepest + 1)).sum()
    shrink = 2.0**depth
    # The border that five taps need, and one pixel more.
    reach = (template.side - 1) / 2 * (jnp.abs(place.a) + jnp.abs(place.b)) + 4 * shrink - 2
    limit = jnp.maximum(size[::-1] - 1, 0)
    first, last = (
        jnp.clip(place.anchor + jnp.floor(edge + 0.5).astype(jnp.int32), 0, limit)
        for edge in (place.centre - reach, place.centre + reach)
    )
    side = window_side(template, canvases.shape[1])
    depths = range(min(_whole_from(side, canvases.shape[1]), deepest - 1) + 1)
    branches = [partial(_cut_and_halve, side=side, times=times) for times in depths]
    pixels, origin = lax.switch(depth, branches, canvases, number, first, depth)
    shift = jnp.asarray(template.sampling.shift, jnp.float32) * (2 - 2 / shrink)
    centre = ((place.anchor - first).astype(jnp.float32) + place.centre) / shrink - shift
    high = _shorter(jnp.where(size.min() > 0, last - first + 1, 0), depth)
    return Window(pixels, origin, jnp.zeros_like(high), high, centre, jnp.stack([place.a, place.b]) / shrink)


def window_side(template: Template, canvas: int) -> int:
    """Side of the window, pixels: what a chip turned by 45 degrees spans at a step of two pixels.

    And on either side the border, less than 4 pixels, one for rounding, and two that halving with a phase may lose.
    """
    return min(canvas, int(2 * 2**0.5 * (template.side - 1)) + 16)


def max_depth(side: int) -> int:
    """After how many halvings nothing is left of a canvas."""
    return next(depth for depth in range(side + 1) if _shorter(side, depth) <= 0)


def _shorter(length: _Length, times: _Length) -> _Length:
    """What ``n -> (n - 3) // 2`` leaves after so many times."""
    return ((length + 3) >> times) - 3


def _whole_from(side: int, canvas: int) -> int:
    """After so many halvings, and more, the window holds the whole canvas."""
    return next(times for times in range(canvas) if side << times >= canvas)


def _cut_and_halve(
    canvases: Array, number: Array, first: Array, depth: Array, side: int, times: int
) -> tuple[Array, Array]:
    """Pixels (side, side, 3) and the x, y where the halved `first` is among them.

    If the window holds the whole canvas after so many `times`, it is halved on to `depth`: one chain serves all faces
    that large, where a program for each depth would be long to compile.
    """
    canvas = canvases.shape[1]
    source = min(canvas, side << times)
    start = jnp.minimum(first, canvas - source)
    level = lax.dynamic_slice(canvases, (number, start[1], start[0], jnp.int32(0)), (1, source, source, 3))[0]
    origin = first - start
    for _ in range(times):
        level, origin = halve(level, origin & 1), origin >> 1
    if source == canvas:
        return _halve_on(level, origin, depth - times, side)
    return _filled_up(level, side), origin


def _halve_on(level: Array, origin: Array, times: Array, side: int) -> tuple[Array, Array]:
    """Halve while `times` is above 0 and there are pixels."""
    if _shorter(level.shape[0], 1) <= 0:
        return _filled_up(level, side), origin

    def on(level: Array) -> tuple[Array, Array]:
        return _halve_on(halve(level, origin & 1), origin >> 1, times - 1, side)

    found: tuple[Array, Array] = lax.cond(times > 0, on, lambda level: (_filled_up(level, side), origin), level)
    return found


def _filled_up(level: Array, side: int) -> Array:
    missing = side - level.shape[0]
    return jnp.pad(level, ((0, missing), (0, missing), (0, 0)))


def halve(level: Array, phase: Array) -> Array:
    """Half the size, beginning at pixel (x, y) `phase`, each 0 or 1.

    Args:
        level: (n, n, 3): uint8, whose halves are rounded down, or float32.
        phase: int32 (2,).

    Returns:
        ((n - 3) // 2, (n - 3) // 2, 3), of the same type. Of an even n with phase 1, the last pixel is not used.
    """
    whole = level.dtype == jnp.uint8
    # 255 times the 256 of all taps is less than 2^16.
    both = level.astype(jnp.uint16) if whole else level
    for axis in (0, 1):
        both = _halve_one_way(both, phase[1 - axis], axis)
    return (both >> 8).astype(jnp.uint8) if whole else both / 256


def _halve_one_way(level: Array, phase: Array, axis: int) -> Array:
    length = (level.shape[axis] - 3) // 2
    if level.shape[axis] % 2:
        level = jnp.pad(level, [(0, int(axis == number)) for number in range(3)])

    def from_pixel(first: int, pixels: Array) -> Array:
        taken = (lax.slice_in_dim(pixels, first + k, first + k + 2 * length - 1, 2, axis) for k in range(5))
        return sum((tap * part for tap, part in zip(_TAPS, taken, strict=True)), start=jnp.zeros((), level.dtype))

    # Two programs, because XLA uses no vector instructions where the first pixel of a slice is not known, and does the
    # first way anew for each pixel of the second where nothing stands between them: four times slower.
    halved: Array = lax.cond(phase > 0, partial(from_pixel, 1), partial(from_pixel, 0), level)
    return halved
