"""Decoded photographs sorted onto canvases of few sizes, in batches of one shape for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.face.photographs.canvas import Scale, canvas_side, fill_canvas
from phenojax.face.photographs.decode import Photograph


class Picture(NamedTuple):
    """A decoded photograph with its row, and its landmarks in pixels of the file where they are given."""

    row: int
    photograph: Photograph
    points: NDArray[np.float32] | None


class CanvasBatch(NamedTuple):
    """Photographs on canvases of one side; slots beyond them are empty, with size 0.

    Attributes:
        rows: of the photographs, at most b.
        scales: of each.
        canvases: uint8 (b, s, s, 3).
        sizes: int32 (b, 2).
        points: float32 (b, 5, 2): given landmarks in pixels of the canvas; zeros where none are given.
    """

    rows: tuple[int, ...]
    scales: tuple[Scale, ...]
    canvases: NDArray[np.uint8]
    sizes: NDArray[np.int32]
    points: NDArray[np.float32]


@dataclass
class CanvasSorter:
    """Holds pictures back until a batch of their canvas is full.

    Attributes:
        batch_size: slots of a batch, for a side.
    """

    batch_size: Callable[[int], int]
    _waiting: dict[int, list[Picture]] = field(default_factory=lambda: defaultdict(list))

    def add(self, picture: Picture) -> Iterator[CanvasBatch]:
        """Add a picture; gives the batch that it fills, if any."""
        side = canvas_side(picture.photograph)
        self._waiting[side].append(picture)
        if len(self._waiting[side]) == self.batch_size(side):
            yield _batch(self._waiting.pop(side), side, self.batch_size(side))

    def rest(self) -> Iterator[CanvasBatch]:
        """The batches that are not full, in the order of their sides; nothing waits any longer."""
        for side in sorted(self._waiting):
            yield _batch(self._waiting[side], side, self.batch_size(side))
        self._waiting.clear()


def _batch(pictures: list[Picture], side: int, slots: int) -> CanvasBatch:
    canvases = np.zeros((slots, side, side, 3), np.uint8)
    sizes, points = np.zeros((slots, 2), np.int32), np.zeros((slots, 5, 2), np.float32)
    scales = tuple(Scale.of(picture.photograph) for picture in pictures)
    for slot, (picture, scale) in enumerate(zip(pictures, scales, strict=True)):
        fill_canvas(canvases[slot], picture.photograph)
        sizes[slot] = picture.photograph.pixels.shape[:2]
        if picture.points is not None:
            points[slot] = scale.to_canvas(picture.points)
    return CanvasBatch(tuple(picture.row for picture in pictures), scales, canvases, sizes, points)
