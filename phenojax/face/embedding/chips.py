"""Aligned faces of a set of photographs: the first half of an embedding run, and what training begins with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax.face.embedding.faces import Faces, Failure
from phenojax.face.embedding.settings import FaceSettings
from phenojax.face.weights.card import ModelCard


@dataclass(frozen=True, eq=False)
class AlignedFaces:
    """The aligned faces of a set of photographs; held in memory only, never written.

    Attributes:
        chips: uint8 (m, s, s, 3), RGB: the faces that were found, in the order of the photographs.
        rows: int64 (m,), ascending: the photograph of each chip.
        ids: of all n photographs.
        photos: path of each, as it was given, or None.
        faces: what was found in each of the n.
        failures: what has no chip and why, in the order of the rows.
        cards: of the detector and the landmarks that were used.
        settings: what was asked for.
    """

    chips: NDArray[np.uint8]
    rows: NDArray[np.int64]
    ids: tuple[str, ...]
    photos: tuple[str | None, ...]
    faces: Faces
    failures: tuple[Failure, ...]
    cards: tuple[ModelCard, ...]
    settings: FaceSettings
