"""From aligned faces to the score that a linear model of unit embeddings gives them: what a face map explains."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen
from jax import Array
from numpy.typing import ArrayLike, NDArray

from phenojax.errors import ConfigError
from phenojax.face.embedding.settings import DEFAULT_BATCH_SIZE
from phenojax.face.embedding.vectors import vector_width
from phenojax.face.encoders.encoder import Encoder, Params, encode
from phenojax.face.encoders.parts import PART
from phenojax.face.weights.card import Preprocessing

# A vector shorter than this has no direction; it scores as if it were so long.
_SHORTEST = 1e-12


class Network(NamedTuple):
    """The part of a face's scorer that a program is compiled for; hashable.

    Attributes:
        module: the encoder's network.
        preprocessing: of its inputs.
        flip: embeddings are means with the mirror image.
        at_once: faces of one pass through the network.
    """

    module: linen.Module
    preprocessing: Preprocessing
    flip: bool
    at_once: int


class FaceHead(NamedTuple):
    """A linear function of unit embeddings: ``direction . e + intercept``.

    Attributes:
        direction: float32 (d,).
        intercept: float32 ().
    """

    direction: Array
    intercept: Array


class FaceScorer(NamedTuple):
    """Everything from an aligned face to its score.

    Attributes:
        network: static.
        params: of the network.
        head: of the model.
    """

    network: Network
    params: Params
    head: FaceHead

    def with_head(self, direction: ArrayLike, intercept: float = 0.0) -> FaceScorer:
        """The same encoder under another model, without another compilation; arguments as for `face_scorer`."""
        return self._replace(head=_head(direction, intercept, int(self.head.direction.shape[0])))


def face_scorer(encoder: Encoder, direction: ArrayLike, intercept: float = 0.0, *, flip: bool = False) -> FaceScorer:
    """Put an encoder and a model of its embeddings together.

    Args:
        encoder: the network with its weights.
        direction: (d,), what the model weighs the unit embedding with (`Pattern.face` of a saved model).
        intercept: what the model gives where the embedding adds nothing.
        flip: whether the model's embeddings are means with the mirror image (``embed_faces(flip=True)``).

    Raises:
        ConfigError: the direction is not that of this encoder's embeddings, or not finite; or `flip` for an encoder
            that looks at mirror images already.
    """
    width = vector_width(encoder, flip=flip)
    # A processor is fastest with what its caches hold; an accelerator wants work for all of it.
    at_once = PART if jax.default_backend() == "cpu" else 8 * PART
    network = Network(encoder.module, encoder.preprocessing, flip, at_once)
    return FaceScorer(network, encoder.params, _head(direction, intercept, width))


def score_chips(network: Network, params: Params, head: FaceHead, chips: Array) -> Array:
    """Score aligned faces; differentiable in `chips`, through the encoder and the scaling to length 1.

    Args:
        network: static.
        params: its weights.
        head: of the model.
        chips: (b, s, s, 3), RGB from 0 to 255.

    Returns:
        float32 (b,).
    """
    vectors = encode(network.module, network.preprocessing, params, chips, "float32", network.flip)
    lengths = jnp.sqrt(jnp.maximum((vectors**2).sum(axis=-1, keepdims=True), _SHORTEST**2))
    scores: Array = jnp.matmul(vectors / lengths, head.direction, precision="highest") + head.intercept
    return scores


def unit_embeddings(encoder: Encoder, chips: NDArray[np.uint8], *, flip: bool = False) -> NDArray[np.float32]:
    """The directions of the embeddings of aligned faces, what a `FaceHead` is multiplied with.

    Args:
        encoder: the network with its weights.
        chips: uint8 (n, s, s, 3), RGB.
        flip: means with the mirror image.

    Returns:
        float32 (n, d), of length 1.
    """
    parts = [np.zeros((0, vector_width(encoder, flip=flip)), np.float32)]
    for start in range(0, len(chips), DEFAULT_BATCH_SIZE):
        part = chips[start : start + DEFAULT_BATCH_SIZE]
        filled = np.concatenate([part, np.zeros((DEFAULT_BATCH_SIZE - len(part), *part.shape[1:]), np.uint8)])
        vectors = encode(encoder.module, encoder.preprocessing, encoder.params, jnp.asarray(filled), "float32", flip)
        parts.append(np.asarray(vectors)[: len(part)])
    vectors = np.concatenate(parts).astype(np.float64)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _SHORTEST)
    unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return unit


def mean_colour(chip: Array) -> Array:
    """The one colour that a face is blanked with, its own mean; float32 (3,) of (s, s, 3)."""
    return chip.astype(jnp.float32).mean(axis=(0, 1))


def as_chip(scorer: FaceScorer, chip: ArrayLike) -> Array:
    """An aligned face, float32 (s, s, 3), checked.

    Raises:
        ConfigError: another shape than the encoder takes, or values that are no pixels.
    """
    side = scorer.network.preprocessing.input_size
    pixels = np.asarray(chip)
    if pixels.shape != (side, side, 3) or pixels.dtype.kind not in "fiu":
        raise ConfigError(
            f"an aligned face for this encoder is numbers of shape ({side}, {side}, 3), "
            f"not {pixels.dtype} of shape {pixels.shape}"
        )
    if not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 255):
        raise ConfigError("an aligned face has values from 0 to 255")
    return jnp.asarray(pixels, jnp.float32)


def _head(direction: ArrayLike, intercept: float, width: int) -> FaceHead:
    values = np.asarray(direction, np.float32)
    if values.shape != (width,):
        raise ConfigError(
            f"direction must have shape ({width},), the width of this encoder's embeddings, not {values.shape}; "
            "name the encoder that the model was made with"
        )
    if not (np.isfinite(values).all() and np.isfinite(intercept)):
        raise ConfigError("direction and intercept must be finite")
    return FaceHead(jnp.asarray(values), jnp.float32(intercept))
