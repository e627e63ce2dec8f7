"""A crop is the picture seen at places on a grid, and the middle of the range beyond the picture."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from phenojax.face.detectors.mtcnn_crops import crop, pack

HEIGHT, WIDTH = 37, 50
BOXES = [
    (0.0, 0.0, WIDTH, HEIGHT),
    (3.2, 4.7, 20.1, 18.3),
    (-8.5, -3.1, 12, 20),
    (30, 25, 70, 60),
    (-90, -90, -50, -50),
]


def seen(picture: np.ndarray, x: float, y: float) -> np.ndarray:
    if not (0 <= x <= WIDTH - 1 and 0 <= y <= HEIGHT - 1):
        return np.zeros(3)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, WIDTH - 1), min(top + 1, HEIGHT - 1)
    f, g = x - left, y - top
    upper = (1 - f) * picture[top, left] + f * picture[top, right]
    lower = (1 - f) * picture[bottom, left] + f * picture[bottom, right]
    return ((1 - g) * upper + g * lower - 127.5) / 128


@pytest.mark.parametrize("side", [24, 48])
def test_each_sample_lies_between_four_pixels(side: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    canvas = np.full((64, 64, 3), 255, np.uint8)
    canvas[:HEIGHT, :WIDTH] = picture
    size = jnp.array([HEIGHT, WIDTH], jnp.int32)
    cut = jax.jit(crop, static_argnums=3)
    found = np.asarray(cut(pack(jnp.asarray(canvas)), size, jnp.array(BOXES, jnp.float32), side))
    steps = np.arange(side) / (side - 1)
    for (left, top, right, bottom), chip in zip(BOXES, found, strict=True):
        xs = (left + (right - left) * steps) * (WIDTH - 1) / WIDTH
        ys = (top + (bottom - top) * steps) * (HEIGHT - 1) / HEIGHT
        # A place within rounding of the border may be seen as inside or outside.
        sure_x, sure_y = (np.abs(places - limit) > 1e-4 for places, limit in ((xs, WIDTH - 1), (ys, HEIGHT - 1)))
        wanted = np.array([[seen(picture.astype(float), x, y) for x in xs] for y in ys])
        np.testing.assert_allclose(chip[sure_y][:, sure_x], wanted[sure_y][:, sure_x], atol=1e-3)
    assert not found[-1].any()
