"""A picture of twice the size, in which the detector finds faces of half the size."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from phenojax.face.detectors.mmod_pyramid import resize

# A point of the doubled picture is halved, and lies this far (x, y) to the left and above of where that is.
_SHIFT = (1.25, 0.75)
# The doubled picture has so many pixels more than twice those of the picture, as dlib makes it.
_MORE_ROWS, _MORE_COLUMNS = 1, 2


def upsampled(canvas: Array, size: Array) -> tuple[Array, Array]:
    """Double a picture as dlib does: to 2 h + 1 rows and 2 w + 2 columns, corner pixels on corner pixels.

    What lies between two whole values is cut down to the lower, as there.

    Args:
        canvas: uint8 (s, s, 3).
        size: int32 (2,): height and width of the picture on it; 0 stays 0.

    Returns:
        uint8 (2 s + 2, 2 s + 2, 3) and the new size.
    """
    larger = jnp.where(size > 0, 2 * size + jnp.array([_MORE_ROWS, _MORE_COLUMNS], jnp.int32), 0)
    side = 2 * canvas.shape[0] + max(_MORE_ROWS, _MORE_COLUMNS)
    pixels = resize(canvas.astype(jnp.float32), (size[0], size[1]), (larger[0], larger[1]), side)
    return jnp.floor(pixels).astype(jnp.uint8), larger


def boxes_down(boxes: Array, times: int) -> Array:
    """Boxes int32 (k, 4) of a picture doubled so many times, on the picture itself; rounded once, at the end."""
    shift = jnp.array(_SHIFT * 2, jnp.float32)
    corners = boxes.astype(jnp.float32)
    for _ in range(times):
        corners = corners / 2 - shift
    return jnp.floor(corners + 0.5).astype(jnp.int32)
