"""What holds for every template and every kind of points."""

from __future__ import annotations

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.alignment.placed_faces import chips, grey_levels_apart, placed, turned
from numpy.typing import NDArray
from skimage import data, filters, transform

from phenojax.errors import ConfigError
from phenojax.face.alignment.align import align, align_float
from phenojax.face.alignment.schemes import eyes, target_points
from phenojax.face.alignment.templates import find_template, template_names
from phenojax.face.landmarks import LandmarkScheme

EVERY = list(product(template_names(), LandmarkScheme))
every = pytest.mark.parametrize(("template", "scheme"), EVERY, ids=["-".join(pair) for pair in EVERY])
FACE = (224.0, 115.0)
"""Where the astronaut's face is."""


@pytest.fixture(scope="module")
def photograph() -> NDArray[np.uint8]:
    """512 pixels, blurred so that bilinear interpolation loses little."""
    blurred = filters.gaussian(data.astronaut(), 2, channel_axis=-1, preserve_range=True)
    return np.asarray(blurred).round().astype(np.uint8)


@every
def test_the_points_come_to_lie_where_the_template_has_them(template: str, scheme: LandmarkScheme) -> None:
    """On a ramp, a chip's values are the x and y that it was read from."""
    y, x = np.mgrid[:512, :512].astype(np.float32)
    ramp = jnp.asarray(np.stack([x, y, x], axis=-1)[None])
    # dlib's chip lies half a pixel off, is drawn from corner to corner, and each halving shifts it.
    dlib = template == "dlib-150"
    target = np.asarray(target_points(find_template(template), scheme)) - 0.5 * dlib
    pixel = np.round(target).astype(int)
    for step, degrees in [(0.7, 0.0), (1.2, 130.0), (2.4, -20.0)]:
        points = placed(template, scheme, step, degrees, (250, 260))
        arguments = jnp.array([[512, 512]], jnp.int32), jnp.asarray(points[None], jnp.float32)
        chip = np.asarray(align_float(template, scheme, ramp, *arguments))[0]
        read = chip[pixel[:, 1], pixel[:, 0], :2] + turned(target - pixel, degrees) * step
        np.testing.assert_allclose(read, points, atol=(0.5 if step < 2 else 1.2) if dlib else 0.01)


@every
def test_a_photograph_turned_moved_and_enlarged_has_the_same_chip(
    template: str, scheme: LandmarkScheme, photograph: NDArray[np.uint8]
) -> None:
    points = placed(template, scheme, 0.9, 4, FACE)
    pictures, five = [photograph], [points]
    for degrees, scale, shift in [
        (37, 1.0, (256, 256)),
        (-145, 1.0, (300, 220)),
        (0, 2.0, (256, 256)),
        (90, 1.7, (250, 260)),
    ]:
        moved = transform.SimilarityTransform(translation=np.negative(FACE)) + transform.SimilarityTransform(
            scale=scale, rotation=np.deg2rad(degrees), translation=shift
        )
        picture = transform.warp(photograph, moved.inverse, order=3, preserve_range=True)
        pictures.append(np.clip(picture, 0, 255).round().astype(np.uint8))
        five.append(turned(points - FACE, degrees) * scale + shift)
    first, *others = chips(template, scheme, pictures, np.stack(five))
    assert first.std() > 30
    for other in others:
        # dlib halves pictures a quarter of a pixel off, as seen from the picture: turned, that is another direction.
        assert grey_levels_apart(first, other).mean() < 2.5


@every
def test_a_mirrored_photograph_has_the_mirrored_chip(
    template: str, scheme: LandmarkScheme, photograph: NDArray[np.uint8]
) -> None:
    order = [2, 3, 0, 1, 4] if scheme is LandmarkScheme.DLIB5 else [1, 0, 2, 4, 3]
    points = placed(template, scheme, 0.9, 12, FACE)
    mirrored = (points * (-1, 1) + (511, 0))[order]
    first, second = chips(template, scheme, [photograph, photograph[:, ::-1]], np.stack([points, mirrored]))
    # The template's own axis is not quite the chip's.
    left, right = (float(eye[0]) for eye in eyes(target_points(find_template(template), scheme), scheme))
    side = first.shape[1]
    back = np.roll(second[:, ::-1], round(left + right) - (template == "dlib-150") - (side - 1), axis=1)
    assert grey_levels_apart(first[:, 4:-4], back[:, 4:-4]).mean() < 2.5


@every
def test_slots_without_a_picture_or_without_points_are_black_and_disturb_nobody(
    template: str, scheme: LandmarkScheme, photograph: NDArray[np.uint8]
) -> None:
    good = placed(template, scheme, 0.9, 4, FACE)
    no_number, infinite = good.copy(), good.copy()
    no_number[2, 1], infinite[4] = np.nan, np.inf
    points = np.stack([good, no_number, infinite, good, good * 1e9, good - good[0], good, good])
    sizes = np.full((8, 2), 512, np.int32)
    sizes[[3, 5]] = 0
    canvases = jnp.asarray(np.stack([photograph] * 8))
    batch = np.asarray(align(template, scheme, canvases, jnp.asarray(sizes), jnp.asarray(points, jnp.float32)))
    assert batch.dtype == np.uint8
    assert (batch[1:6] == 0).all()
    alone = chips(template, scheme, [photograph], good[None])[0]
    assert all((batch[slot] == alone).all() for slot in (0, 6, 7))


