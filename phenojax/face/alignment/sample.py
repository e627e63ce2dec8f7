"""Reading a chip between the pixels of a window, bilinearly."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from phenojax.face.alignment.templates import Template
from phenojax.face.alignment.window import Window


def sample(template: Template, window: Window) -> Array:
    """Read a chip.

    Args:
        template: static.
        window: around the face.

    Returns:
        float32 (side, side, 3), not rounded; 0 beyond the picture.
    """
    steps = jnp.arange(template.side, dtype=jnp.float32) - (template.side - 1) / 2
    a, b = window.step
    x = window.centre[0] + (a * steps[None, :] - b * steps[:, None])
    y = window.centre[1] + (b * steps[None, :] + a * steps[:, None])
    left, top = jnp.floor(x), jnp.floor(y)
    along, down = (x - left)[..., None], (y - top)[..., None]
    column, row = left.astype(jnp.int32), top.astype(jnp.int32)
    corners = [_read(window, column + i, row + j) for j in (0, 1) for i in (0, 1)]
    values = [jnp.where(inside[..., None], pixels, 0.0) for pixels, inside in corners]
    # Of equal pixels this is their value to the last bit, whatever the weights.
    upper = values[0] + along * (values[1] - values[0])
    lower = values[2] + along * (values[3] - values[2])
    chip: Array = upper + down * (lower - upper)
    if template.sampling.cut:
        surrounded = corners[0][1] & corners[3][1]
        return jnp.where(surrounded[..., None], chip, 0.0)
    return chip


def _read(window: Window, x: Array, y: Array) -> tuple[Array, Array]:
    """Pixels float32 (..., 3) and whether there are such, bool (...)."""
    inside = (x >= window.low[0]) & (y >= window.low[1]) & (x < window.high[0]) & (y < window.high[1])
    x, y = jnp.where(inside, x + window.origin[0], 0), jnp.where(inside, y + window.origin[1], 0)
    return window.pixels.at[y, x].get(mode="promise_in_bounds").astype(jnp.float32), inside
