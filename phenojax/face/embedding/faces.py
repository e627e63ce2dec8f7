"""What is known of the face in each photograph, whether or not it was embedded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.face.photographs.failure import SENTENCES, FailureReason

NOT_SEARCHED = -1


@dataclass(frozen=True)
class Failure:
    """A photograph without an embedding.

    Attributes:
        id: of the individual or photograph.
        photo: path as it was given; None where there was none.
        reason: the kind of failure.
        detail: what is known beyond the reason's own sentence; may be empty.
    """

    id: str
    photo: str | None
    reason: FailureReason
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        return f"{SENTENCES[self.reason]}: {self.detail}" if self.detail else SENTENCES[self.reason]


class Faces(NamedTuple):
    """One row for each photograph. Coordinates are pixels of the upright file, a pixel's centre at whole numbers.

    Attributes:
        n_faces: int32 (n,): how many were found, at most as many as the detector tells (8); -1 where none was
            searched for.
        scores: float32 (n,): the detector's confidence in the face that was taken; NaN where none was.
        boxes: float32 (n, 4): its left, top, right and bottom; NaN likewise.
        landmarks: float32 (n, 5, 2): x, y of its five points; NaN likewise.
        sharpness: float32 (n,): variance of the Laplacian of the aligned face in grey (0 to 255); NaN likewise. Blur
            lowers it, whatever the encoder makes of blur.
        notes: what else a reader should know of the photograph, or None.
    """

    n_faces: NDArray[np.int32]
    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    notes: tuple[str | None, ...]

    @classmethod
    def unknown(cls, n: int, notes: Sequence[str | None] | None = None) -> Faces:
        """Rows in which nothing was found."""

        def nothing(*shape: int) -> NDArray[np.float32]:
            return np.full((n, *shape), np.nan, np.float32)

        return cls(
            np.full(n, NOT_SEARCHED, np.int32),
            nothing(),
            nothing(4),
            nothing(5, 2),
            nothing(),
            (None,) * n if notes is None else tuple(notes),
        )


def joined_faces(parts: Sequence[Faces]) -> Faces:
    """The rows of all parts, at least one, in their order."""
    return Faces(
        np.concatenate([part.n_faces for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.sharpness for part in parts]),
        tuple(note for part in parts for note in part.notes),
    )
