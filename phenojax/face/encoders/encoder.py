"""One encoder: a network, its weights, and the preprocessing that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen
from jax import Array

from phenojax.face.encoders.parts import by_parts
from phenojax.face.weights.card import Channels, ModelCard, Preprocessing

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Encoder:
    """A network with weights.

    Attributes:
        card: what it is; `card.preprocessing` is never None for an encoder.
        module: the network: float chips (b, s, s, 3), preprocessed, to vectors (b, d). Its ``dtype`` is that of the
            arithmetic.
        params: its weights, float32.
    """

    card: ModelCard
    module: linen.Module
    params: Params

    @property
    def preprocessing(self) -> Preprocessing:
        """How a chip becomes the network's input."""
        assert self.card.preprocessing is not None
        return self.card.preprocessing


def preprocess(chips: Array, settings: Preprocessing) -> Array:
    """Aligned chips, RGB from 0 to 255, shape (b, s, s, 3), to the input of a network; differentiable."""
    ordered = chips[..., ::-1] if settings.channels is Channels.BGR else chips
    mean, scale = (jnp.asarray(values, dtype=jnp.float32) for values in (settings.mean, settings.scale))
    return (ordered.astype(jnp.float32) - mean) / scale


@partial(jax.jit, static_argnums=(0, 1, 4, 5))
def encode(
    module: linen.Module,
    settings: Preprocessing,
    params: Params,
    chips: Array,
    dtype: str = "float32",
    flip: bool = False,
) -> Array:
    """Embed aligned chips.

    Args:
        module: the network; static.
        settings: its preprocessing; static.
        params: its weights.
        chips: RGB from 0 to 255, shape (b, s, s, 3), uint8 or float32.
        dtype: of the arithmetic, ``float32`` or ``bfloat16``.
        flip: the mean with the vector of the mirrored chip.

    Returns:
        float32 (b, d), not normalised. Differentiable in `params` and in float `chips`.
    """

    def vectors(weights: Params, pixels: Array) -> Array:
        inputs = preprocess(pixels, settings).astype(dtype)
        output: Array = module.apply({"params": weights}, inputs)  # type: ignore[assignment]
        return output.astype(jnp.float32)

    def embedded(weights: Params, pixels: Array) -> Array:
        plain = vectors(weights, pixels)
        return (plain + vectors(weights, pixels[:, :, ::-1])) / 2 if flip else plain

    return by_parts(embedded, jax.tree.map(lambda leaf: leaf.astype(dtype), params), chips)