@every
def test_points_on_one_spot_give_a_chip_of_its_colour(
    template: str, scheme: LandmarkScheme, photograph: NDArray[np.uint8]
) -> None:
    (chip,) = chips(template, scheme, [photograph], np.full((1, 5, 2), (200.0, 100.0)))
    assert (grey_levels_apart(chip, photograph[100, 200]) <= 1).all()


@pytest.mark.parametrize("template", template_names())
def test_a_picture_of_sixteen_pixels_is_enlarged(template: str, photograph: NDArray[np.uint8]) -> None:
    scheme = find_template(template).native
    picture = photograph[100:116, 200:216]
    points = placed(template, scheme, 13 / find_template(template).side, 0, (8, 8))[None]
    on_itself, on_canvas = (chips(template, scheme, [picture], points, canvas)[0] for canvas in (16, 512))
    np.testing.assert_array_equal(on_itself, on_canvas)
    assert (on_itself > 0).all()
    assert abs(on_itself.mean() - picture.mean()) < 10


@every
def test_a_face_larger_than_the_canvas_or_beside_it_is_black_where_there_is_no_picture(
    template: str, scheme: LandmarkScheme, photograph: NDArray[np.uint8]
) -> None:
    side = find_template(template).side
    large = placed(template, scheme, 4 * 512 / side, 0, (256, 256))
    beside = placed(template, scheme, 1, 0, (-600, 256))
    far = placed(template, scheme, 1, 0, (256, 5000))
    batch = chips(template, scheme, [photograph + 1] * 3, np.stack([large, beside, far]))
    assert 0.02 < (batch[0].max(axis=-1) > 0).mean() < 0.08
    assert (batch[1:] == 0).all()


def test_one_program_serves_every_size_and_place(photograph: NDArray[np.uint8]) -> None:
    chips("dlib-150", LandmarkScheme.DLIB5, [photograph], placed("dlib-150", LandmarkScheme.DLIB5, 1, 0, FACE)[None])
    before = align._cache_size()
    for step in (0.2, 1, 2.1, 5):
        points = placed("dlib-150", LandmarkScheme.DLIB5, step, 10, (150, 200))
        chips("dlib-150", LandmarkScheme.DLIB5, [photograph[: int(90 * step)]], points[None])
    assert align._cache_size() == before


def test_an_unknown_template_is_refused(photograph: NDArray[np.uint8]) -> None:
    with pytest.raises(ConfigError, match="chip template 'passport' is not known"):
        chips("passport", LandmarkScheme.DLIB5, [photograph], np.zeros((1, 5, 2)))


@pytest.mark.parametrize("template", ["dlib-150", "arcface-112"])
def test_unrounded_chips_have_slopes_and_finite_ones_without_a_face(
    template: str, photograph: NDArray[np.uint8]
) -> None:
    scheme, side = find_template(template).native, 96
    steps = side / find_template(template).side * np.array([0.8, 3.2])
    faces = [placed(template, scheme, step, 8, (48, 48)) for step in steps]
    five = np.stack([*faces, np.full((5, 2), np.nan), faces[0], np.full((5, 2), 20.0)]).astype(np.float32)
    sizes = jnp.array([[side, side]] * 3 + [[0, 0], [side, side]], jnp.int32)
    canvas = jnp.asarray(np.stack([photograph[60 : 60 + side, 180 : 180 + side]] * 5), jnp.float32)
    weights = jnp.cos(jnp.arange(find_template(template).side) / 10) / 10

    def score(canvas: jax.Array, five: jax.Array) -> tuple[jax.Array, jax.Array]:
        unrounded = align_float(template, scheme, canvas, sizes, five)
        return jnp.einsum("bijc,i,j->", unrounded, weights, weights), unrounded

    compiled = jax.jit(jax.value_and_grad(score, argnums=(0, 1), has_aux=True))
    (value, unrounded), (by_pixel, by_point) = compiled(canvas, five)
    rounded = np.asarray(align(template, scheme, canvas.astype(jnp.uint8), sizes, five)).astype(float)
    # A chip of a halved picture is rounded twice, each time by less than one.
    assert np.abs(np.asarray(unrounded) - rounded).max() < 2
    # Linear in the pixels: the slope is the difference.
    change = jnp.asarray(np.random.default_rng(4).normal(size=canvas.shape), jnp.float32)
    (changed, _), _ = compiled(canvas + change, five)
    np.testing.assert_allclose((by_pixel * change).sum(), changed - value, rtol=1e-2)
    # Smooth but for its kinks in the points.
    way = np.zeros_like(five)
    way[0] = np.random.default_rng(5).normal(size=(5, 2))
    (before, _), _ = compiled(canvas, five - 0.1 * way)
    (after, _), _ = compiled(canvas, five + 0.1 * way)
    np.testing.assert_allclose((by_point * way).sum(), (after - before) / 0.2, rtol=0.05)
    for slope in (by_pixel, by_point):
        assert np.isfinite(slope).all()
        assert (np.abs(np.asarray(slope))[:2].max(axis=(1, 2)) > 0).all()
        assert (np.asarray(slope)[2:4] == 0).all()
