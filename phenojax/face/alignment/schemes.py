"""Five points of one scheme where those of the other are wanted: either detector serves either encoder.

Nobody has published dlib's points for ArcFace's chip, or the other way round; what is here is derived. The centres of
the eyes are in both schemes. The rest follows from the proportions of the two templates, each of a mean face, laid eye
on eye: the base of the nose lies on the way from its tip to the mouth, an eye's corners in the line of the eyes. Seen
from aside, the nose goes sideways and the mouth stays under the eyes.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from phenojax.face.alignment.templates import ARCFACE_POINTS, DLIB_POINTS, Points, Template
from phenojax.face.landmarks import LandmarkScheme

_TINY = 1e-12


def target_points(template: Template, scheme: LandmarkScheme) -> Array:
    """Where the points of a scheme belong on a chip: float32 (5, 2), x and y, pixels of the chip."""
    return to_scheme(jnp.asarray(template.points, jnp.float32), template.native, scheme)


def eyes(points: Array, scheme: LandmarkScheme) -> tuple[Array, Array]:
    """Centres of the left and of the right eye, (..., 2) each, of points (..., 5, 2)."""
    if scheme is LandmarkScheme.DLIB5:
        return (points[..., 2, :] + points[..., 3, :]) / 2, (points[..., 0, :] + points[..., 1, :]) / 2
    return points[..., 0, :], points[..., 1, :]


def to_scheme(points: Array, scheme: LandmarkScheme, wanted: LandmarkScheme) -> Array:
    """Estimate the points of another scheme.

    Args:
        points: float32 (..., 5, 2), x and y.
        scheme: of `points`; static.
        wanted: of the answer; static. If it is the same, `points` themselves.

    Returns:
        float32 (..., 5, 2). Turned, enlarged or moved points give turned, enlarged or moved ones.
    """
    if scheme is wanted:
        return points
    left, right = eyes(points, scheme)
    across = right - left
    if wanted is LandmarkScheme.DLIB5:
        tip, mouth = points[..., 2, :], (points[..., 3, :] + points[..., 4, :]) / 2
        base = tip + _BASE_FROM_TIP * (mouth - tip)
        corner = _EYE_CORNER * across
        return jnp.stack([right + corner, right - corner, left - corner, left + corner, base], axis=-2)
    middle = (left + right) / 2
    towards_base = points[..., 4, :] - middle
    square = (across**2).sum(axis=-1, keepdims=True)
    apart = square > _TINY
    share = (towards_base * across).sum(axis=-1, keepdims=True) / jnp.where(apart, square, 1)
    aside = jnp.where(apart, share, 0) * across
    down = towards_base - aside
    tip, mouth, corner = middle + aside + _TIP_OF_BASE * down, middle + _MOUTH_OF_BASE * down, _MOUTH_CORNER * across
    return jnp.stack([left, right, tip, mouth - corner, mouth + corner], axis=-2)


def _in_eye_distances(points: Points, left: complex, right: complex) -> list[complex]:
    """From midway between the eyes' centres, which lie at -.5 and .5; downwards is +1j."""
    return [(complex(*point) - (left + right) / 2) / (right - left) for point in points]


_DLIB = [complex(*point) for point in DLIB_POINTS]
_OUTER, _INNER, _, _, _BASE = _in_eye_distances(DLIB_POINTS, (_DLIB[2] + _DLIB[3]) / 2, (_DLIB[0] + _DLIB[1]) / 2)
_, _, _TIP, _LEFT, _RIGHT = _in_eye_distances(ARCFACE_POINTS, *(complex(*point) for point in ARCFACE_POINTS[:2]))
_MOUTH = (_LEFT + _RIGHT) / 2
_EYE_CORNER = (_OUTER - _INNER).real / 2
_MOUTH_CORNER = (_RIGHT - _LEFT).real / 2
_BASE_FROM_TIP = (_BASE - _TIP).imag / (_MOUTH - _TIP).imag
_TIP_OF_BASE, _MOUTH_OF_BASE = _TIP.imag / _BASE.imag, _MOUTH.imag / _BASE.imag
