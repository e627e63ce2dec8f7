"""Pictures of any size on squares of few sizes, so that few programs are compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax.face.photographs.decode import Photograph

CANVAS_SIDES = (256, 512, 1024, 2048)
"""Sides of the squares, pixels; `max_side` is at most the last of them."""
DEFAULT_MAX_SIDE = 1024


def canvas_side(photograph: Photograph) -> int:
    """The smallest square that holds the picture."""
    longer = max(photograph.pixels.shape[:2])
    return next(side for side in CANVAS_SIDES if side >= longer)


def fill_canvas(canvas: NDArray[np.uint8], photograph: Photograph) -> None:
    """Lay the picture at the top left of `canvas`, uint8 (s, s, 3), which is 0 elsewhere; it is written in place."""
    height, width, _ = photograph.pixels.shape
    canvas[:height, :width] = photograph.pixels


@dataclass(frozen=True)
class Scale:
    """From pixels of the canvas to pixels of the file, both with whole coordinates at the centres of pixels.

    Attributes:
        x: pixels of the file for one of the canvas, across.
        y: likewise, down.
    """

    x: float
    y: float

    @classmethod
    def of(cls, photograph: Photograph) -> Scale:
        """The scale of a decoded photograph."""
        height, width, _ = photograph.pixels.shape
        return cls(photograph.width / width, photograph.height / height)

    def to_file(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Canvas to file, shape (..., 2), x before y."""
        there: NDArray[np.float64] = (points.astype(np.float64) + 0.5) * self._factor - 0.5
        return there.astype(np.float32)

    def to_canvas(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """File to canvas, shape (..., 2), x before y."""
        here: NDArray[np.float64] = (points.astype(np.float64) + 0.5) / self._factor - 0.5
        return here.astype(np.float32)

    @property
    def _factor(self) -> NDArray[np.float64]:
        return np.array([self.x, self.y])
