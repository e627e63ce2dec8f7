"""Random iResNets in PyTorch, and what ours makes of their weights."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("flax", reason="the extra faces is not installed")
pytest.importorskip("torch", reason="torch is in the extra peers")

import torch
from reference.torch_iresnet import TorchIResNet, random_iresnet, random_pictures

from phenojax.face.encoders.iresnet import CHANNELS, STAGES, IResNet
from phenojax.face.weights.iresnet_layers import iresnet_params
from phenojax.face.weights.iresnet_state import read_iresnet_state

if TYPE_CHECKING:
    from phenojax.face.encoders.encoder import Params

EPS = 2e-5


NARROW = (8, 8, 16, 16)


@lru_cache(maxsize=8)
def torch_iresnet(architecture: str, seed: int = 0, channels: tuple[int, ...] = NARROW) -> TorchIResNet:
    """A network with random weights; narrow ones are quick and deep enough to show every mistake of structure."""
    return random_iresnet(STAGES[architecture], seed, EPS, channels)


@lru_cache(maxsize=1)
def whole_iresnet(architecture: str) -> TorchIResNet:
    """A network as wide as those of the field; 96 MB for 18 layers, 174 MB for 50."""
    return random_iresnet(STAGES[architecture], 0, EPS, CHANNELS)


def tensors_of(model: TorchIResNet) -> dict[str, NDArray[np.float32]]:
    """What `read_state_dict` would give for the saved model; the arrays are its own."""
    return {name: tensor.numpy() for name, tensor in model.state_dict().items() if tensor.is_floating_point()}


def params_of(model: TorchIResNet, eps: float = EPS, channels: tuple[int, int, int, int] = NARROW) -> Params:
    return iresnet_params(read_iresnet_state(tensors_of(model), eps), channels)[1]


def run(
    architecture: str,
    params: Params,
    chips: NDArray[np.float32],
    dtype: str | None = None,
    channels: tuple[int, int, int, int] = NARROW,
) -> NDArray[np.float32]:
    """What ours gives; compiled once for each network and batch."""
    return np.asarray(_apply(IResNet(STAGES[architecture], channels, dtype), params, jnp.asarray(chips)))


@partial(jax.jit, static_argnums=0)
def _apply(network: IResNet, params: Params, chips: jax.Array) -> jax.Array:
    return network.apply({"params": params}, chips)


def pictures(n: int, seed: int = 7) -> NDArray[np.float32]:
    """Preprocessed random chips, (n, 112, 112, 3)."""
    return np.ascontiguousarray(random_pictures(n, seed).numpy().transpose(0, 2, 3, 1))


def vectors_of(model: Any, chips: NDArray[np.float32]) -> NDArray[np.float32]:
    """What PyTorch gives."""
    with torch.no_grad():
        answer: NDArray[np.float32] = model(torch.from_numpy(chips.transpose(0, 3, 1, 2).copy())).numpy()
    return answer


def cosines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of corresponding rows."""
    a, b = (np.asarray(rows, dtype=np.float64) for rows in (first, second))
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
