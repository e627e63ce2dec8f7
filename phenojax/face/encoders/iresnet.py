"""The improved residual networks of face recognition: 18, 34, 50 or 100 layers from a 112-pixel chip to 512 numbers.

He et al. 2016 (doi 10.1109/CVPR.2016.90) with the blocks of ArcFace (Deng et al., CVPR 2019, arXiv:1801.07698): three
batch normalisations to two convolutions, one PReLU between these, nothing after the sum, no pooling, and a fully
connected layer over the last plane (Duta et al. 2020, arXiv:2004.04989, name such networks iResNet). InsightFace,
MagFace and GestaltMatcher-Arc use them.

Batch normalisations are folded into the convolution or fully connected layer beside them, which is exact, except the
first one of each block: the convolution after it pads with zeros, and at the border a folded shift would be missing. It
stays as a scale and a shift.

In bfloat16 only the 3 x 3 convolutions of the blocks and the fully connected layer are; they do 99 % of the work. Stem,
shortcuts, sums, biases, scales and slopes stay float32: rounding errors of the stem and of the sums are the ones that
the later blocks make larger.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import jax.numpy as jnp
from flax import linen
from jax import Array
from jax.typing import DTypeLike

from phenojax.face.encoders.convolution import convolve

STAGES: Mapping[str, tuple[int, int, int, int]] = MappingProxyType(
    {
        "iresnet18": (2, 2, 2, 2),
        "iresnet34": (3, 4, 6, 3),
        "iresnet50": (3, 4, 14, 3),
        "iresnet100": (3, 13, 30, 3),
    }
)
"""Residual blocks in each of the four stages, by architecture."""

CHANNELS = (64, 128, 256, 512)
WIDTH = 512
INPUT_SIZE = 112


class IResNet(linen.Module):
    """The network, batch normalisations folded where that is exact.

    Attributes:
        stages: residual blocks in each stage; the first of each halves the plane.
        channels: of each stage; the stem has those of the first.
        dtype: of the operands of most products (see above); None for that of the input.

    A call takes preprocessed chips (b, 112, 112, 3), float32, and gives (b, 512).
    """

    stages: tuple[int, int, int, int]
    channels: tuple[int, int, int, int] = CHANNELS
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, inputs: Array) -> Array:
        """Chips (b, 112, 112, 3), preprocessed, to vectors (b, 512), not normalised."""
        if inputs.shape[1:] != (INPUT_SIZE, INPUT_SIZE, 3):
            raise ValueError(f"an iResNet takes chips (b, {INPUT_SIZE}, {INPUT_SIZE}, 3), not {inputs.shape}")
        x = Stem(self.channels[0], name="stem")(inputs)
        number = 0
        for channels, n_blocks in zip(self.channels, self.stages, strict=True):
            for place in range(n_blocks):
                x = ResidualBlock(channels, halves=place == 0, dtype=self.dtype, name=f"block_{number:02d}")(x)
                number += 1
        return FullyConnected(WIDTH, dtype=self.dtype, name="embedding")(x.reshape(x.shape[0], -1))


class Stem(linen.Module):
    """A convolution and a PReLU; (b, h, w, 3) to (b, h, w, channels)."""

    channels: int

    @linen.compact
    def __call__(self, x: Array) -> Array:
        """The first features."""
        return prelu(Convolution(self.channels, 3, name="conv")(x), _slope(self, self.channels))


class ResidualBlock(linen.Module):
    """A scale and shift, two convolutions with a PReLU between them, and a shortcut; (b, h, w, c) to (b, h', w', c').

    Attributes:
        channels: of the output.
        halves: whether height and width are halved; the shortcut is projected then.
        dtype: as in `IResNet`.
    """

    channels: int
    halves: bool
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, x: Array) -> Array:
        """What the block adds to its input, not rectified."""
        stride = 2 if self.halves else 1
        scale = self.param("scale", linen.initializers.ones, x.shape[-1:]).astype(x.dtype)
        shift = self.param("shift", linen.initializers.zeros, x.shape[-1:]).astype(x.dtype)
        y = Convolution(self.channels, 3, dtype=self.dtype, name="first")(x * scale + shift)
        y = prelu(y, _slope(self, self.channels))
        y = Convolution(self.channels, 3, stride, dtype=self.dtype, name="second")(y)
        return y + (Convolution(self.channels, 1, stride, name="shortcut")(x) if self.halves else x)


class Convolution(linen.Module):
    """A square convolution, padded with zeros so that stride 1 keeps the plane; kernel HWIO, and a bias.

    Attributes:
        channels: of the output.
        size: of the filters, pixels.
        stride: both ways.
        dtype: of input and kernel in the products; None for that of the input, which is that of the output.
    """

    channels: int
    size: int
    stride: int = 1
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, x: Array) -> Array:
        """Planes (b, h, w, c) to (b, h', w', channels)."""
        shape = (self.size, self.size, x.shape[-1], self.channels)
        kernel = self.param("kernel", linen.initializers.he_normal(), shape)
        bias = self.param("bias", linen.initializers.zeros, (self.channels,))
        dtype, margin = self.dtype or x.dtype, self.size // 2
        y = convolve(x.astype(dtype), kernel.astype(dtype), self.stride, margin)
        return y.astype(x.dtype) + bias.astype(x.dtype)


class FullyConnected(linen.Module):
    """``x @ kernel + bias``; `dtype` as in `Convolution`, sums in the type of the input."""

    width: int
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, x: Array) -> Array:
        """Vectors (b, n) to (b, width)."""
        kernel = self.param("kernel", linen.initializers.lecun_normal(), (x.shape[-1], self.width))
        bias = self.param("bias", linen.initializers.zeros, (self.width,))
        dtype = self.dtype or x.dtype
        products = jnp.matmul(x.astype(dtype), kernel.astype(dtype), preferred_element_type=x.dtype)
        return products + bias.astype(x.dtype)


def prelu(x: Array, slope: Array) -> Array:
    """``x`` where it is positive, else ``slope * x``, a slope for each channel (the last axis)."""
    return jnp.where(x > 0, x, x * slope.astype(x.dtype))


def _slope(module: linen.Module, channels: int) -> Array:
    slope: Array = module.param("slope", linen.initializers.constant(0.25), (channels,))
    return slope
