"""An iResNet out of a state_dict whose tensors are named as MagFace and InsightFace name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.encoders.iresnet import WIDTH
from phenojax.face.weights.iresnet_layers import Block, Convolution, IResNetLayers, Norm, make_norm

Tensors: TypeAlias = Mapping[str, NDArray[np.float32]]

_FIRST_OF_ALL, _FIRST_OF_BLOCKS = "conv1.weight", "layer1.0.conv1.weight"


def read_iresnet_state(tensors: Tensors, eps: float) -> IResNetLayers:
    """Read the layers by the names of their tensors.

    The names may have one common prefix (``features.module.``, ``module.features.``, ``module.`` ...), which is what
    wrappers of training leave behind. A classifier outside of it, that is a matrix with a side of 512 and its bias, is
    left out; a tensor that has no place in an iResNet is an error.

    Args:
        tensors: by name, float32.
        eps: what the batch normalisations add to a variance: the file does not say.

    Raises:
        WeightsError: another network, tensors missing or too many, or numbers that are not finite; names the tensor.
    """
    prefix = _prefix(tensors)
    inside = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    reader = _Reader(inside, prefix, eps)
    layers = reader.network()
    read = {f"{prefix}{name}" for name in reader.read}
    _check_rest({name: array for name, array in tensors.items() if name not in read}, prefix)
    return layers


class _Reader:
    """Takes tensors by name, and remembers which it took."""

    def __init__(self, tensors: Tensors, prefix: str, eps: float) -> None:
        self.tensors, self.prefix, self.eps = tensors, prefix, eps
        self.read: set[str] = set()

    def network(self) -> IResNetLayers:
        return IResNetLayers(
            stem=self.convolution("conv1", "bn1", 3),
            slope=self.tensor("prelu.weight"),
            blocks=tuple(self.block(name) for name in self.block_names()),
            last_norm=self.norm("bn2"),
            weights=self.tensor("fc.weight"),
            bias=self.tensor("fc.bias"),
            output_norm=self.norm("features"),
        )

    def block_names(self) -> Iterable[str]:
        """``layer1.0.``, ``layer1.1.`` ... as far as they go."""
        for stage in range(1, 5):
            number = 0
            while f"layer{stage}.{number}.conv1.weight" in self.tensors:
                yield f"layer{stage}.{number}."
                number += 1

    def block(self, name: str) -> Block:
        projected = f"{name}downsample.0.weight" in self.tensors
        return Block(
            entry=self.norm(f"{name}bn1"),
            first=self.convolution(f"{name}conv1", f"{name}bn2", 3),
            slope=self.tensor(f"{name}prelu.weight"),
            second=self.convolution(f"{name}conv2", f"{name}bn3", 3),
            shortcut=self.convolution(f"{name}downsample.0", f"{name}downsample.1", 1) if projected else None,
        )

    def convolution(self, name: str, norm: str, size: int) -> Convolution:
        filters = self.tensor(f"{name}.weight")
        if filters.ndim != 4 or filters.shape[2:] != (size, size):
            raise WeightsError(
                f"{self.prefix}{name}.weight has shape {filters.shape}, expected filters of {size} x {size} pixels"
            )
        bias = self.tensor(f"{name}.bias") if f"{name}.bias" in self.tensors else None
        return Convolution(filters, bias, self.norm(norm))

    def norm(self, name: str) -> Norm:
        gamma, beta = self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias")
        mean, variance = self.tensor(f"{name}.running_mean"), self.tensor(f"{name}.running_var")
        return make_norm(gamma, beta, mean, variance, self.eps, f"{self.prefix}{name}")

    def tensor(self, name: str) -> NDArray[np.float32]:
        if name not in self.tensors:
            raise WeightsError(f"no iResNet: the file has no tensor {self.prefix}{name}")
        array = self.tensors[name]
        if not np.isfinite(array).all():
            raise WeightsError(f"{self.prefix}{name} has numbers that are not finite; the file is damaged")
        self.read.add(name)
        return array


def _prefix(tensors: Tensors) -> str:
    """What stands before the names of the network."""
    found = [name.removesuffix(_FIRST_OF_BLOCKS) for name in tensors if name.endswith(_FIRST_OF_BLOCKS)]
    found = [prefix for prefix in found if f"{prefix}{_FIRST_OF_ALL}" in tensors]
    if not found:
        first = next(iter(tensors))
        raise WeightsError(
            f"no iResNet by its names: the first tensor is {first}, and none ends in {_FIRST_OF_BLOCKS}; if it is one "
            "under other names, write it with torch.onnx.export and import the .onnx"
        )
    if len(found) > 1:
        raise WeightsError(f"{len(found)} iResNets in one file, under {', '.join(map(repr, found))}; save one of them")
    return found[0]


def _check_rest(tensors: Tensors, prefix: str) -> None:
    """Whether all that was not read is a classifier, beside the network and not in it."""
    classifiers = [array.shape for array in tensors.values() if array.ndim == 2 and WIDTH in array.shape]
    n_classes = {side for shape in classifiers for side in shape}
    for name, array in tensors.items():
        in_network = name.startswith(prefix or "layer")
        classifies = array.shape in classifiers or (array.ndim == 1 and array.size in n_classes)
        if in_network or not classifies:
            raise WeightsError(
                f"{name}, of shape {array.shape}, is part of neither an iResNet nor a classifier beside it"
            )
