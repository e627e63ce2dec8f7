"""dlib's face encoder: a residual network of 29 convolutions from a 150-pixel chip to 128 numbers.

King, D. E., "High quality face recognition with deep metric learning" (dlib blog, 2017); a residual network
after He et al. 2016 (doi 10.1109/CVPR.2016.90). Unusual, and dlib's own: no padding where the stride is 2, shortcuts
that are averaged and filled up with zeros instead of being projected, and vectors that are not normalised.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen
from jax import Array
from jax.typing import DTypeLike
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.encoders.convolution import Conv
from phenojax.face.encoders.encoder import Params
from phenojax.face.weights.dlib_network import (
    AddPrevious,
    Affine,
    AveragePool,
    Convolution,
    DlibNetwork,
    FullyConnected,
    ImageInput,
    Layer,
    Mark,
    MaxPool,
    Relu,
    read_dlib_network,
)

# Channels of each residual block, and whether it halves the plane.
BLOCKS: tuple[tuple[int, bool], ...] = (
    (32, False), (32, False), (32, False),
    (64, True), (64, False), (64, False), (64, False),
    (128, True), (128, False), (128, False),
    (256, True), (256, False), (256, False),
    (256, True),
)  # fmt: skip
WIDTH = 128
INPUT_SIZE = 150


class DlibResNet(linen.Module):
    """The network, affine layers folded into the convolutions before them.

    Attributes:
        dtype: of the arithmetic; None for that of input and weights.

    A call takes ``(RGB - (122.782, 117.001, 104.298)) / 256`` of shape (b, 150, 150, 3) and gives (b, 128).
    """

    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, inputs: Array) -> Array:
        """Chips (b, 150, 150, 3), preprocessed, to vectors (b, 128), not normalised."""
        if inputs.shape[1:] != (INPUT_SIZE, INPUT_SIZE, 3):
            raise ValueError(f"dlib's face encoder takes chips (b, {INPUT_SIZE}, {INPUT_SIZE}, 3), not {inputs.shape}")
        x = max_pooled(linen.relu(Conv(32, 7, 2, dtype=self.dtype, name="stem")(inputs)))
        for number, (channels, halves) in enumerate(BLOCKS):
            x = ResidualBlock(channels, halves, dtype=self.dtype, name=f"block_{number:02d}")(x)
        return linen.Dense(WIDTH, dtype=self.dtype, name="embedding")(x.mean(axis=(1, 2)))


class ResidualBlock(linen.Module):
    """Two convolutions and a shortcut around them; (b, h, w, c) to (b, h', w', channels).

    Attributes:
        channels: of the output.
        halves: whether height and width are halved.
        dtype: as in `DlibResNet`.
    """

    channels: int
    halves: bool
    dtype: DTypeLike | None = None

    @linen.compact
    def __call__(self, x: Array) -> Array:
        """What the block adds to its input, rectified."""
        stride, padding = (2, 0) if self.halves else (1, 1)
        y = Conv(self.channels, 3, stride, padding, dtype=self.dtype, name="first")(x)
        y = Conv(self.channels, 3, 1, 1, dtype=self.dtype, name="second")(linen.relu(y))
        shortcut = halved(x) if self.halves else x
        return linen.relu(add_filled_up(y, shortcut))


def max_pooled(x: Array) -> Array:
    """Maxima of windows of 3 x 3, two pixels apart; (b, h, w, c) to (b, (h - 1) // 2, (w - 1) // 2, c).

    Of slices, rows first: a CPU takes an eighth of the time that it takes for a `reduce_window`.
    """
    rows, columns = (2 * ((length - 1) // 2) - 1 for length in x.shape[1:3])
    x = jnp.maximum(jnp.maximum(x[:, :rows:2], x[:, 1 : rows + 1 : 2]), x[:, 2 : rows + 2 : 2])
    return jnp.maximum(jnp.maximum(x[:, :, :columns:2], x[:, :, 1 : columns + 1 : 2]), x[:, :, 2 : columns + 2 : 2])


def halved(x: Array) -> Array:
    """Means of 2 x 2 pixels, what is left over at the ends dropped; (b, h, w, c) to (b, h // 2, w // 2, c)."""
    batch, height, width, channels = x.shape
    height, width = height // 2, width // 2
    pairs = x[:, : 2 * height, : 2 * width].reshape(batch, height, 2, width, 2, channels)
    return pairs.mean(axis=(2, 4))


def add_filled_up(first: Array, second: Array) -> Array:
    """Sum of two tensors of one batch, each filled up with zeros at its ends to the larger shape."""
    shape = [max(sides) for sides in zip(first.shape, second.shape, strict=True)]

    def filled(x: Array) -> Array:
        return jnp.pad(x, [(0, wanted - has) for wanted, has in zip(shape, x.shape, strict=True)])

    return filled(first) + filled(second)


def load_dlib_resnet(path: Path) -> tuple[DlibResNet, Params]:
    """The network and its weights from ``dlib_face_recognition_resnet_model_v1.dat`` or a file of the same shape.

    Returns:
        The module and float32 parameters for ``module.apply({"params": params}, inputs)``.

    Raises:
        WeightsError: the file cannot be read, is damaged, or holds another network.
    """
    network = read_dlib_network(path)
    try:
        return DlibResNet(), fold(network)
    except WeightsError as error:
        raise WeightsError(f"{path.name}: {error}") from None


def fold(network: DlibNetwork) -> Params:
    """Parameters of `DlibResNet`: filters HWIO, each affine layer multiplied in float64 into the convolution before it.

    Raises:
        WeightsError: the network is another one.
    """
    if not isinstance(network.input, ImageInput) or network.input[1:] != (INPUT_SIZE, INPUT_SIZE):
        raise WeightsError(f"the network takes {network.input}, not chips of {INPUT_SIZE} pixels")
    wanted = _layer_types()
    if [type(layer) for layer in network.layers] != wanted:
        raise WeightsError(f"not dlib's face encoder: {len(network.layers)} layers that are not its {len(wanted)}")
    folded = [_folded(*pair) for pair in pairwise(network.layers) if isinstance(pair[0], Convolution)]
    last = network.layers[-1]
    assert isinstance(last, FullyConnected)
    params = {
        "stem": folded[0],
        **{
            f"block_{number:02d}": {"first": folded[1 + 2 * number], "second": folded[2 + 2 * number]}
            for number in range(len(BLOCKS))
        },
        "embedding": {"kernel": last.weights, "bias": last.bias},
    }
    _check_shapes(network, params)
    return jax.tree.map(jnp.asarray, params)  # type: ignore[no-any-return]


def _layer_types() -> list[type[Layer]]:
    """What the layers of the file are, from the input to the output."""
    branch = [Mark, Convolution, Affine, Relu, Convolution, Affine]
    types: list[type[Layer]] = [Convolution, Affine, Relu, MaxPool]
    for _, halves in BLOCKS:
        types += [*branch, *([Mark, Mark, AveragePool] if halves else []), AddPrevious, Relu]
    return [*types, AveragePool, FullyConnected]


def _folded(convolution: Layer, affine: Layer) -> dict[str, NDArray[np.float32]]:
    assert isinstance(convolution, Convolution)
    assert isinstance(affine, Affine)
    gamma = affine.gamma.astype(np.float64)
    if gamma.shape != convolution.bias.shape:
        raise WeightsError(f"{gamma.size} factors for {convolution.bias.size} filters")
    kernel = convolution.filters * gamma[:, None, None, None]
    bias = convolution.bias * gamma + affine.beta
    return {"kernel": kernel.transpose(2, 3, 1, 0).astype(np.float32), "bias": bias.astype(np.float32)}


def _check_shapes(network: DlibNetwork, params: dict[str, Any]) -> None:
    """Filters, strides and paddings are those that the module computes with."""
    chips = jax.ShapeDtypeStruct((1, INPUT_SIZE, INPUT_SIZE, 3), jnp.float32)
    wanted = jax.eval_shape(DlibResNet().init, jax.random.key(0), chips)["params"]
    if (found := jax.tree.map(np.shape, params)) != jax.tree.map(np.shape, wanted):
        raise WeightsError(f"not dlib's face encoder: weights of shape {found}")
    moves = [(layer.stride, layer.padding) for layer in network.layers if isinstance(layer, Convolution)]
    halving, keeping = ((2, 2), (0, 0)), ((1, 1), (1, 1))
    if moves != [halving, *(move for _, halves in BLOCKS for move in (halving if halves else keeping, keeping))]:
        raise WeightsError(f"not dlib's face encoder: convolutions with stride and padding {moves}")
    pools = [tuple(layer) for layer in network.layers if isinstance(layer, MaxPool | AveragePool)]
    halved, whole = ((2, 2), (2, 2), (0, 0)), ((0, 0), (1, 1), (0, 0))
    if pools != [((3, 3), (2, 2), (0, 0)), *(halved for _, halves in BLOCKS if halves), whole]:
        raise WeightsError(f"not dlib's face encoder: pools with window, stride and padding {pools}")
