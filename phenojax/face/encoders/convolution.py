"""A convolution in the form that the device at hand computes fastest; the numbers are those of `lax.conv`.

An accelerator gets the convolution as it is. On a CPU, XLA's own is near the speed of a matrix product where there are
many places and many channels, and far from it in two corners, which are written as something it is good at:

    few channels, stride > 1   each cell of stride x stride pixels becomes one pixel with all their channels
                               (`in_cells`): the first layer of a network, up to four times as fast
    few places, many outputs   all pixels under the window side by side, times the kernel (`by_product`): the last
                               layers, up to seven times as fast

Which one is a pure function of the shapes (`form_on_cpu`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

import jax
import jax.numpy as jnp
from flax import linen
from flax.linen.dtypes import promote_dtype
from jax import Array, lax
from jax.typing import DTypeLike

_LAYOUT = ("NHWC", "HWIO", "NHWC")
_FEW_CHANNELS = 4
# From here on copying what is under the windows costs less than what the product gains.
_OUTPUTS_A_PLACE = 4


class Form(Enum):
    """How a convolution is written down."""

    PLAIN = "plain"
    CELLS = "cells"
    PRODUCT = "product"


class Conv(linen.Module):
    """A drop-in for `linen.Conv` with a square window: parameters ``kernel`` (size, size, in, out) and ``bias`` (out,).

    Attributes:
        channels: of the output.
        size: of the window.
        stride: in both directions.
        padding: zeros on each side.
        dtype: of the arithmetic; None for that of input and weights.
    """

    channels: int
    size: int
    stride: int = 1
    padding: int = 0
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, inputs: Array) -> Array:
        """(b, h, w, c) to (b, h', w', channels)."""
        shape = (self.size, self.size, inputs.shape[-1], self.channels)
        kernel = self.param("kernel", linen.initializers.lecun_normal(), shape)
        bias = self.param("bias", linen.initializers.zeros, (self.channels,))
        x, kernel, bias = promote_dtype(inputs, kernel, bias, dtype=self.dtype)
        found: Array = convolve(x, kernel, self.stride, self.padding) + bias
        return found


def convolve(x: Array, kernel: Array, stride: int = 1, padding: int = 0) -> Array:
    """Correlate images with a kernel.

    Args:
        x: (b, h, w, c).
        kernel: (kh, kw, c, k), of the same dtype.
        stride: in both directions; static.
        padding: zeros on each side; static.

    Returns:
        (b, (h + 2 padding - kh) // stride + 1, (w + 2 padding - kw) // stride + 1, k). Differentiable in reverse mode.
    """
    on_cpu = _FORMS[form_on_cpu(x.shape, kernel.shape, stride, padding)]

    def cpu(x: Array, kernel: Array) -> Array:
        return on_cpu(x, kernel, stride, padding)

    def default(x: Array, kernel: Array) -> Array:
        return _lax(x, kernel, stride, padding)

    found: Array = lax.platform_dependent(x, kernel, cpu=cpu, default=default)
    return found


def form_on_cpu(x: tuple[int, ...], kernel: tuple[int, ...], stride: int, padding: int) -> Form:
    """The form that is fastest on a CPU for arrays of these shapes; independent of the size of the batch."""
    height, width, n_in, n_out = kernel
    places = _places(x[1], height, stride, padding) * _places(x[2], width, stride, padding)
    if n_in <= _FEW_CHANNELS and 1 < stride <= min(height, width):
        return Form.CELLS
    if height * width > 1 and places * _OUTPUTS_A_PLACE <= n_out:
        return Form.PRODUCT
    return Form.PLAIN


def in_cells(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    """The convolution with stride 1 over cells of stride x stride pixels, the kernel filled up to whole cells."""
    batch, height, width, n_in = x.shape
    kernel_height, kernel_width, _, n_out = kernel.shape
    over_y, over_x = -(-kernel_height // stride), -(-kernel_width // stride)
    cells_y = _places(height, kernel_height, stride, padding) + over_y - 1
    cells_x = _places(width, kernel_width, stride, padding) + over_x - 1
    # What is left over behind the last window is cut off; what its cells lack is 0.
    ends = (cells_y * stride - height - padding, cells_x * stride - width - padding)
    x = lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *((padding, end, 0) for end in ends), (0, 0, 0)))
    x = x.reshape(batch, cells_y, stride, cells_x, stride, n_in).swapaxes(2, 3)
    more = ((0, over_y * stride - kernel_height), (0, over_x * stride - kernel_width), (0, 0), (0, 0))
    kernel = jnp.pad(kernel, more).reshape(over_y, stride, over_x, stride, n_in, n_out).swapaxes(1, 2)
    channels = stride * stride * n_in
    return plain(x.reshape(batch, cells_y, cells_x, channels), kernel.reshape(over_y, over_x, channels, n_out), 1, 0)


def by_product(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    """The pixels under each window as a row of one matrix, times the kernel as the other."""
    batch, height, width, n_in = x.shape
    kernel_height, kernel_width, _, n_out = kernel.shape
    rows, columns = (
        _places(height, kernel_height, stride, padding),
        _places(width, kernel_width, stride, padding),
    )
    x = jnp.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    under = [
        x[:, top : top + (rows - 1) * stride + 1 : stride, left : left + (columns - 1) * stride + 1 : stride]
        for top in range(kernel_height)
        for left in range(kernel_width)
    ]
    matrix = jnp.concatenate(under, axis=-1).reshape(batch * rows * columns, kernel_height * kernel_width * n_in)
    return (matrix @ kernel.reshape(-1, n_out)).reshape(batch, rows, columns, n_out)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def plain(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    """XLA's own convolution, with gradients that are such convolutions too.

    Those that JAX writes down read their arguments transposed. XLA for CPUs puts that right, but not inside a loop or a
    function in a function, and there takes 10 to 40 times as long (jaxlib 0.10.2).
    """
    return _lax(x, kernel, stride, padding)


def _plain_forward(x: Array, kernel: Array, stride: int, padding: int) -> tuple[Array, tuple[Array, Array]]:
    return _lax(x, kernel, stride, padding), (x, kernel)


def _plain_backward(stride: int, padding: int, saved: tuple[Array, Array], given: Array) -> tuple[Array, Array]:
    x, kernel = saved
    # The barriers keep XLA from merging the transpositions into the convolutions again.
    turned = lax.optimization_barrier(jnp.flip(kernel, (0, 1)).swapaxes(2, 3))
    channels_first = lax.optimization_barrier(x.transpose(3, 1, 2, 0))
    places_first = lax.optimization_barrier(given.transpose(1, 2, 0, 3))
    sides = list(zip(kernel.shape[:2], x.shape[1:3], given.shape[1:3], strict=True))
    reach = [(places - 1) * stride + 1 for _, _, places in sides]
    around = [
        (window - 1 - padding, length + padding - far) for (window, length, _), far in zip(sides, reach, strict=True)
    ]
    to_x = lax.conv_general_dilated(given, turned, (1, 1), around, (stride, stride), dimension_numbers=_LAYOUT)
    beside = [
        (padding, far + window - 1 - length - padding) for (window, length, _), far in zip(sides, reach, strict=True)
    ]
    to_kernel = lax.conv_general_dilated(
        channels_first, places_first, (1, 1), beside, rhs_dilation=(stride, stride), dimension_numbers=_LAYOUT
    )
    return to_x, to_kernel.transpose(1, 2, 0, 3)


plain.defvjp(_plain_forward, _plain_backward)


def _lax(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    pads = ((padding, padding), (padding, padding))
    return lax.conv_general_dilated(x, kernel, (stride, stride), pads, dimension_numbers=_LAYOUT)


def _places(length: int, window: int, stride: int, padding: int) -> int:
    return (length + 2 * padding - window) // stride + 1


_FORMS: dict[Form, Callable[..., Array]] = {Form.PLAIN: plain, Form.CELLS: in_cells, Form.PRODUCT: by_product}
