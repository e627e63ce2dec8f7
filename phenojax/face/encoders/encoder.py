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

from phenojax.errors import ConfigError
from phenojax.face.encoders.parts import by_parts
from phenojax.face.weights.card import Channels, ModelCard, Preprocessing

Params = Mapping[str, Any]

QUALITY = "quality"
"""The collection in which a network that gives vectors of length 1 states the lengths (b,) that they had."""


@dataclass(frozen=True)
class Encoder:
    """A network with weights.

    Attributes:
        card: what it is; `card.preprocessing` is never None for an encoder.
        module: the network: float chips (b, s, s, 3), preprocessed, to vectors (b, d). Where it has a field ``dtype``,
            `encode` sets it and the module casts; else input and weights are cast whole.
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
        float32 (b, d), not normalised (but see ``card.normalised``). Differentiable in `params` and in float `chips`.

    Raises:
        ConfigError: `flip` for an ensemble that looks at mirror images already.
    """
    return _embedded(module, settings, params, chips, dtype, flip)[0]


@partial(jax.jit, static_argnums=(0, 1, 4, 5))
def encode_with_quality(
    module: linen.Module,
    settings: Preprocessing,
    params: Params,
    chips: Array,
    dtype: str = "float32",
    flip: bool = False,
) -> tuple[Array, Array]:
    """Embed aligned chips and keep the length of each vector, which says how good the photograph is.

    Encoders of faces give longer vectors for faces that they see well; MagFace is trained to (Meng et al. 2021,
    arXiv:2103.06627). Lengths compare photographs under one encoder, never two encoders.

    Args:
        module: as the others, of `encode`.
        settings: its preprocessing; static.
        params: its weights.
        chips: RGB from 0 to 255, shape (b, s, s, 3), uint8 or float32.
        dtype: of the arithmetic.
        flip: as in `encode`. The length is that of the mean, which is also shorter where a face and its mirror image
            disagree.

    Returns:
        What `encode` gives, (b, d), and the lengths, float32 (b,): of an ensemble the mean over its vectors before each
        was brought to length 1.

    Raises:
        ConfigError: as `encode`.
    """
    return _embedded(module, settings, params, chips, dtype, flip)


def _embedded(
    module: linen.Module, settings: Preprocessing, params: Params, chips: Array, dtype: str, flip: bool
) -> tuple[Array, Array]:
    network, weights, of_inputs = module, params, jnp.dtype(dtype)
    if hasattr(module, "dtype"):  # it knows which of its parts bear fewer digits
        network, of_inputs = module.clone(dtype=jnp.dtype(dtype)), jnp.dtype(jnp.float32)
    else:
        weights = jax.tree.map(lambda leaf: leaf.astype(dtype), params)

    def run(weights: Params, pixels: Array) -> tuple[Array, Any]:
        inputs = preprocess(pixels, settings).astype(of_inputs)
        vectors, stated = network.apply({"params": weights}, inputs, mutable=[QUALITY])
        return vectors.astype(jnp.float32), stated.get(QUALITY)

    def embed(weights: Params, pixels: Array) -> tuple[Array, Array]:
        vectors, stated = run(weights, pixels)
        if stated is not None:
            if flip:
                raise ConfigError(
                    "this encoder looks at mirror images already; leave the averaging with them (flip) out"
                )
            (lengths,) = jax.tree.leaves(stated)
            return vectors, lengths
        if flip:
            vectors = (vectors + run(weights, pixels[:, :, ::-1])[0]) / 2
        return vectors, jnp.linalg.norm(vectors, axis=-1)

    return by_parts(embed, weights, chips)
