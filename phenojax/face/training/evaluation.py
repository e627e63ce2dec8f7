"""How well an encoder tells the held-out faces apart."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import Encoder, encode
from phenojax.face.weights.card import Distance
from phenojax.stats.metrics import auc

# 2,000 faces are two million pairs; more would only cost time.
MAX_FACES = 2000
_BATCH = 64


class Validation(NamedTuple):
    """Two figures of the held-out faces, and of how many.

    Attributes:
        auc: chance that two faces of one class are nearer than two of different classes; pairs inside one group do not
            count. NaN without both kinds of pairs.
        n_pairs: pairs that it is made of.
        top1: share of the faces whose nearest class, by the mean of its training faces, is theirs.
        n: faces.
    """

    auc: float
    n_pairs: int
    top1: float
    n: int


def embed_chips(encoder: Encoder, chips: NDArray[np.uint8], dtype: str = "float32") -> NDArray[np.float32]:
    """Embed chips (n, s, s, 3) to float32 (n, d), in batches of one shape."""
    size = min(_BATCH, len(chips))
    parts = []
    for start in range(0, len(chips), size):
        batch = chips[start : start + size]
        padded = np.concatenate([batch, np.repeat(batch[:1], size - len(batch), axis=0)])
        vectors = encode(encoder.module, encoder.preprocessing, encoder.params, jnp.asarray(padded), dtype)
        parts.append(np.asarray(vectors)[: len(batch)])
    return np.concatenate(parts)


def class_means(vectors: NDArray[np.float32], labels: NDArray[np.int32], n_classes: int) -> NDArray[np.float32]:
    """Mean vector of each class (c, d); every class has at least one face."""
    sums = np.zeros((n_classes, vectors.shape[1]))
    np.add.at(sums, labels, vectors)
    return (sums / np.bincount(labels, minlength=n_classes)[:, None]).astype(np.float32)


def comparable(vectors: NDArray[np.float32], distance: Distance) -> NDArray[np.float32]:
    """Vectors whose Euclidean distance orders pairs as `distance` does: of length 1 for the cosine."""
    if distance is Distance.EUCLIDEAN:
        return vectors
    length = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)  # float32 squares may overflow
    with np.errstate(invalid="ignore"):  # vectors of a run that diverged; its loss says so
        return (vectors / np.where(length > 0, length, 1)).astype(np.float32)


def validate(
    held: NDArray[np.float32],
    labels: NDArray[np.int32],
    groups: NDArray[np.int32],
    centres: NDArray[np.float32],
) -> Validation:
    """Measure held-out faces.

    Args:
        held: vectors (m, d), from `comparable`.
        labels: int32 (m,).
        groups: int32 (m,).
        centres: (c, d), from `comparable`.
    """
    nearest = np.argmin(_distances(held, centres), axis=1)
    top1 = float(np.mean(nearest == labels))
    n = min(len(held), MAX_FACES)
    some = np.arange(n) * len(held) // n  # evenly, because faces often come class by class
    one, other = np.triu_indices(n, 1)
    apart = groups[some[one]] != groups[some[other]]
    one, other = one[apart], other[apart]
    near = -_distances(held[some], held[some])[one, other]
    return Validation(auc(labels[some[one]] == labels[some[other]], near), len(one), top1, len(held))


def _distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Squared distances (m, c), in float64: what is equal is 0 to 1e-12 of the lengths."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    square: NDArray[np.float64] = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2 * a @ b.T
    return square
