"""The chip of 112 pixels is the plain bilinear warp; its smooth sister does not alias."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from face.alignment.placed_faces import chips, grey_levels_apart, placed
from face.golden_faces import astronaut
from numpy.typing import NDArray
from reference.arcface_chip import arcface_chip

from phenojax.face.alignment.align import align_float
from phenojax.face.landmarks import LandmarkScheme

FIVE_POINT = LandmarkScheme.FIVE_POINT


def chip_of(template: str, picture: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.uint8]:
    return chips(template, FIVE_POINT, [picture], points[None])[0]


@pytest.mark.parametrize(
    ("step", "degrees", "centre"),
    [(0.4, 0, (220, 110)), (1.3, 15, (230, 120)), (1.0, -95, (20, 480)), (3.9, 180, (256, 256))],
    ids=["small", "turned", "at the edge", "larger than the picture"],
)
def test_a_chip_is_that_of_the_warp_pixel_by_pixel(step: float, degrees: float, centre: tuple[float, float]) -> None:
    picture = astronaut().picture
    noise = np.random.default_rng(5).normal(size=(5, 2)) * 2 * step
    points = placed("arcface-112", FIVE_POINT, step, degrees, centre) + noise
    points = points.astype(np.float32).astype(np.float64)
    wanted = arcface_chip(picture, points)
    apart = grey_levels_apart(chip_of("arcface-112", picture, points), np.round(wanted).astype(np.uint8))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 1e-3
    assert wanted.std() > 10


def test_small_faces_have_the_same_chip_either_way() -> None:
    points = placed("arcface-112", FIVE_POINT, 1.4, 10, (230, 120))
    plain, smooth = (chip_of(name, astronaut().picture, points) for name in ("arcface-112", "arcface-112-smooth"))
    apart = grey_levels_apart(plain, smooth)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 1e-3


def test_large_faces_lie_at_the_same_place_either_way() -> None:
    """On a ramp, a chip's value is the place that it was read from."""
    y, x = np.mgrid[:512, :512].astype(np.float32) / 2
    ramp = jnp.asarray(np.stack([x, y, x + y], axis=-1)[None])
    size = jnp.array([[512, 512]], jnp.int32)
    faces = [placed("arcface-112", FIVE_POINT, *face, (250, 260)) for face in [(2.2, 0), (2.9, 40), (3.4, 200)]]
    plain, smooth = (
        np.asarray(
            align_float(
                name,
                FIVE_POINT,
                jnp.tile(ramp, (3, 1, 1, 1)),
                jnp.tile(size, (3, 1)),
                jnp.asarray(np.stack(faces), jnp.float32),
            )
        )
        for name in ("arcface-112", "arcface-112-smooth")
    )
    inside = ((plain > 5) & (plain < 500)).all(axis=-1) & (plain[..., :2] < 250).all(axis=-1)
    assert inside.mean() > 0.5
    np.testing.assert_allclose(smooth[inside], plain[inside], atol=2e-3)


def test_fine_stripes_alias_in_the_plain_chip_and_are_grey_in_the_smooth_one() -> None:
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    points = placed("arcface-112", FIVE_POINT, 3.1, 5, (256, 256))
    plain, smooth = (
        chip_of(name, stripes, points)[20:90, 20:90].astype(float) for name in ("arcface-112", "arcface-112-smooth")
    )
    assert plain.std() > 40
    assert smooth.std() < 2
    assert abs(smooth.mean() - 127.5) < 2
