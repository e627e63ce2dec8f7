"""The similarity (turn, one scale, shift; never a mirror) that comes nearest to moving five points onto five others.

Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE PAMI 13, 1991. In the
plane it needs no singular values: with both sets about their means and points as complex numbers, the factor is the sum
of conj(source) target over the sum of conj(source) source.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from phenojax.face.alignment.templates import Fit

_TINY = 1e-12


class Similarity(NamedTuple):
    """``(x, y) -> (a x - b y, b x + a y)``, then what is at `source` (the mean) is put to `target`.

    Attributes:
        a: scale times the cosine of the turn; float32 ().
        b: scale times the sine.
        source: float32 (2,).
        target: float32 (2,).
    """

    a: Array
    b: Array
    source: Array
    target: Array

    def __call__(self, point: Array) -> Array:
        """Move a point, float32 (2,)."""
        x, y = point - self.source
        return self.target + jnp.stack([self.a * x - self.b * y, self.b * x + self.a * y])


def to_picture(template: Array, face: Array, fit: Fit) -> Similarity:
    """From pixels of the chip to pixels of the picture, in closed form, differentiable.

    Args:
        template: float32 (5, 2), where the points belong on the chip; not all on one spot.
        face: float32 (5, 2), where they are. All on one spot, or such that no turn is better than another, they give
            the similarity that puts the whole chip on their mean.
        fit: static.
    """
    middle, here = template.mean(axis=0), face.mean(axis=0)
    source, target = template - middle, face - here
    along = (source * target).sum()
    across = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum()
    if fit is Fit.IN_PICTURE:
        factor = 1 / (source**2).sum()
    else:
        # The inverse of the similarity from the face to the template: the same turn, another scale.
        common = along**2 + across**2
        spans = common > _TINY
        factor = jnp.where(spans, (target**2).sum() / jnp.where(spans, common, 1), 0)
    return Similarity(along * factor, across * factor, middle, here)
