"""Canvases and five points to aligned chips: one compiled program for each template, scheme and shape of batch."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from phenojax.face.alignment.placement import place, usable
from phenojax.face.alignment.sample import sample
from phenojax.face.alignment.templates import Template, find_template
from phenojax.face.alignment.window import halved_window, whole_canvas
from phenojax.face.landmarks import LandmarkScheme


@partial(jax.jit, static_argnums=(0, 1))
def align(template: str, scheme: LandmarkScheme, canvases: Array, sizes: Array, points: Array) -> Array:
    """Cut the chip of one face out of each picture.

    With ``dlib-150`` and `LandmarkScheme.DLIB5` these are the pixels of dlib's `get_face_chip` (size 150, padding
    0.25), but that float32 rounds about four values in a hundred thousand to the next grey level.

    Args:
        template: `template_names`; static.
        scheme: of the points; static.
        canvases: uint8 (b, s, s, 3), RGB; a picture lies at the top left.
        sizes: int32 (b, 2): height and width of each picture; what is beyond counts as black. A slot of size 0 gives a
            black chip.
        points: float32 (b, 5, 2): x and y, pixels of the canvas, a pixel's centre at whole numbers. They may lie beyond
            the picture. What is not finite gives a black chip; `spans_a_face` tells which points make sense.

    Returns:
        uint8 (b, side, side, 3), RGB.

    Raises:
        ConfigError: there is no such template.
    """
    wanted = find_template(template)

    def one(face: tuple[Array, Array, Array]) -> Array:
        number, size, five = face
        chip = _chip(wanted, scheme, canvases, number, size, five)
        whole = jnp.floor(chip) if wanted.sampling.round_down else jnp.round(chip)
        return whole.astype(jnp.uint8)

    # One after the other, so that only the halving that a face needs is done.
    faces = jnp.arange(canvases.shape[0]), sizes.astype(jnp.int32), points
    chips: Array = lax.map(one, faces)
    return chips


@partial(jax.jit, static_argnums=(0, 1))
def align_float(template: str, scheme: LandmarkScheme, canvases: Array, sizes: Array, points: Array) -> Array:
    """`align` without rounding anywhere: differentiable in the canvases' pixels and in the points.

    How often a face is halved does not change with its gradient: it is the slope of the one program that ran.

    Args:
        template: static.
        scheme: static.
        canvases: float32 (b, s, s, 3), 0 to 255.
        sizes: int32 (b, 2).
        points: float32 (b, 5, 2).

    Returns:
        float32 (b, side, side, 3), 0 to 255.

    Raises:
        ConfigError: there is no such template.
    """
    wanted = find_template(template)

    def one(face: tuple[Array, Array, Array]) -> Array:
        canvas, size, five = face
        return _chip(wanted, scheme, canvas[None], jnp.int32(0), size, five)

    # Each canvas by itself: the gradient of a loop that sees them all would be as large, for every face.
    chips: Array = lax.map(one, (canvases.astype(jnp.float32), sizes.astype(jnp.int32), points))
    return chips


def _chip(
    template: Template, scheme: LandmarkScheme, canvases: Array, number: Array, size: Array, points: Array
) -> Array:
    """float32 (side, side, 3) of the face on one of the canvases."""
    known = usable(points)
    found = place(template, scheme, jnp.where(known, points, 0).astype(jnp.float32))
    size = jnp.where(known, size, 0)
    if template.sampling.halves:
        return sample(template, halved_window(template, canvases, number, size, found))
    return sample(template, whole_canvas(canvases[number], size, found))
