"""Which landmarks can be those of a face in the picture."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from face.alignment.placed_faces import placed, turned
from face.golden_faces import astronaut
from numpy.typing import NDArray

from phenojax.face.alignment.placement import MIN_EYE_DISTANCE, spans_a_face
from phenojax.face.landmarks import LandmarkScheme

each = pytest.mark.parametrize("scheme", LandmarkScheme)


def accepted(scheme: LandmarkScheme, points: NDArray[np.float64], size: tuple[int, int] = (400, 300)) -> bool:
    return bool(spans_a_face(scheme, jnp.asarray(points, jnp.float32), jnp.array(size, jnp.int32)))


def face(scheme: LandmarkScheme, step: float = 1.0, degrees: float = 0.0, x: float = 150, y: float = 200):  # type: ignore[no-untyped-def]
    return placed("arcface-112", scheme, step, degrees, (x, y))


def test_dlibs_points_of_a_real_face_do() -> None:
    assert accepted(LandmarkScheme.DLIB5, astronaut().points, (512, 512))


@each
def test_a_face_turned_by_any_angle_does(scheme: LandmarkScheme) -> None:
    assert all(accepted(scheme, face(scheme, degrees=degrees)) for degrees in range(0, 360, 15))


@each
def test_a_face_that_the_picture_cuts_does_and_one_that_is_mostly_outside_does_not(scheme: LandmarkScheme) -> None:
    assert accepted(scheme, face(scheme, x=10))
    assert not accepted(scheme, face(scheme, x=-60))
    assert not accepted(scheme, face(scheme, y=460))
    # A table whose pixels are those of another size of the same picture.
    assert not accepted(scheme, face(scheme, x=1500, y=2000))


@each
def test_points_that_are_no_numbers_do_not(scheme: LandmarkScheme) -> None:
    for value in (np.nan, np.inf, -np.inf, 1e30):
        points = face(scheme)
        points[3, 0] = value
        assert not accepted(scheme, points)


@each
def test_eyes_too_near_to_be_seen_do_not(scheme: LandmarkScheme) -> None:
    eyes = 73.5318 - 38.2946
    assert accepted(scheme, face(scheme, step=1.01 * MIN_EYE_DISTANCE / eyes))
    assert not accepted(scheme, face(scheme, step=0.99 * MIN_EYE_DISTANCE / eyes))
    assert not accepted(scheme, np.full((5, 2), 100.0))


@each
def test_points_in_a_line_do_not(scheme: LandmarkScheme) -> None:
    for degrees in (0, 30, 90):
        line = turned(np.array([(x, 0.0) for x in (-40, -20, 0, 20, 40)]), degrees)
        assert not accepted(scheme, line + np.array([150, 200]))
    # Of one spot for all but one point there is no chip either.
    assert not accepted(scheme, np.array([(150.0, 200.0)] * 4 + [(150.0, 240.0)]))


@each
def test_points_whose_left_is_the_persons_left_do_not(scheme: LandmarkScheme) -> None:
    order = [2, 3, 0, 1, 4] if scheme is LandmarkScheme.DLIB5 else [1, 0, 2, 4, 3]
    assert not accepted(scheme, face(scheme)[order])


@each
def test_a_batch_is_told_face_by_face_and_a_slot_without_picture_has_none(scheme: LandmarkScheme) -> None:
    points = jnp.asarray(np.stack([face(scheme), face(scheme), face(scheme, x=1500)]), jnp.float32)
    sizes = jnp.array([[400, 300], [0, 0], [400, 300]], jnp.int32)
    assert spans_a_face(scheme, points, sizes).tolist() == [True, False, False]
