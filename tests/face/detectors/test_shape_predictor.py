"""The five points of a face are those of its box, wherever that lies."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

if find_spec("face_recognition_models") is None:
    pytest.skip("the extra faces is not installed", allow_module_level=True)
pytest.importorskip("skimage", reason="the astronaut comes with scikit-image")

from reference import shape_predictor as reference
from skimage.data import astronaut

from phenojax.errors import WeightsError
from phenojax.face.detectors.shape_predictor import predict_points, round_points, to_device
from phenojax.face.weights.dlib_shape import ShapeForests, parse_dlib_shape

BOXES = [(168, 69, 263, 164), (-20, -30, 200, 180), (400, 380, 600, 560), (10, 10, 90, 90)]


@pytest.fixture(scope="module")
def data() -> bytes:
    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "models"
    return (folder / "shape_predictor_5_face_landmarks.dat").read_bytes()


@pytest.fixture(scope="module")
def forests(data: bytes) -> ShapeForests:
    return parse_dlib_shape(data, "five points")


@pytest.fixture(scope="module")
def points(forests: ShapeForests) -> np.ndarray:
    picture, size = jnp.asarray(astronaut()), jnp.array([512, 512], jnp.int32)
    return np.asarray(jax.jit(predict_points)(to_device(forests), picture, size, jnp.array(BOXES, jnp.int32)))


def test_the_file_holds_fifteen_levels_of_500_trees(forests: ShapeForests) -> None:
    assert forests.initial_shape.shape == (5, 2)
    assert forests.first.shape == forests.second.shape == forests.threshold.shape == (15, 500, 15)
    assert forests.leaves.shape == (15, 500, 16, 5, 2)
    assert forests.deltas.shape == (15, 800, 2)


@pytest.mark.parametrize("row", range(len(BOXES)))
def test_the_points_are_those_of_one_tree_after_the_other(row: int, forests: ShapeForests, points: np.ndarray) -> None:
    wanted = reference.predict_points(forests, astronaut(), BOXES[row])
    np.testing.assert_allclose(points[row], wanted, atol=1e-3)


@pytest.mark.parametrize("row", range(len(BOXES)))
def test_the_rounded_points_are_dlibs(row: int, points: np.ndarray) -> None:
    dlib = pytest.importorskip("dlib", reason="dlib-bin is in the extra peers")
    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "models" / "shape_predictor_5_face_landmarks.dat"
    found = dlib.shape_predictor(str(path))(astronaut(), dlib.rectangle(*BOXES[row])).parts()
    assert np.asarray(round_points(jnp.asarray(points[row]))).tolist() == [[p.x, p.y] for p in found]


def test_damaged_files_are_refused_and_named(data: bytes) -> None:
    for damaged in (
        b"",
        data[:1000],
        data[:-1],
        data + b"\x01\x01",
        b"\x01\x02" + data[2:],
        data[:40] + b"\x00" + data[41:],
    ):
        with pytest.raises(WeightsError, match="five points"):
            parse_dlib_shape(damaged, "five points")
