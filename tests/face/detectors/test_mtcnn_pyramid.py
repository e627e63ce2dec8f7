"""A level of the pyramid is the picture with each pixel the mean of what it covers."""

from __future__ import annotations

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

from phenojax.face.detectors.mtcnn_pyramid import Level, normalised, pyramid, scales_of

SIDE, FACTOR = 128, 0.709


def covered(old: int, new: int) -> NDArray[np.float64]:
    """(new, old): how much of each old pixel a new one covers, as shares of the new one."""
    starts, ends = np.arange(new) * old / new, np.arange(1, new + 1) * old / new
    pixels = np.arange(old)
    common = np.minimum(ends[:, None], pixels + 1) - np.maximum(starts[:, None], pixels)
    return np.maximum(common, 0) * new / old


BUILD = jax.jit(partial(pyramid, scales=scales_of(SIDE, 20, FACTOR)))


def levels_of(picture: NDArray[np.uint8], rubbish: int) -> list[Level]:
    canvas = np.full((SIDE, SIDE, 3), rubbish, np.uint8)
    canvas[: picture.shape[0], : picture.shape[1]] = picture
    levels = BUILD(jnp.asarray(canvas), jnp.array(picture.shape[:2], jnp.int32))
    return [Level(*(np.asarray(piece) for piece in level)) for level in levels]


@pytest.mark.parametrize("size", [(128, 128), (57, 101), (128, 24), (21, 23)])
def test_a_pixel_is_the_mean_of_the_area_that_it_covers(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    levels = levels_of(picture, rubbish=255)
    assert any(level.used for level in levels)
    for level in levels:
        if level.used:
            tall, wide = covered(size[0], int(level.height)), covered(size[1], int(level.width))
            wanted = np.einsum("yi,xj,ijc->xyc", tall, wide, picture)
            found = level.pixels[: level.width, : level.height]
            np.testing.assert_allclose(found, normalised(wanted), atol=1e-5)


def test_a_white_picture_is_white_at_every_size_and_to_its_border() -> None:
    for level in levels_of(np.full((SIDE, SIDE, 3), 255, np.uint8), rubbish=0):
        assert level.used
        np.testing.assert_allclose(level.pixels, normalised(255.0), atol=1e-5)


@pytest.mark.parametrize("side", [256, 512, 1024, 2048])
def test_a_picture_has_the_sizes_that_the_package_gives_it(side: int) -> None:
    scales = scales_of(side, 20, FACTOR)
    for length in range(1, side + 1):
        count = max(round(-((math.log(length / 12) / math.log(FACTOR)) + 1)), 0)
        assert scales.counts[length] == count
        for level in range(count):
            assert scales.lengths[level, length] == int(length * (12 / 20 * FACTOR**level))
            assert scales.lengths[level, length] >= 12


@pytest.mark.parametrize("min_face_size", [12, 40, 80])
def test_the_pyramid_ends_at_one_size_whatever_the_smallest_face_is(min_face_size: int) -> None:
    last, wanted = (scales_of(512, size, FACTOR).scales[-1] for size in (min_face_size, 20))
    assert 0.8 < last / wanted < 1.25
    assert scales_of(512, min_face_size, FACTOR).scales[0] == 12 / min_face_size


def test_a_picture_of_no_size_has_no_levels() -> None:
    for size in ((0, 0), (0, 90), (90, 0), (11, 90)):
        picture = np.zeros((*size, 3), np.uint8)
        assert not any(level.used for level in levels_of(picture, rubbish=90))
