"""A detector is asked for by name."""

from __future__ import annotations

import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from phenojax.errors import WeightsError
from phenojax.face.detectors.load import load_detector


@pytest.mark.parametrize("name", ["retinaface", "dlib-resnet", "dlib-shape-5"])
def test_a_name_that_is_no_detector_is_answered_with_those_that_are(name: str) -> None:
    with pytest.raises(WeightsError, match=f"detector '{name}' is not known; there is dlib-mmod, mtcnn"):
        load_detector(name)
