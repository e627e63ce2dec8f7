"""Chips that differ a little each time they are seen, inside the compiled step."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from phenojax.face.training.config import Augmentation


def augment(key: Array, chips: Array, settings: Augmentation) -> Array:
    """Vary aligned chips at random, each by itself.

    Args:
        key: of `jax.random`.
        chips: RGB from 0 to 255, (b, s, s, 3), uint8 or float32.
        settings: how much; what is 0 changes nothing.

    Returns:
        float32 (b, s, s, 3) in [0, 255].
    """
    pixels = chips.astype(jnp.float32)
    flip, crop, light, contrast = jax.random.split(key, 4)
    n = pixels.shape[0]
    if settings.crop > 0:
        pixels = _cropped(crop, pixels, settings.crop)
    if settings.flip > 0:
        mirrored = jax.random.bernoulli(flip, settings.flip, (n, 1, 1, 1))
        pixels = jnp.where(mirrored, pixels[:, :, ::-1], pixels)
    if settings.contrast > 0:
        mean = pixels.mean(axis=(1, 2), keepdims=True)
        factor = 1.0 + settings.contrast * jax.random.uniform(contrast, (n, 1, 1, 1), minval=-1.0)
        pixels = mean + factor * (pixels - mean)
    if settings.brightness > 0:
        pixels = pixels + 255.0 * settings.brightness * jax.random.uniform(light, (n, 1, 1, 1), minval=-1.0)
    return jnp.clip(pixels, 0.0, 255.0)


def _cropped(key: Array, pixels: Array, most: float) -> Array:
    """A square window of each chip, enlarged to the whole by bilinear interpolation: two small matrix products."""
    n, side = pixels.shape[:2]
    size_key, place_key = jax.random.split(key)
    window = side * (1.0 - most * jax.random.uniform(size_key, (n, 1)))
    offset = jax.random.uniform(place_key, (n, 2)) * (side - window)
    rows, columns = (_interpolation(side, window[:, 0], offset[:, axis]) for axis in (0, 1))
    highest = jax.lax.Precision.HIGHEST
    tall = jnp.einsum("bij,bjkc->bikc", rows, pixels, precision=highest)
    return jnp.einsum("bkj,bijc->bikc", columns, tall, precision=highest)


def _interpolation(side: int, window: Array, offset: Array) -> Array:
    """Weights (b, side, side) of the pixels of one axis in those of its window, blown up to the whole axis."""
    pixel = jnp.arange(side, dtype=jnp.float32)
    at = offset[:, None] + (pixel + 0.5) * (window / side)[:, None] - 0.5
    at = jnp.clip(at, 0.0, side - 1.0)
    return jnp.maximum(0.0, 1.0 - jnp.abs(at[:, :, None] - pixel))
