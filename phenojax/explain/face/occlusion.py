"""Occlusion: how much the score of a face falls when a patch of it is blanked.

Zeiler, Fergus, "Visualizing and understanding convolutional networks", ECCV 2014 (arXiv:1311.2901). Nothing is drawn at
random: the patches of four grids that are half a patch apart cover every pixel alike, four times.
"""

from __future__ import annotations

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

PLACES = 18
"""Patches along a side: 18 x 18 = 324 of them."""


class OcclusionMap(NamedTuple):
    """What blanking the patches of one face takes from its score.

    Attributes:
        values: float32 (s, s): the mean fall over the patches that cover a pixel; above 0 where it speaks for the gene.
        falls: float32 (places, places): of each patch, rows first, in the order of their centres.
        score: of the whole face.
    """

    values: NDArray[np.float32]
    falls: NDArray[np.float32]
    score: float


def occlusion(scorer: FaceScorer, chip: ArrayLike, *, places: int = PLACES) -> OcclusionMap:
    """Blank each patch of an aligned face with the face's mean colour, and see what becomes of the score.

    The centres of the patches lie in the middles of ``places`` equal parts of a side; a patch is two such parts wide.
    A pixel that is partly under a patch is partly blanked.

    Args:
        scorer: encoder and model.
        chip: (s, s, 3), RGB from 0 to 255.
        places: patches along a side; ``places ** 2 + 1`` passes through the encoder.

    Raises:
        ConfigError: the chip is not one for this encoder, or `places` is no number from 1 on.
    """
    places = as_count("places", places)
    pixels = as_chip(scorer, chip)
    values, falls, score = jax.device_get(_occluded(scorer.network, places, scorer.params, scorer.head, pixels))
    return OcclusionMap(values, falls, float(score))


def coverage(side: int, places: int) -> NDArray[np.float32]:
    """The share of each pixel along a side that lies under each patch; float32 (places, side), from 0 to 1."""
    part = side / places
    centres = (np.arange(places) + 0.5) * part
    pixels = np.arange(side)
    low = np.maximum(centres[:, None] - part, pixels)
    high = np.minimum(centres[:, None] + part, pixels + 1)
    shares: NDArray[np.float32] = np.clip(high - low, 0, 1).astype(np.float32)
    return shares


@partial(jax.jit, static_argnums=(0, 1))
def _occluded(network: Network, places: int, params: Params, head: FaceHead, chip: Array) -> tuple[Array, Array, Array]:
    """Values (s, s), falls (places, places) and the whole face's score."""
    under = jnp.asarray(coverage(chip.shape[0], places))
    colour = mean_colour(chip)

    def blanked(params: Params, patches: Array) -> Array:
        hidden = (under[patches // places][:, :, None] * under[patches % places][:, None, :])[..., None]
        # One more number than there are patches stands for the whole face.
        hidden = jnp.where((patches < places * places)[:, None, None, None], hidden, 0.0)
        return score_chips(network, params, head, chip + hidden * (colour - chip))

    scores = by_parts(blanked, params, jnp.arange(places * places + 1), network.at_once)
    falls = (scores[-1] - scores[:-1]).reshape(places, places)
    covered = jnp.outer(under.sum(axis=0), under.sum(axis=0))
    values = jnp.einsum("py,pq,qx->yx", under, falls, under, precision="highest") / covered
    return values, falls, scores[-1]
