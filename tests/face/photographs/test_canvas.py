"""A picture on its canvas, and points on it back in the file."""

from __future__ import annotations

import numpy as np
import pytest

from phenojax.face.photographs.canvas import CANVAS_SIDES, Scale, canvas_side, fill_canvas
from phenojax.face.photographs.decode import Photograph


def photograph(height: int, width: int, reduced: int = 1) -> Photograph:
    pixels = np.full((height // reduced, width // reduced, 3), 9, dtype=np.uint8)
    return Photograph(pixels, height, width)


@pytest.mark.parametrize(("longer", "side"), [(16, 256), (256, 256), (257, 512), (1024, 1024), (1025, 2048)])
def test_the_canvas_is_the_smallest_that_holds_the_picture(longer: int, side: int):
    assert canvas_side(photograph(longer, 16)) == canvas_side(photograph(16, longer)) == side
    assert side in CANVAS_SIDES


def test_the_picture_lies_at_the_top_left_and_the_rest_is_black():
    canvas = np.zeros((256, 256, 3), dtype=np.uint8)
    fill_canvas(canvas, photograph(40, 100))
    assert (canvas[:40, :100] == 9).all()
    assert canvas.sum() == 9 * 40 * 100 * 3


def test_pixels_have_whole_coordinates_at_their_centres():
    # Of a picture reduced fourfold, pixel 0 covers pixels 0 to 3 of the file, whose middle is 1.5.
    scale = Scale.of(photograph(400, 800, reduced=4))
    np.testing.assert_allclose(scale.to_file(np.array([[0.0, 0.0], [1.0, 2.0]], np.float32)), [[1.5, 1.5], [5.5, 9.5]])


def test_there_and_back_is_where_one_was():
    points = np.random.default_rng(0).uniform(0, 500, (7, 5, 2)).astype(np.float32)
    scale = Scale(3.7, 3.69)
    np.testing.assert_allclose(scale.to_canvas(scale.to_file(points)), points, atol=1e-3)
