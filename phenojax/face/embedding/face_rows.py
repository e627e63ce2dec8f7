"""The rows of one shard while they are worked on: each ends with a chip or with a reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phenojax.face.embedding.faces import Faces, Failure
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.sharpness import sharpness
from phenojax.face.photographs.failure import FailureReason


class FaceRows:
    """Collects what becomes of consecutive photographs, in whatever order it becomes known.

    Attributes:
        rows: of the photographs, in the list of all.
        faces: facts of each.
    """

    def __init__(self, rows: range, photographs: PhotographList) -> None:
        self.rows = rows
        self.faces = Faces.unknown(len(rows))
        self._photographs = photographs
        self._chips: dict[int, NDArray[np.uint8]] = {}
        self._failures: dict[int, Failure] = {}
        self._notes: list[str | None] = [None] * len(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def fail(self, row: int, reason: FailureReason, detail: str = "") -> None:
        """The photograph of this row has no embedding."""
        self._failures[row] = Failure(self._photographs.ids[row], self._photographs.photos[row], reason, detail)
        self._chips.pop(row, None)

    def note(self, row: int, note: str | None) -> None:
        """What else a reader should know of the photograph."""
        self._notes[row - self.rows.start] = note

    def count(self, row: int, n_faces: int) -> None:
        """How many faces were found."""
        self.faces.n_faces[row - self.rows.start] = n_faces

    def face(self, row: int, score: float, box: NDArray[np.float32], landmarks: NDArray[np.float32]) -> None:
        """The face that was taken, in pixels of the file."""
        place = row - self.rows.start
        self.faces.scores[place], self.faces.boxes[place], self.faces.landmarks[place] = score, box, landmarks

    def chip(self, row: int, chip: NDArray[np.uint8]) -> None:
        """The aligned face of this row, (s, s, 3)."""
        self._chips[row] = chip
        self.faces.sharpness[row - self.rows.start] = sharpness(chip)

    def finished(self) -> Faces:
        """The facts of all rows, with their notes.

        Raises:
            AssertionError: a row has neither a chip nor a reason.
        """
        assert len(self._chips) + len(self._failures) == len(self.rows)
        return self.faces._replace(notes=tuple(self._notes))

    @property
    def chip_rows(self) -> Sequence[int]:
        """Rows with a chip, ascending."""
        return sorted(self._chips)

    def chips(self, side: int) -> NDArray[np.uint8]:
        """The chips of `chip_rows`, (m, side, side, 3)."""
        chips = [self._chips[row] for row in self.chip_rows]
        return np.stack(chips) if chips else np.zeros((0, side, side, 3), np.uint8)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """In the order of the rows."""
        return tuple(self._failures[row] for row in sorted(self._failures))
