"""Face maps the slow way: one gradient, one blanked face at a time."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Score = Callable[[jax.Array], jax.Array]


def slow_integrated_gradients(score: Score, chip: NDArray[np.uint8], steps: int) -> Floats:
    """(s, s) of the score of one face (s, s, 3)."""
    face = chip.astype(np.float64)
    blank = np.broadcast_to(face.mean(axis=(0, 1)), face.shape)
    total = np.zeros_like(face)
    for step in range(steps):
        low, high = (step / steps) ** 2, ((step + 1) / steps) ** 2
        share = ((step + 0.5) / steps) ** 2
        here = jnp.asarray(blank + share * (face - blank), jnp.float32)
        total += (high - low) * np.asarray(jax.grad(score)(here), np.float64)
    values: Floats = ((face - blank) * total).sum(axis=-1)
    return values


def slow_occlusion(score: Score, chip: NDArray[np.uint8], places: int) -> Floats:
    """(s, s) of the score of one face (s, s, 3)."""
    face = chip.astype(np.float64)
    side, colour = len(face), face.mean(axis=(0, 1))
    whole = float(score(jnp.asarray(face, jnp.float32)))
    total, covered = np.zeros((side, side)), np.zeros((side, side))
    part = side / places
    for row in range(places):
        for column in range(places):
            hidden = np.zeros((side, side))
            for y in range(side):
                for x in range(side):
                    tall = min((row + 1.5) * part, y + 1) - max((row - 0.5) * part, y)
                    wide = min((column + 1.5) * part, x + 1) - max((column - 0.5) * part, x)
                    hidden[y, x] = max(tall, 0) * max(wide, 0)
            blanked = face + hidden[..., None] * (colour - face)
            total += hidden * (whole - float(score(jnp.asarray(blanked, jnp.float32))))
            covered += hidden
    found: Floats = total / covered
    return found
