"""A detector is asked for by name."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from face.bundled_weights import dlib_file

from phenojax.errors import WeightsError
from phenojax.face.detectors.load import load_detector
from phenojax.face.landmarks import LandmarkScheme


@pytest.mark.parametrize("name", ["retinaface", "dlib-resnet", "dlib-shape-5"])
def test_a_name_that_is_no_detector_is_answered_with_those_that_are(name: str) -> None:
    with pytest.raises(WeightsError, match=f"detector '{name}' is not known; there is dlib-mmod, mtcnn"):
        load_detector(name)


def test_the_default_is_the_detector_of_dlib_with_the_cards_of_both_its_files() -> None:
    dlib_file("mmod_human_face_detector.dat")
    detector = load_detector()
    assert (detector.name, detector.scheme) == ("dlib-mmod", LandmarkScheme.DLIB5)
    assert [card.name for card in detector.cards] == ["dlib-mmod", "dlib-shape-5"]


def test_a_file_of_the_users_that_is_another_one_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "mmod_human_face_detector.dat").write_bytes(b"something else")
    with pytest.raises(WeightsError, match=r"mmod_human_face_detector\.dat: 14 bytes, expected 729,940"):
        load_detector("dlib-mmod", tmp_path)
