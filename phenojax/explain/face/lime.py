"""LIME: a linear model of the score of a face whose parts are shown or blanked at random.

Ribeiro, Singh, Guestrin, "Why should I trust you?", KDD 2016 (doi 10.1145/2939672.2939778). PhenoScore explains faces
with it. It is here for comparison with what is known from there: it needs many times the work of `occlusion`, and its
answer has a sampling error, which is reported. The parts are the cells of a grid, which lies elsewhere in each round,
so that the mean over the rounds is finer than a cell.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_count
from phenojax.explain.face.head import FaceHead, FaceScorer, Network, as_chip, mean_colour, score_chips
from phenojax.face.encoders.encoder import Params
from phenojax.face.encoders.parts import by_parts

ROUNDS, MASKS = 100, 200
"""PhenoScore's budget: 20,000 passes through the encoder."""
CELLS = 8
_KERNEL_WIDTH = 0.25
_PENALTY = 1.0


class LimeMap(NamedTuple):
    """What the pixels of one face add to its score, by LIME.

    Attributes:
        values: float32 (s, s): the mean over the rounds of the weight of the cell that a pixel lies in; above 0 where
            it speaks for the gene.
        error: float32 (s, s): the standard error of `values` over the rounds; NaN with one round.
        score: of the whole face.
    """

    values: NDArray[np.float32]
    error: NDArray[np.float32]
    score: float


def lime(
    scorer: FaceScorer,
    chip: ArrayLike,
    *,
    rounds: int = ROUNDS,
    masks: int = MASKS,
    cells: int = CELLS,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> LimeMap:
    """Fit linear models to the scores of an aligned face of which each part is shown or blanked by chance.

    A blanked part has the face's mean colour. Faces count by ``exp(-D^2 / (2 * 0.25^2))``, D the cosine distance of
    what they show from the whole; weights are those of a ridge regression with penalty 1.

    Args:
        scorer: encoder and model.
        chip: (s, s, 3), RGB from 0 to 255.
        rounds: models, each with a grid of its own.
        masks: faces that a model is fitted to.
        cells: of the grid, along a side.
        seed: the same seed gives the same map.
        progress: called with how many of how many rounds are done.

    Raises:
        ConfigError: the chip is not one for this encoder, or a number is none from 1 on (2 for `masks`).
    """
    rounds, masks, cells = as_count("rounds", rounds), as_count("masks", masks, 2), as_count("cells", cells)
    key = jax.random.key(as_count("seed", seed, 0))
    pixels = as_chip(scorer, chip)
    total, squares = np.zeros(pixels.shape[:2]), np.zeros(pixels.shape[:2])
    for number in range(rounds):
        found, whole = _one_round(
            scorer.network, masks, cells, jax.random.fold_in(key, number), scorer.params, scorer.head, pixels
        )
        values = np.asarray(found, np.float64)
        total += values
        squares += values**2
        if progress is not None:
            progress(number + 1, rounds)
    mean = total / rounds
    spread = np.maximum(squares / rounds - mean**2, 0) / (rounds - 1) if rounds > 1 else np.full_like(mean, np.nan)
    return LimeMap(mean.astype(np.float32), np.sqrt(spread).astype(np.float32), float(whole))


@partial(jax.jit, static_argnums=(0, 1, 2))
def _one_round(
    network: Network, masks: int, cells: int, key: Array, params: Params, head: FaceHead, chip: Array
) -> tuple[Array, Array]:
    """Weights of the pixels' cells (s, s), and the whole face's score."""
    place, choice = jax.random.split(key)
    n_along = cells + 1  # the grid is moved by up to one cell
    shift = jax.random.uniform(place, (2, 1))
    row, column = jnp.floor(jnp.arange(chip.shape[0]) * (cells / chip.shape[0]) + shift).astype(jnp.int32)
    cell = row[:, None] * n_along + column[None, :]
    shown = jax.random.bernoulli(choice, 0.5, (masks, n_along**2)).astype(jnp.float32)
    shown = jnp.concatenate([jnp.ones((1, n_along**2)), shown])
    colour = mean_colour(chip)

    def scores_of(params: Params, shown: Array) -> Array:
        visible = shown[:, cell][..., None]
        return score_chips(network, params, head, colour + visible * (chip - colour))

    scores = by_parts(scores_of, params, shown, network.at_once)
    return ridge_weights(shown[1:], scores[1:])[cell], scores[0]


def ridge_weights(shown: Array, scores: Array) -> Array:
    """Fit the scores (m,) of faces of which the cells ``shown`` (m, c) were visible; the weight of each cell, (c,)."""
    distance = 1 - jnp.sqrt(shown.mean(axis=1))
    counts = jnp.exp(-((distance / _KERNEL_WIDTH) ** 2) / 2)
    share = counts / counts.sum()
    about = shown - share @ shown
    products = jnp.matmul(about.T * counts, about, precision="highest")
    towards = jnp.matmul(about.T * counts, scores - share @ scores, precision="highest")
    weights: Array = jnp.linalg.solve(products + _PENALTY * jnp.eye(products.shape[0]), towards)
    return weights
