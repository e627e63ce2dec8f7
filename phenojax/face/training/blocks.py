"""The blocks of an encoder: their order, which of them are trained, and what they are known by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen

from phenojax.errors import WeightsError
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.training.step import Weights


def block_order(module: linen.Module, input_size: int) -> tuple[str, ...]:
    """Names of the encoder's blocks (the first level of its weights) in the order in which a chip meets them."""
    order: list[str] = []

    def record() -> int:
        shape = (1, input_size, input_size, 3)
        order.extend(module.init(jax.random.key(0), jnp.zeros(shape, jnp.float32))["params"])
        return 0

    jax.eval_shape(record)  # traced, never computed
    return tuple(order)


def parted(encoder: Encoder, trained_blocks: int | None) -> tuple[Weights, Weights]:
    """Part the weights of an encoder by their first level.

    Args:
        encoder: with `trained_blocks` or more blocks; fewer are all trained.
        trained_blocks: how many of the last ones are trained; None for all.

    Returns:
        The blocks that stay, and those that are trained.

    Raises:
        WeightsError: the weights are not those of the encoder's network.
    """
    params: Mapping[str, Any] = encoder.params
    order = block_order(encoder.module, encoder.preprocessing.input_size)
    if set(order) != set(params):
        raise WeightsError(
            f"the weights of {encoder.card.name} have the blocks {', '.join(sorted(params))}, "
            f"its network {', '.join(sorted(order))}"
        )
    first = 0 if trained_blocks is None else max(0, len(order) - trained_blocks)
    return {name: params[name] for name in order[:first]}, {name: params[name] for name in order[first:]}


def weights_sha256(params: Mapping[str, Any]) -> str:
    """SHA-256 of all weights with their names, in the order of the names."""
    digest = hashlib.sha256()
    for path, leaf in jax.tree_util.tree_flatten_with_path(dict(params))[0]:
        array = np.asarray(leaf)
        digest.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
