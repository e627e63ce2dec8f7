"""A face as patches that are shown or blanked: what the deletion test needs to know of it.

importance = patch_values(found.values, patches)
scores = deletion_scores(kept_patches_score(scorer, chip, patches), importance, removed)
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_count, as_float64
from phenojax.errors import ConfigError
from phenojax.explain.deletion import ScoreKept
from phenojax.explain.face.head import FaceHead, FaceScorer, Network, as_chip, mean_colour, score_chips
from phenojax.face.encoders.encoder import Params
from phenojax.face.encoders.parts import by_parts

PATCHES = 10
"""Patches along a side: 10 x 10 = 100 of them."""
_ROWS_AT_ONCE = 64


def patch_numbers(side: int, patches: int = PATCHES) -> NDArray[np.int64]:
    """Which patch each pixel lies in, int64 (side, side): from 0 to ``patches ** 2 - 1``, rows first.

    Args:
        side: of the chip, pixels.
        patches: along a side; their sizes differ by at most one pixel each way.
    """
    place = np.arange(side) * patches // side
    numbers: NDArray[np.int64] = place[:, None] * patches + place[None, :]
    return numbers


def patch_values(values: ArrayLike, patches: int = PATCHES) -> NDArray[np.float64]:
    """What a map of a face gives each patch in all, float64 ``(patches ** 2,)``.

    Args:
        values: (s, s), of `integrated_gradients`, `occlusion` or `lime`.
        patches: along a side.

    Raises:
        ConfigError: no square map, or fewer pixels than patches.
    """
    patches = as_count("patches", patches)
    found = as_float64("values", values, (None, None))
    if found.shape[0] != found.shape[1] or len(found) < patches:
        raise ConfigError(f"values must be a square map of at least {patches} pixels a side, not {found.shape}")
    sums = np.zeros(patches**2)
    np.add.at(sums, patch_numbers(len(found), patches), found)
    return sums


def kept_patches_score(scorer: FaceScorer, chip: ArrayLike, patches: int = PATCHES) -> ScoreKept:
    """Give, for `deletion_scores`, the score of a face of which only some patches are shown.

    The others have the face's mean colour.

    Args:
        scorer: encoder and model.
        chip: (s, s, 3), RGB from 0 to 255.
        patches: along a side.

    Returns:
        A function of bool ``(rows, patches ** 2)`` to float64 ``(rows,)``.

    Raises:
        ConfigError: the chip is not one for this encoder, or `patches` is no number from 1 on.
    """
    patches = as_count("patches", patches)
    pixels = as_chip(scorer, chip)

    def score(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        filled = np.ones((-(-len(kept) // _ROWS_AT_ONCE) * _ROWS_AT_ONCE, patches**2), bool)
        filled[: len(kept)] = kept
        parts = [
            _scored(scorer.network, patches, scorer.params, scorer.head, pixels, jnp.asarray(part))
            for part in np.split(filled, max(len(filled) // _ROWS_AT_ONCE, 1))
        ]
        return np.concatenate(parts)[: len(kept)].astype(np.float64)

    return score


@partial(jax.jit, static_argnums=(0, 1))
def _scored(network: Network, patches: int, params: Params, head: FaceHead, chip: Array, kept: Array) -> Array:
    """Scores (b,) of the face with the patches ``kept`` (b, patches ** 2)."""
    number = jnp.asarray(patch_numbers(chip.shape[0], patches))
    colour = mean_colour(chip)

    def shown(params: Params, kept: Array) -> Array:
        return score_chips(network, params, head, jnp.where(kept[:, number][..., None], chip, colour))

    return by_parts(shown, params, kept, network.at_once)
