"""An encoder that compiles in no time, for tests of what happens around it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import linen
from jax import Array

from phenojax.face.encoders.encoder import Encoder
from phenojax.face.weights.card import Channels, Distance, ModelCard, Preprocessing, Role

SIDE, WIDTH = 112, 8


class TinyNetwork(linen.Module):
    """Means of 16 x 16 pixels, and one layer."""

    @linen.compact
    def __call__(self, chips: Array) -> Array:
        small = linen.avg_pool(chips, (16, 16), (16, 16))
        return linen.Dense(WIDTH)(small.reshape(len(chips), -1))


def tiny_encoder(seed: int = 0) -> Encoder:
    card = ModelCard(
        name="tiny",
        role=Role.ENCODER,
        architecture="tiny",
        source="this test",
        files=(),
        licence_code="none",
        licence_weights="none",
        training_data="none",
        commercial_use=None,
        preprocessing=Preprocessing(SIDE, Channels.RGB, (127.5,) * 3, (128.0,) * 3, "arcface-112"),
        width=WIDTH,
        distance=Distance.COSINE,
    )
    module = TinyNetwork()
    params = module.init(jax.random.key(seed), jnp.zeros((1, SIDE, SIDE, 3)))["params"]
    return Encoder(card, module, params)
