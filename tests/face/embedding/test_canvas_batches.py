"""Photographs wait for others of their size, in batches of one shape."""

from __future__ import annotations

import numpy as np

from phenojax.face.embedding.canvas_batches import CanvasBatch, CanvasSorter, Picture
from phenojax.face.photographs.decode import Photograph


def picture(row: int, height: int, width: int, of: float = 1, points: np.ndarray | None = None) -> Picture:
    pixels = np.full((height, width, 3), row + 1, np.uint8)
    return Picture(row, Photograph(pixels, round(height * of), round(width * of)), points)


def sort(pictures: list[Picture]) -> list[CanvasBatch]:
    sorter = CanvasSorter(lambda side: 2 if side == 256 else 1)
    batches = [batch for one in pictures for batch in sorter.add(one)]
    return [*batches, *sorter.rest()]


def test_a_batch_holds_pictures_of_one_canvas_and_the_last_one_is_filled_up_with_nothing() -> None:
    batches = sort([picture(0, 40, 30), picture(1, 300, 200), picture(2, 256, 20), picture(3, 50, 50)])
    assert [batch.rows for batch in batches] == [(1,), (0, 2), (3,)]
    assert [batch.canvases.shape for batch in batches] == [(1, 512, 512, 3), (2, 256, 256, 3), (2, 256, 256, 3)]
    last = batches[-1]
    assert last.sizes.tolist() == [[50, 50], [0, 0]]
    assert (last.canvases[0, :50, :50] == 4).all()
    assert last.canvases.sum() == 4 * 50 * 50 * 3


def test_landmarks_of_the_file_are_moved_to_the_canvas() -> None:
    points = np.array([[99.5, 49.5]] * 5, np.float32)
    (batch,) = sort([picture(0, 100, 200, of=2, points=points)])
    np.testing.assert_allclose(batch.points[0], [[49.5, 24.5]] * 5)
    np.testing.assert_allclose(batch.scales[0].to_file(batch.points[0]), points)
    assert batch.points[1].tolist() == [[0, 0]] * 5
