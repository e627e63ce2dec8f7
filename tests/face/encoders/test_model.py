"""A model is asked for by name or by file, and a name that is none is answered with those that are."""

from __future__ import annotations

import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from phenojax.errors import WeightsError
from phenojax.face.encoders.model import load_model


def test_a_name_that_is_no_model_is_answered_with_those_that_are() -> None:
    with pytest.raises(WeightsError, match="model 'dlib-resnot' is not known; there is dlib-resnet"):
        load_model("dlib-resnot")


def test_a_detector_is_no_encoder() -> None:
    with pytest.raises(WeightsError, match="model 'mtcnn' is not known"):
        load_model("mtcnn")


def test_a_model_that_must_be_imported_says_how() -> None:
    with pytest.raises(WeightsError, match=r"magface .* was not imported.*phenojax weights import"):
        load_model("magface")
