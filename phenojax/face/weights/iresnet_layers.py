"""The layers of an iResNet as other programs store them, and how they become the parameters of ours.

Filters are OIHW, planes CHW. Whoever reads a file fills `IResNetLayers`; nobody but `iresnet_params` knows about
folding, transposing and permuting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.encoders.iresnet import CHANNELS, INPUT_SIZE, STAGES, IResNet
from phenojax.face.weights.store import leaves

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]


class Norm(NamedTuple):
    """A batch normalisation with its running moments put in: ``x * scale + shift`` per channel, float64 (c,)."""

    scale: Doubles
    shift: Doubles


class Convolution(NamedTuple):
    """A cross-correlation and the normalisation after it.

    Attributes:
        filters: (out, in, height, width).
        bias: (out,); None for none.
        norm: None where whoever wrote the file has folded it already.
    """

    filters: Floats
    bias: Floats | None = None
    norm: Norm | None = None


class Block(NamedTuple):
    """One residual block; `slope` is the PReLU's, and without `shortcut` the input itself is added."""

    entry: Norm
    first: Convolution
    slope: Floats
    second: Convolution
    shortcut: Convolution | None


class IResNetLayers(NamedTuple):
    """A whole network.

    Attributes:
        stem: the convolution before all blocks.
        slope: of the stem's PReLU, (c,).
        blocks: in order; each that has a shortcut begins a stage.
        last_norm: of the last plane; None where there is none.
        weights: of the fully connected layer, (out, channels * height * width) over a CHW plane.
        bias: of it, (out,); None for none.
        output_norm: of the vector; None where it was folded already.
    """

    stem: Convolution
    slope: Floats
    blocks: tuple[Block, ...]
    last_norm: Norm | None
    weights: Floats
    bias: Floats | None
    output_norm: Norm | None


def make_norm(gamma: Floats, beta: Floats, mean: Floats, variance: Floats, eps: float, where: str) -> Norm:
    """A batch normalisation as a scale and a shift.

    Args:
        gamma: gain, (c,).
        beta: shift, (c,).
        mean: running, (c,).
        variance: running, (c,).
        eps: added to the variance.
        where: named in the error.

    Raises:
        WeightsError: the four differ in shape, or a variance is negative.
    """
    if not (gamma.shape == beta.shape == mean.shape == variance.shape and gamma.ndim == 1):
        found = ", ".join(str(part.shape) for part in (gamma, beta, mean, variance))
        raise WeightsError(f"{where}: gain, shift, mean and variance have shapes {found}, expected four of one length")
    if (variance < 0).any():
        raise WeightsError(f"{where}: a variance is negative ({variance.min():g})")
    scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + eps)
    return Norm(scale, beta - mean * scale)


def iresnet_params(layers: IResNetLayers, channels: tuple[int, int, int, int] = CHANNELS) -> tuple[str, dict[str, Any]]:
    """The architecture that the layers make up, and its parameters, float32.

    Products are taken in float64. Normalisations are folded into the convolution or fully connected layer beside them;
    the first of a block stays (`phenojax.face.encoders.iresnet` says why).

    Args:
        layers: of the network.
        channels: of each stage, where the network is narrower than all that are published.

    Raises:
        WeightsError: the layers are those of no iResNet that is known, or the shape of one is wrong.
    """
    architecture = _architecture(layers.blocks)
    blocks = {f"block_{number:02d}": _block(block) for number, block in enumerate(layers.blocks)}
    params = {
        "stem": {"conv": _folded(layers.stem), "slope": layers.slope},
        **blocks,
        "embedding": _embedding(layers),
    }
    _check(architecture, channels, params)
    return architecture, jax.tree.map(jnp.asarray, params)


def _check(architecture: str, channels: tuple[int, int, int, int], params: Mapping[str, Any]) -> None:
    """Whether names and shapes are those of the network."""
    chip = jax.ShapeDtypeStruct((1, INPUT_SIZE, INPUT_SIZE, 3), jnp.float32)
    network = IResNet(STAGES[architecture], channels)
    wanted = jax.eval_shape(network.init, jax.random.key(0), chip)["params"]
    shapes = {name: leaf.shape for name, leaf in leaves(wanted)}
    found = {name: leaf.shape for name, leaf in leaves(params)}
    for name in sorted({**shapes, **found}):
        if found.get(name) != shapes.get(name):
            raise WeightsError(
                f"no {architecture}: {name} has shape {found.get(name)}, expected {shapes.get(name)} "
                "(filters are height, width, in, out)"
            )


def _architecture(blocks: tuple[Block, ...]) -> str:
    starts = [number for number, block in enumerate(blocks) if block.shortcut is not None]
    counts = tuple(int(n) for n in np.diff([*starts, len(blocks)]))
    for name, stages in STAGES.items():
        if starts[:1] == [0] and counts == stages:
            return name
    known = ", ".join(f"{name} {stages}" for name, stages in STAGES.items())
    raise WeightsError(f"a network with stages of {counts} blocks is none that phenojax knows; there is {known}")


def _block(block: Block) -> dict[str, Any]:
    shortcut = {} if block.shortcut is None else {"shortcut": _folded(block.shortcut)}
    return {
        "scale": block.entry.scale.astype(np.float32),
        "shift": block.entry.shift.astype(np.float32),
        "first": _folded(block.first),
        "slope": block.slope,
        "second": _folded(block.second),
        **shortcut,
    }


def _folded(convolution: Convolution) -> dict[str, Floats]:
    filters = convolution.filters.astype(np.float64)
    bias = np.zeros(len(filters)) if convolution.bias is None else convolution.bias.astype(np.float64)
    if (norm := convolution.norm) is not None:
        if norm.scale.shape != bias.shape:
            raise WeightsError(f"a normalisation of {norm.scale.size} channels follows {bias.size} filters")
        filters, bias = filters * norm.scale[:, None, None, None], bias * norm.scale + norm.shift
    return {"kernel": filters.transpose(2, 3, 1, 0).astype(np.float32), "bias": bias.astype(np.float32)}


def _embedding(layers: IResNetLayers) -> dict[str, Floats]:
    n_channels = len(layers.blocks[-1].second.filters)
    side = INPUT_SIZE // 2 ** sum(block.shortcut is not None for block in layers.blocks)
    if layers.weights.ndim != 2 or layers.weights.shape[1] != n_channels * side**2:
        raise WeightsError(
            f"the fully connected layer has weights {layers.weights.shape}, expected (512, {n_channels * side**2})"
        )
    weights = layers.weights.astype(np.float64).reshape(-1, n_channels, side, side)
    bias = np.zeros(len(weights)) if layers.bias is None else layers.bias.astype(np.float64)
    if bias.shape != weights.shape[:1]:
        raise WeightsError(f"the fully connected layer has a bias {bias.shape} for weights {layers.weights.shape}")
    if (norm := layers.last_norm) is not None:
        bias = bias + weights.sum(axis=(2, 3)) @ _fitting(norm, n_channels).shift
        weights = weights * norm.scale[:, None, None]
    if (norm := layers.output_norm) is not None:
        weights = weights * _fitting(norm, len(bias)).scale[:, None, None, None]
        bias = bias * norm.scale + norm.shift
    kernel = weights.transpose(2, 3, 1, 0).reshape(-1, len(bias))
    return {"kernel": kernel.astype(np.float32), "bias": bias.astype(np.float32)}


def _fitting(norm: Norm, n_channels: int) -> Norm:
    if norm.scale.size != n_channels:
        raise WeightsError(f"a normalisation of {norm.scale.size} channels stands where {n_channels} are")
    return norm
