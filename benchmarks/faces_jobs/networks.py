"""The networks that are timed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen
from flax.traverse_util import flatten_dict, unflatten_dict
from jax import Array
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import Encoder, Params, encode
from phenojax.face.encoders.iresnet import STAGES, IResNet
from phenojax.face.encoders.model import load_model
from phenojax.face.weights.card import Channels, Preprocessing


@dataclass(frozen=True, eq=False)
class Network:
    """A network as `encode` takes it."""

    name: str
    module: linen.Module
    settings: Preprocessing
    params: Params

    def __call__(self, chips: Array, dtype: str = "float32") -> Array:
        """Vectors of uint8 chips."""
        vectors: Array = encode(self.module, self.settings, self.params, chips, dtype)
        return vectors

    def with_params(self, params: Params) -> Network:
        """The same with weights that lie somewhere else."""
        return replace(self, params=params)

    def planes(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Chips preprocessed, channels first, as the peers take them."""
        mean, scale = (np.array(values, np.float32) for values in (self.settings.mean, self.settings.scale))
        return np.ascontiguousarray(((chips.astype(np.float32) - mean) / scale).transpose(0, 3, 1, 2))


@lru_cache
def dlib_network() -> Network:
    """dlib's encoder with its weights."""
    encoder: Encoder = load_model("dlib-resnet")
    return Network("dlib-resnet", encoder.module, encoder.preprocessing, encoder.params)


@lru_cache
def iresnet(name: str) -> Network:
    """An iResNet with random weights, of a size that keeps signals as large as trained ones."""
    module = IResNet(STAGES[name])
    chip = jax.ShapeDtypeStruct((1, 112, 112, 3), jnp.float32)
    shapes = flatten_dict(jax.eval_shape(module.init, jax.random.key(0), chip)["params"])
    rng = np.random.default_rng(0)

    def drawn(path: tuple[str, ...], shape: tuple[int, ...]) -> NDArray[np.float32]:
        values: NDArray[Any]
        if path[-1] == "kernel":
            values = rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1])) * (0.3 if path[-2] == "second" else 1)
        elif path[-1] in ("scale", "slope"):
            values = rng.uniform(*((0.8, 1.2) if path[-1] == "scale" else (0.1, 0.4)), size=shape)
        else:
            values = rng.normal(size=shape) / 10
        return values.astype(np.float32)

    params = unflatten_dict({path: jnp.asarray(drawn(path, leaf.shape)) for path, leaf in shapes.items()})
    settings = Preprocessing(112, Channels.RGB, (127.5,) * 3, (127.5,) * 3, "arcface-112")
    return Network(name, module, settings, params)


def halving(name: str) -> list[bool]:
    """Whether each block of an iResNet halves the plane."""
    return [place == 0 for n_blocks in STAGES[name] for place in range(n_blocks)]


def operations(network: Network) -> float:
    """Floating-point operations of the products for one chip: two for each weight at each place."""
    side = network.settings.input_size
    chip = jax.ShapeDtypeStruct((1, side, side, 3), jnp.float32)
    outputs = jax.eval_shape(
        lambda params, x: network.module.apply({"params": params}, x, capture_intermediates=True, mutable=True)[1],
        network.params,
        chip,
    )["intermediates"]
    places = {path[:-1]: np.prod(leaf[0].shape[1:-1]) for path, leaf in flatten_dict(outputs).items()}
    kernels = {path[:-1]: leaf for path, leaf in flatten_dict(network.params).items() if path[-1] == "kernel"}
    return float(sum(2 * np.prod(kernel.shape) * places[path] for path, kernel in kernels.items()))
