"""What training minimises: pure functions of embeddings and labels, float32."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

# Squared lengths and squared sines below this count as it, so that no gradient divides by zero.
_TINY_SQUARE = 1e-12
_HIGHEST = jax.lax.Precision.HIGHEST


class LossValue(NamedTuple):
    """A loss and how well the batch does.

    Attributes:
        loss: scalar, the weighted mean over the batch.
        accuracy: scalar in [0, 1]: ArcFace: share of faces whose nearest class is theirs, without the margin;
            triplets: share of anchors whose farthest of their own class is nearer than the nearest of another.
    """

    loss: Array
    accuracy: Array


def unit_length(vectors: Array) -> Array:
    """Vectors (..., d) over their Euclidean length; 0 stays 0, and has a finite gradient."""
    square = jnp.sum(vectors * vectors, axis=-1, keepdims=True)
    return vectors * jax.lax.rsqrt(jnp.maximum(square, _TINY_SQUARE))


def angular_margin(cosines: Array, margin: float) -> Array:
    """Cosine of an angle that is made larger by `margin` radians, of the same shape.

    ``cos(t + m)`` while ``t + m <= pi``; beyond it, where a cosine would rise again, ``cos(t) - m sin(m)``. So the
    value falls with the angle everywhere, and the gradient is finite everywhere, at 0 and pi too.

    Args:
        cosines: in [-1, 1].
        margin: radians, from 0 to below pi / 2.
    """
    square = 1.0 - cosines * cosines
    inside = square > _TINY_SQUARE
    sine = jnp.where(inside, jnp.sqrt(jnp.where(inside, square, 1.0)), 0.0)
    added = cosines * math.cos(margin) - sine * math.sin(margin)
    return jnp.where(cosines >= -math.cos(margin), added, cosines - margin * math.sin(margin))


def arcface(
    embeddings: Array, centres: Array, labels: Array, weights: Array, *, scale: float = 64.0, margin: float = 0.5
) -> LossValue:
    """Additive angular margin loss.

    ``-log(exp(s cos(t_y + m)) / (exp(s cos(t_y + m)) + sum over j != y of exp(s cos(t_j))))``, where ``t_j`` is the
    angle between a face and the centre of class ``j``; averaged with `weights`. Deng et al., ArcFace, CVPR 2019,
    arXiv:1801.07698, equation 3.

    Args:
        embeddings: (b, d), of any length.
        centres: (c, d), one per class, of any length.
        labels: int (b,), in [0, c).
        weights: (b,), not negative; 0 leaves a row out.
        scale: s.
        margin: m, radians.
    """
    cosines = jnp.matmul(unit_length(embeddings), unit_length(centres).T, precision=_HIGHEST)
    cosines = jnp.clip(cosines, -1.0, 1.0)
    own = jax.nn.one_hot(labels, centres.shape[0], dtype=jnp.bool_)
    logits = scale * jnp.where(own, angular_margin(cosines, margin), cosines)
    entropy = jax.nn.logsumexp(logits, axis=1) - jnp.sum(jnp.where(own, logits, 0.0), axis=1)
    right = jnp.argmax(cosines, axis=1) == labels
    return LossValue(_mean(entropy, weights), _mean(right.astype(jnp.float32), (weights > 0).astype(jnp.float32)))


def batch_hard_triplet(
    embeddings: Array, labels: Array, weights: Array, *, margin: float = 0.2, squared: bool = False
) -> LossValue:
    """Triplet loss with the hardest positive and the hardest negative of the batch.

    ``max(0, m + max over p of D(a, p) - min over n of D(a, n))`` for each anchor ``a`` that has another face of its
    class and one of another class in the batch; averaged with `weights`. Hermans, Beyer and Leibe 2017,
    arXiv:1703.07737, equation 5. D is the Euclidean distance, or its square as in FaceNet (Schroff et al., CVPR 2015).

    Args:
        embeddings: (b, d); normalise them first where faces are compared by cosine.
        labels: int (b,).
        weights: (b,), not negative; a row with 0 is neither anchor, positive nor negative.
        margin: m, in units of D.
        squared: whether D is squared.
    """
    used = weights > 0
    pair = used[:, None] & used[None, :] & ~jnp.eye(len(labels), dtype=jnp.bool_)
    same = labels[:, None] == labels[None, :]
    # The matrix only chooses; the distances of the chosen come from differences, which do not cancel.
    choosing = jax.lax.stop_gradient(_squared_distances(embeddings))
    positive = jnp.argmax(jnp.where(pair & same, choosing, -jnp.inf), axis=1)
    negative = jnp.argmin(jnp.where(pair & ~same, choosing, jnp.inf), axis=1)
    anchors = jnp.any(pair & same, axis=1) & jnp.any(pair & ~same, axis=1)
    far, near = (_distances(embeddings, embeddings[other], squared) for other in (positive, negative))
    hinge = jax.nn.relu(margin + far - near)
    return LossValue(
        _mean(hinge, jnp.where(anchors, weights, 0.0)),
        _mean((far < near).astype(jnp.float32), anchors.astype(jnp.float32)),
    )


def class_weights(counts: Array, beta: float) -> Array:
    """Weight of a face of each class, by the effective number of faces; the mean over all faces is 1.

    ``(1 - beta) / (1 - beta^n)`` for a class of n faces; ``1 / n`` at beta = 1, the same for all at beta = 0. Cui et
    al., CVPR 2019, arXiv:1901.05555, equation 2.

    Args:
        counts: (c,), faces per class, at least 1.
        beta: in [0, 1].
    """
    number = jnp.asarray(counts, dtype=jnp.float32)
    if beta == 1.0:
        raw = 1.0 / number
    elif beta == 0.0:
        raw = jnp.ones_like(number)
    else:  # 1 - beta^n without cancellation
        raw = -(1.0 - beta) / jnp.expm1(number * math.log(beta))
    weights: Array = raw * (jnp.sum(number) / jnp.sum(raw * number))
    return weights


def _squared_distances(vectors: Array) -> Array:
    products = jnp.matmul(vectors, vectors.T, precision=_HIGHEST)
    squares = jnp.diagonal(products)
    square: Array = squares[:, None] + squares[None, :] - 2.0 * products
    return square


def _distances(one: Array, other: Array, squared: bool) -> Array:
    square = jnp.sum((one - other) ** 2, axis=-1)
    if squared:
        return square
    apart = square > _TINY_SQUARE
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, square, 1.0)), 0.0)


def _mean(values: Array, weights: Array) -> Array:
    return jnp.sum(values * weights) / jnp.maximum(jnp.sum(weights), _TINY_SQUARE)
