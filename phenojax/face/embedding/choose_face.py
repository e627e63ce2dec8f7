"""Which of the faces in a photograph is meant, decided on the device."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from phenojax.face.detectors.detection import Detections
from phenojax.face.embedding.settings import FaceRule


class ChosenFaces(NamedTuple):
    """One face of each picture, in pixels of the canvas; without meaning where `n_faces` is 0.

    Attributes:
        n_faces: int32 (b,): how many there were to choose from.
        scores: float32 (b,).
        boxes: float32 (b, 4).
        landmarks: float32 (b, 5, 2).
    """

    n_faces: Array
    scores: Array
    boxes: Array
    landmarks: Array


def choose_face(rule: FaceRule, found: Detections, sizes: Array) -> ChosenFaces:
    """Choose; of equals the one with the higher score, which stands first.

    Args:
        rule: static. `FaceRule.ONLY` takes the first; it is for the caller to look whether there were others.
        found: of a detector.
        sizes: int32 (b, 2): height and width of each picture.
    """
    left, top, right, bottom = (found.boxes[..., edge] for edge in range(4))
    if rule is FaceRule.LARGEST:
        merit = (right - left) * (bottom - top)
    elif rule is FaceRule.CENTRAL:
        middle = (sizes[:, None, ::-1].astype(jnp.float32) - 1) / 2
        away = jnp.stack([left + right, top + bottom], axis=-1) / 2 - middle
        merit = -(away**2).sum(axis=-1)
    else:
        merit = jnp.zeros_like(found.scores)
    best = jnp.argmax(jnp.where(found.valid, merit, -jnp.inf), axis=1)
    row = jnp.arange(len(best))
    return ChosenFaces(
        found.valid.sum(axis=1, dtype=jnp.int32),
        found.scores[row, best],
        found.boxes[row, best],
        found.landmarks[row, best],
    )
