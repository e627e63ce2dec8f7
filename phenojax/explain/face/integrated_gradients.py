"""Integrated gradients: the score of a face, dealt out to its pixels.

Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017 (arXiv:1703.01365). A pixel's value is
its distance from the baseline times its mean slope along the straight way from the baseline to the face. All values
together are what the face scores above the baseline (completeness) but for the error of the sum that stands for the
integral, which is reported.

Unit embeddings turn most while the face is still faint, so the points of the sum stand close together there: they are
at the squares of equally spaced numbers. That makes the gap four times as small as equal distances do (dlib's encoder,
64 points, 24 pairs of a face and a model).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_count
from phenojax.explain.face.head import FaceHead, FaceScorer, Network, as_chip, mean_colour, score_chips
from phenojax.face.encoders.encoder import Params

STEPS = 64


class GradientMap(NamedTuple):
    """What the pixels of one face add to its score.

    Attributes:
        values: float32 (s, s): sums over the three colours; above 0 where the pixel speaks for the gene.
        score: of the face.
        baseline: score of the face blanked with its mean colour.
        gap: ``values.sum() - (score - baseline)``; 0 but for the error of the sum that stands for the integral.
    """

    values: NDArray[np.float32]
    score: float
    baseline: float
    gap: float


def integrated_gradients(scorer: FaceScorer, chip: ArrayLike, *, steps: int = STEPS) -> GradientMap:
    """Deal out the score of an aligned face to its pixels.

    One compiled program for each encoder and number of steps, for all faces and all models. Slopes are those of batches
    of faces on the way; memory does not grow with their number.

    Args:
        scorer: encoder and model.
        chip: (s, s, 3), RGB from 0 to 255.
        steps: points on the way from the baseline to the face.

    Raises:
        ConfigError: the chip is not one for this encoder, or `steps` is no number from 1 on.
    """
    steps = as_count("steps", steps)
    pixels = as_chip(scorer, chip)
    values, score, baseline = jax.device_get(_gradients(scorer.network, steps, scorer.params, scorer.head, pixels))
    gap = float(values.sum(dtype=np.float64)) - (float(score) - float(baseline))
    return GradientMap(values, float(score), float(baseline), gap)


@partial(jax.jit, static_argnums=(0, 1))
def _gradients(network: Network, steps: int, params: Params, head: FaceHead, chip: Array) -> tuple[Array, Array, Array]:
    """Values (s, s), score and baseline's score, () each."""
    blank = jnp.broadcast_to(mean_colour(chip), chip.shape)
    difference = chip - blank
    n_parts = -(-steps // network.at_once)
    size = -(-steps // n_parts)
    number = jnp.arange(n_parts * size)
    root = (number + 0.5) / steps
    shares, weights = root**2, jnp.where(number < steps, 2 * root / steps, 0.0)

    def add_part(total: Array, part: tuple[Array, Array]) -> tuple[Array, None]:
        share, weight = part

        def weighted(faces: Array) -> Array:
            return (weight * score_chips(network, params, head, faces)).sum()

        slopes = jax.grad(weighted)(blank + share[:, None, None, None] * difference)
        return total + slopes.sum(axis=0), None

    parts = shares.reshape(n_parts, size), weights.reshape(n_parts, size)
    mean_slope, _ = lax.scan(add_part, jnp.zeros_like(chip), parts)
    ends = score_chips(network, params, head, jnp.stack([chip, blank]))
    return (difference * mean_slope).sum(axis=-1), ends[0], ends[1]
