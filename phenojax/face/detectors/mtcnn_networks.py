"""The three networks of MTCNN: one that proposes, one that refines, one that decides and puts five points.

Zhang et al., "Joint face detection and alignment using multitask cascaded convolutional networks", IEEE Signal
Processing Letters 2016, doi 10.1109/LSP.2016.2603342. How sure they are of a face is one number here, the margin: the
logarithm of the odds, whose sigmoid is the probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import jax.numpy as jnp
from jax import Array, lax

from phenojax.face.detectors.mtcnn_fold import Layer


def propose(layers: Sequence[Layer], pixels: Array, size: tuple[Array, Array]) -> Array:
    """The first network, everywhere on a picture.

    Args:
        layers: `Networks.propose`.
        pixels: float32 (n, m, 3), columns first (`Level`).
        size: of the picture on it; what is beyond does not count.

    Returns:
        float32 (n', m', 5): corrections and margin of the 12-pixel cell that begins at twice the place; meaningless
        at and beyond `places` of `size`.
    """
    first, second, third, last = layers
    even = [(0, length % 2) for length in pixels.shape[:2]]
    x = _pool_pairs(_four_at_once(first, jnp.pad(pixels, (*even, (0, 0)))[None]), size)
    x = _convolve(third, _convolve(second, x))[0]
    return x @ last.kernel + last.bias


def places(length: Array) -> Array:
    """How many cells, 2 pixels apart, the first network finds on so many pixels; may be negative."""
    return (length - 1) // 2 - 4


def refine(layers: Sequence[Layer], crops: Array) -> Array:
    """The second network: crops (b, 24, 24, 3) to corrections and margin (b, 5)."""
    first, second, third, matrix, last = layers
    x = _pool_triples(_four_at_once(first, crops))
    x = _pool(_convolve(second, x), 3)
    return _heads(matrix, last, _convolve(third, x))


def decide(layers: Sequence[Layer], crops: Array) -> Array:
    """The third network: crops (b, 48, 48, 3) to corrections, five x, five y and the margin (b, 15)."""
    first, second, third, fourth, matrix, last = layers
    x = _pool_triples(_four_at_once(first, crops))
    x = _pool(_convolve(second, x), 3)
    x = _pool(_convolve(third, x), 2)
    return _heads(matrix, last, _convolve(fourth, x))


def _heads(matrix: Layer, last: Layer, x: Array) -> Array:
    flat = x.reshape(len(x), -1)
    return _rectify(matrix, flat @ matrix.kernel) @ last.kernel + last.bias


def _convolve(layer: Layer, x: Array) -> Array:
    product = lax.conv_general_dilated(x, layer.kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return _rectify(layer, product)


def _rectify(layer: Layer, x: Array) -> Array:
    x = x + layer.bias
    return jnp.where(x > 0, x, layer.slope * x)


def _four_at_once(layer: Layer, x: Array) -> tuple[Array, Array, Array, Array]:
    """The values of the first convolution, (b, h, w, 3) to (b, h / 2 - 1, w / 2 - 1, out) for each of 2 x 2 places.

    Four times the channels at a quarter of the places are four times as fast where the input has three channels, and
    the pool that follows needs no strides.
    """
    product = lax.conv_general_dilated(x, layer.kernel, (2, 2), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    first, second, third, fourth = (_rectify(layer, plane) for plane in jnp.split(product, 4, axis=-1))
    return first, second, third, fourth


def _pool_pairs(planes: Sequence[Array], size: tuple[Array, Array]) -> Array:
    """The largest of 2 x 2 values of `_four_at_once`, of those that lie on a picture of that size."""

    def inside(axis: int, offset: int) -> Array:
        return 2 * jnp.arange(planes[0].shape[1 + axis]) + offset < size[axis] - 2

    masks = [inside(0, down)[:, None, None] & inside(1, across)[:, None] for down in range(2) for across in range(2)]
    return reduce(jnp.maximum, (jnp.where(mask, plane, -jnp.inf) for mask, plane in zip(masks, planes, strict=True)))


def _pool_triples(planes: Sequence[Array]) -> Array:
    """The largest of 3 x 3 values of `_four_at_once`, in steps of 2, those beyond the end left out."""
    first, second, third, _ = planes
    below = _moved(jnp.maximum(first, second), 1)
    beside = _moved(jnp.maximum(first, third), 2)
    return reduce(jnp.maximum, (*planes, below, beside, _moved(_moved(first, 1), 2)))


def _moved(x: Array, axis: int) -> Array:
    """Each value where the one before it was, -inf at the end."""
    ends = [(0, 1 if number == axis else 0) for number in range(x.ndim)]
    return lax.slice_in_dim(jnp.pad(x, ends, constant_values=-jnp.inf), 1, None, 1, axis)


def _pool(x: Array, window: int) -> Array:
    """The largest of windows with stride 2 that lie within."""

    def along(x: Array, axis: int) -> Array:
        last = x.shape[axis] - window
        return reduce(jnp.maximum, (lax.slice_in_dim(x, at, at + last + 1, 2, axis) for at in range(window)))

    return along(along(x, 1), 2)
