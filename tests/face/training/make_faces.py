"""A small encoder, and drawn chips whose class can be seen: a smooth pattern per class, noise and light per face."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen
from jax import Array
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import Encoder
from phenojax.face.weights.card import Channels, Distance, ModelCard, Preprocessing, Role

SIDE = 16


class SmallNet(linen.Module):
    """Two convolutions and a matrix; its blocks are named against the alphabet, so that order is not by name."""

    width: int = 8

    @linen.compact
    def __call__(self, x: Array) -> Array:
        x = linen.relu(linen.Conv(6, (3, 3), strides=2, name="stem")(x))
        x = linen.relu(linen.Conv(8, (3, 3), strides=2, name="block")(x))
        return linen.Dense(self.width, name="a_last")(x.reshape(x.shape[0], -1))


def small_encoder(distance: Distance = Distance.EUCLIDEAN) -> Encoder:
    card = ModelCard(
        name="small",
        role=Role.ENCODER,
        architecture="small",
        source="drawn",
        files=(),
        licence_code="Apache-2.0",
        licence_weights="CC0-1.0",
        training_data="none",
        commercial_use=True,
        preprocessing=Preprocessing(SIDE, Channels.RGB, (127.5,) * 3, (127.5,) * 3, "arcface-112"),
        width=8,
        distance=distance,
        threshold=0.6,
        lfw_claimed=0.99,
    )
    params = SmallNet().init(jax.random.key(1), jnp.zeros((1, SIDE, SIDE, 3)))["params"]
    return Encoder(card, SmallNet(), params)


def drawn_faces(n_classes: int, per_class: int, seed: int = 0) -> tuple[NDArray[np.uint8], list[str]]:
    """Chips uint8 (n, s, s, 3) and labels; the classes differ by a pattern weaker than what all faces vary by."""
    random = np.random.default_rng(seed)
    coarse = random.normal(size=(n_classes, 4, 4, 3)).repeat(SIDE // 4, 1).repeat(SIDE // 4, 2)
    chips, labels = [], []
    for label in range(n_classes):
        for _ in range(per_class):
            noise = random.normal(size=(SIDE, SIDE, 3)) + 2 * random.normal(size=(4, 4, 3)).repeat(4, 0).repeat(4, 1)
            chips.append(128 + 22 * coarse[label] + 14 * noise + 10 * random.normal())
            labels.append(f"class {label}")
    return np.clip(np.stack(chips), 0, 255).astype(np.uint8), labels
