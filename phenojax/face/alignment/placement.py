"""Where in the picture the pixels of a chip lie."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.face.alignment.schemes import eyes, to_scheme
from phenojax.face.alignment.similarity import to_picture
from phenojax.face.alignment.templates import Template
from phenojax.face.landmarks import LandmarkScheme

MIN_EYE_DISTANCE = 4.0
"""Pixels between the eyes' centres below which there is no face to see."""
# Of the angle at the eyes' middle between an eye and what lies below; the frame of simulated warps asks for the same.
_MIN_SINE = 0.3
# Coordinates beyond this are as meaningless as those that are not finite, and would overflow.
_MAX_COORDINATE = float(2**20)
_TINY = 1e-12


class Placement(NamedTuple):
    """Chip pixel (u, v) lies at ``anchor + centre + (a x - b y, b x + a y)``, x = u - middle and y = v - middle.

    `middle` is ``(side - 1) / 2``. The anchor keeps the floats small, so that float32 is precise on large canvases.

    Attributes:
        anchor: int32 (2,), x and y.
        centre: float32 (2,): the centre of the chip, from the anchor.
        a: steps of one chip pixel along the picture's axes, pixels; float32 ().
        b: likewise.
    """

    anchor: Array
    centre: Array
    a: Array
    b: Array

    @property
    def step(self) -> Array:
        """How many of the picture's pixels a step of one chip pixel is."""
        return _length(jnp.stack([self.a, self.b]))


def place(template: Template, scheme: LandmarkScheme, points: Array) -> Placement:
    """Where the chip of a face lies.

    Args:
        template: static.
        scheme: of the points; static.
        points: float32 (5, 2), x and y, pixels, finite.
    """
    anchor = jnp.floor(jax.lax.stop_gradient(points[0]))
    native = to_scheme(points - anchor, scheme, template.native)
    found = to_picture(jnp.asarray(template.points, jnp.float32), native, template.fit)
    side, a, b = template.side, found.a, found.b
    if template.sampling.edge_to_edge:
        # The square of side * scale pixels is side * scale - 1 from the first to the last of them.
        scale = jnp.maximum(_length(jnp.stack([a, b])), 1 / side)
        spread = (side * scale - 1) / ((side - 1) * scale)
        centre = found(jnp.full(2, side / 2))
        return Placement(anchor.astype(jnp.int32), centre, a * spread, b * spread)
    return Placement(anchor.astype(jnp.int32), found(jnp.full(2, (side - 1) / 2)), a, b)


def usable(points: Array) -> Array:
    """Whether all coordinates can be reckoned with; bool (...) of float32 (..., 5, 2)."""
    return (jnp.abs(points) < _MAX_COORDINATE).all(axis=(-2, -1))


def spans_a_face(scheme: LandmarkScheme, points: Array, sizes: Array) -> Array:
    """Whether landmarks can be those of an upright-or-turned face in the picture.

    They are all finite; the eyes' centres are at least `MIN_EYE_DISTANCE` apart; the nose or mouth lies below the eyes
    as the face is turned, by at least 17 degrees as seen from between them (so points that are mirrored, or whose left
    and right are the person's, are none); and three of the five lie in the picture.

    Args:
        scheme: static.
        points: float32 (..., 5, 2), x and y, pixels.
        sizes: int32 (..., 2): height and width of the picture. 0 holds no face.

    Returns:
        bool (...).
    """
    known = usable(points)
    points = jnp.where(known[..., None, None], points, 0)
    left, right = eyes(points, scheme)
    below = points[..., 4, :] if scheme is LandmarkScheme.DLIB5 else (points[..., 3, :] + points[..., 4, :]) / 2
    across, down = right - left, below - (left + right) / 2
    turned = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    far_enough = (across**2).sum(axis=-1) >= MIN_EYE_DISTANCE**2
    below_the_eyes = (turned > 0) & (turned**2 >= _MIN_SINE**2 * (across**2).sum(axis=-1) * (down**2).sum(axis=-1))
    limit = sizes[..., None, ::-1] - 0.5
    inside = ((points > -0.5) & (points < limit)).all(axis=-1).sum(axis=-1) >= 3
    return known & far_enough & below_the_eyes & inside


def _length(vector: Array) -> Array:
    """Euclidean length of (2,), with the gradient 0 where it is 0."""
    square = (vector**2).sum()
    return jnp.where(square > _TINY, jnp.sqrt(jnp.where(square > _TINY, square, 1)), 0)
