"""The default detector finds the faces that dlib finds, where dlib finds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from conftest import REPOSITORY
from numpy.typing import NDArray

if find_spec("face_recognition_models") is None:
    pytest.skip("the extra faces is not installed", allow_module_level=True)
pytest.importorskip("skimage", reason="the astronaut comes with scikit-image")

from skimage.data import astronaut
from skimage.transform import resize, rotate

from phenojax.errors import WeightsError
from phenojax.face.detectors.detection import Detections
from phenojax.face.detectors.load import load_detector
from phenojax.face.detectors.mmod import MmodDetector, detect, load_mmod
from phenojax.face.landmarks import LandmarkScheme

Picture = NDArray[np.uint8]
GOLDEN = json.loads((REPOSITORY / "tests" / "golden" / "dlib_mmod.json").read_text(encoding="utf-8"))["faces"]


def models() -> Path:
    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "models"


@pytest.fixture(scope="module")
def detector() -> MmodDetector:
    found = load_detector()
    assert isinstance(found, MmodDetector)
    return found


@pytest.fixture(scope="module")
def dlib_finds() -> Callable[[Picture], list[tuple[list[int], float, list[list[int]]]]]:
    dlib = pytest.importorskip("dlib", reason="dlib-bin is in the extra peers")
    network = dlib.cnn_face_detection_model_v1(str(models() / "mmod_human_face_detector.dat"))
    predictor = dlib.shape_predictor(str(models() / "shape_predictor_5_face_landmarks.dat"))

    def find(picture: Picture) -> list[tuple[list[int], float, list[list[int]]]]:
        faces = []
        for face in network(picture, 0):
            rect = face.rect
            points = [[point.x, point.y] for point in predictor(picture, rect).parts()]
            box = [rect.left(), rect.top(), rect.right(), rect.bottom()]
            faces.append((box, face.confidence, points))
        return faces

    return find


def find(detector: MmodDetector, picture: Picture, side: int, rubbish: int = 0) -> Detections:
    """The slots in use of one picture, put on a canvas that holds `rubbish` beyond it."""
    canvas = np.full((1, side, side, 3), rubbish, np.uint8)
    canvas[0, : picture.shape[0], : picture.shape[1]] = picture
    found = detector(jnp.asarray(canvas), jnp.array([picture.shape[:2]], jnp.int32))
    valid = np.asarray(found.valid[0])
    assert not valid[valid.sum() :].any()
    return Detections(*(np.asarray(piece[0])[valid] for piece in found))


def assert_same(found: Detections, boxes: list[Any], scores: list[float], points: list[Any]) -> None:
    np.testing.assert_array_equal(found.boxes, np.array(boxes).reshape(-1, 4))
    np.testing.assert_allclose(found.scores, scores, atol=1e-4)
    np.testing.assert_array_equal(found.landmarks, np.array(points).reshape(-1, 5, 2))


def small_astronaut(height: int, width: int, side: int) -> Picture:
    """The astronaut's head at the top left of its surroundings, `side` pixels for 200."""
    scaled = resize(astronaut()[:250, 50:350], (side * 250 // 200, side * 300 // 200), preserve_range=True)
    return np.ascontiguousarray(scaled[:height, :width].round().astype(np.uint8))


def test_it_is_the_detector_that_its_cards_name(detector: MmodDetector) -> None:
    assert (detector.name, detector.scheme) == ("dlib-mmod", LandmarkScheme.DLIB5)
    assert [card.name for card in detector.cards] == ["dlib-mmod", "dlib-shape-5"]


@pytest.mark.parametrize("name", [name for name in GOLDEN if name.startswith(("control", "ind"))])
def test_a_synthetic_face_has_dlibs_box_score_and_points(
    name: str, detector: MmodDetector, shared_data: Callable[[str], Path]
) -> None:
    image = pytest.importorskip("PIL.Image", reason="the extra faces is not installed")
    picture = np.array(image.open(shared_data(f"faces/synthetic20/{name}.jpg")).convert("RGB"))
    faces = GOLDEN[name]
    boxes, scores, points = ([face[key] for face in faces] for key in ("box", "score", "points"))
    assert_same(find(detector, picture, 512), boxes, scores, points)


def test_the_astronauts_box_score_and_points_are_dlibs(detector: MmodDetector) -> None:
    (face,) = GOLDEN["astronaut"]
    found = find(detector, astronaut(), 512)
    assert_same(found, [face["box"]], [face["score"]], [face["points"]])


def test_a_doubled_picture_has_dlibs_box_and_points() -> None:
    detector = load_mmod(
        models() / "mmod_human_face_detector.dat", models() / "shape_predictor_5_face_landmarks.dat", upsample=1, k=2
    )
    picture = np.ascontiguousarray(astronaut()[:200, 100:330])
    (face,) = GOLDEN["astronaut, upsampled"]
    found = find(detector, picture, 256)
    np.testing.assert_array_equal(found.boxes, [face["box"]])
    np.testing.assert_allclose(found.scores, [face["score"]], atol=1e-3)
    np.testing.assert_array_equal(found.landmarks, [face["points"]])


def pictures_of_256() -> dict[str, Picture]:
    face = small_astronaut(240, 250, 190)
    border = np.ascontiguousarray(astronaut()[60:250, 170:400])
    noise = np.random.default_rng(0).integers(0, 256, (200, 256, 3), dtype=np.uint8)
    twice = np.concatenate([small_astronaut(250, 128, 130), small_astronaut(250, 128, 130)], axis=1)
    turned = (rotate(face, 20, mode="edge", preserve_range=True)).round().astype(np.uint8)
    return {
        "whole": np.ascontiguousarray(astronaut()[:256, 90:346]),
        "of odd size": face[:231, :197].copy(),
        "cut at the border": border,
        "two faces": twice,
        "turned": turned,
        "noise": noise,
        "flat": np.full((256, 256, 3), 128, np.uint8),
        "narrow": np.ascontiguousarray(astronaut()[40:240, 165:265]),
        "low": np.ascontiguousarray(astronaut()[60:170, 90:346]),
        "tiny": np.ascontiguousarray(astronaut()[:30, :40]),
    }


@pytest.mark.parametrize("name", list(pictures_of_256()))
def test_any_picture_has_the_faces_that_dlib_finds(
    name: str, detector: MmodDetector, dlib_finds: Callable[[Picture], list[Any]]
) -> None:
    picture = pictures_of_256()[name]
    faces = dlib_finds(picture)
    found = find(detector, picture, 256, rubbish=255)
    order = np.argsort([-face[1] for face in faces], kind="stable")
    assert_same(
        found, *(list(column) for column in zip(*(faces[i] for i in order), strict=True)) if faces else ([], [], [])
    )


def test_a_batch_of_pictures_of_many_sizes_is_one_program_and_each_has_its_own_answer(detector: MmodDetector) -> None:
    chosen = [pictures_of_256()[name] for name in ("whole", "of odd size", "flat", "narrow")]
    canvases = np.zeros((4, 256, 256, 3), np.uint8)
    for canvas, picture in zip(canvases, chosen, strict=True):
        canvas[: picture.shape[0], : picture.shape[1]] = picture
    sizes = jnp.array([picture.shape[:2] for picture in chosen], jnp.int32)
    together = detector(jnp.asarray(canvases), sizes)
    for row, picture in enumerate(chosen):
        alone = find(detector, picture, 256)
        valid = np.asarray(together.valid[row])
        np.testing.assert_array_equal(np.asarray(together.boxes[row])[valid], alone.boxes)
        np.testing.assert_array_equal(np.asarray(together.landmarks[row])[valid], alone.landmarks)
    before = detect._cache_size()
    detector(jnp.asarray(canvases[::-1].copy()), sizes[::-1])
    assert detect._cache_size() == before


def test_an_empty_slot_has_no_faces(detector: MmodDetector) -> None:
    found = find(detector, np.zeros((0, 0, 3), np.uint8), 256, rubbish=77)
    assert len(found.boxes) == 0


def test_points_before_rounding_lie_within_half_a_pixel_of_those_after(detector: MmodDetector) -> None:
    exact = replace(detector, config=replace(detector.config, round_points=False))
    picture = pictures_of_256()["whole"]
    rounded, found = find(detector, picture, 256), find(exact, picture, 256)
    assert 0 < np.abs(found.landmarks - rounded.landmarks).max() <= 0.5
    np.testing.assert_array_equal(np.floor(found.landmarks + 0.5), rounded.landmarks)


def test_files_of_other_models_are_refused() -> None:
    shape, network = models() / "shape_predictor_5_face_landmarks.dat", models() / "mmod_human_face_detector.dat"
    with pytest.raises(WeightsError, match="no face detector"):
        load_mmod(models() / "dlib_face_recognition_resnet_model_v1.dat", shape)
    with pytest.raises(WeightsError, match="mmod_human_face_detector"):
        load_mmod(network, network)
    with pytest.raises(ValueError, match="k is 0"):
        load_mmod(network, shape, k=0)
