"""The chip of 150 pixels is dlib's, and so is what its encoder says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from face.alignment.placed_faces import chips, grey_levels_apart, placed
from face.bundled_weights import dlib_file
from face.golden_faces import astronaut, synthetic
from numpy.typing import NDArray
from reference.dlib_chip import dlib_chip

from phenojax.face.alignment.align import align
from phenojax.face.encoders.dlib_resnet import load_dlib_resnet
from phenojax.face.encoders.encoder import encode
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.card import Channels, Preprocessing

WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
SETTINGS = Preprocessing(150, Channels.RGB, (122.782, 117.001, 104.298), (256.0, 256.0, 256.0), "dlib-150")
# Of the chips' values, at most so many differ, by one grey level: float32 rounds to the other side of a whole number.
FEW = 1e-3
DLIB5 = LandmarkScheme.DLIB5


def assert_same(ours: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> None:
    apart = grey_levels_apart(ours, wanted)
    assert apart.max() <= 1
    assert (apart > 0).mean() < FEW


@pytest.fixture(scope="module")
def odd_faces() -> list[NDArray[np.float64]]:
    """Points of faces from a tenth of the picture to three times as large, turned by any angle, some half outside."""
    key = np.random.default_rng(7)
    faces = []
    for step in np.geomspace(0.3, 10, 40):
        centre = key.uniform(0, 512), key.uniform(0, 400)
        points = placed("dlib-150", DLIB5, step, key.uniform(-180, 180), centre)
        faces.append(np.round(points + key.normal(size=(5, 2)) * step))
    return faces


def test_chips_of_odd_faces_are_those_of_the_twin(odd_faces: list[NDArray[np.float64]]) -> None:
    picture = astronaut().picture[:400]
    ours = chips("dlib-150", DLIB5, [picture] * len(odd_faces), np.stack(odd_faces))
    assert_same(ours, np.stack([dlib_chip(picture, points) for points in odd_faces]))
    assert (ours.reshape(len(ours), -1).max(axis=1) > 0).all()


def test_dlib_itself_agrees_on_odd_faces(odd_faces: list[NDArray[np.float64]]) -> None:
    dlib = pytest.importorskip("dlib", reason="dlib-bin is in the extra peers")
    picture = np.ascontiguousarray(astronaut().picture[:400])
    wanted = []
    for points in odd_faces:
        parts = [dlib.point(int(x), int(y)) for x, y in points]
        shape = dlib.full_object_detection(dlib.rectangle(0, 0, 10, 10), parts)
        wanted.append(dlib.get_face_chip(picture, shape, 150, 0.25))
    assert_same(chips("dlib-150", DLIB5, [picture] * len(odd_faces), np.stack(odd_faces)), np.stack(wanted))


def test_faces_of_a_large_canvas_are_halved_once_and_twice() -> None:
    picture = np.repeat(np.repeat(astronaut().picture[:200, 100:340], 4, axis=0), 4, axis=1)
    points = [placed("dlib-150", DLIB5, step, 20, (450, 380)).round() for step in (2.6, 5.2)]
    ours = chips("dlib-150", DLIB5, [picture, picture], np.stack(points), side=1024)
    assert_same(ours, np.stack([dlib_chip(picture, five) for five in points]))


def test_a_chip_does_not_hang_on_the_canvas_or_on_what_lies_beyond_the_picture() -> None:
    picture = astronaut().picture[:200, :300]
    points = np.stack([placed("dlib-150", DLIB5, step, -30, (150, 190)) for step in (1.1, 2.3)])
    small, large = (chips("dlib-150", DLIB5, [picture] * 2, points, side) for side in (512, 1024))
    np.testing.assert_array_equal(small, large)
    dirty = np.full((8, 512, 512, 3), 255, np.uint8)
    dirty[:, :200, :300] = picture
    sizes, eight = jnp.full((8, 2), jnp.array([200, 300]), jnp.int32), np.tile(points, (4, 1, 1))
    found = align("dlib-150", DLIB5, jnp.asarray(dirty), sizes, jnp.asarray(eight, jnp.float32))
    np.testing.assert_array_equal(found[:2], small)


def test_from_picture_to_descriptor_it_is_dlibs_within_1e_4(shared_data: Callable[[str], Path]) -> None:
    faces = [astronaut(), *synthetic(shared_data)]
    ours = chips("dlib-150", DLIB5, [face.picture for face in faces], np.stack([face.points for face in faces]))
    assert_same(ours, np.stack([dlib_chip(face.picture, face.points) for face in faces]))
    module, params = load_dlib_resnet(dlib_file(WEIGHTS))
    batches = np.concatenate([ours, ours[:3]]).reshape(6, 4, 150, 150, 3)
    vectors = np.concatenate([encode(module, SETTINGS, params, jnp.asarray(batch)) for batch in batches])[:21]
    # One grey level of one pixel is worth 1e-5 and more; on the same chips it is less than that.
    assert np.abs(vectors - np.stack([face.descriptor for face in faces])).max() < 1e-4
