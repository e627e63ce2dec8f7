"""A tiny encoder that looks at one part of a face only, and a face."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("flax", reason="the extra faces is not installed")

from face.embedding.tiny_encoder import SIDE, WIDTH, tiny_encoder

from phenojax.explain.face.head import FaceScorer, face_scorer
from phenojax.face.encoders.encoder import Encoder

# Cells of 16 pixels, 7 x 7 of them, that the encoder looks at: rows 1 and 2, columns 4 and 5.
SEEN = np.zeros((7, 7), bool)
SEEN[1:3, 4:6] = True


@pytest.fixture
def chip() -> NDArray[np.uint8]:
    """Cells of many colours, with noise."""
    rng = np.random.default_rng(3)
    pixels = np.kron(rng.uniform(40, 215, (7, 7, 3)), np.ones((16, 16, 1))) + rng.uniform(-40, 40, (SIDE, SIDE, 3))
    return pixels.astype(np.uint8)


@pytest.fixture
def scorer() -> FaceScorer:
    return face_scorer(tiny_encoder(), np.random.default_rng(1).normal(size=WIDTH), 0.25)


@pytest.fixture
def seen() -> NDArray[np.bool_]:
    """What `looks_at_one_part` looks at, bool (s, s)."""
    return np.kron(SEEN, np.ones((16, 16), bool))


@pytest.fixture
def looks_at_one_part() -> FaceScorer:
    encoder = tiny_encoder()
    ((layer, weights),) = encoder.params.items()
    kept = jnp.asarray(np.repeat(SEEN.ravel(), 3)[:, None], jnp.float32)
    params = {layer: {"kernel": weights["kernel"] * kept, "bias": jax.numpy.full(WIDTH, 0.1)}}
    return face_scorer(Encoder(encoder.card, encoder.module, params), np.arange(1.0, WIDTH + 1))
