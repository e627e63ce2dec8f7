"""A model is asked for by name or by file, and a name that is none is answered with those that are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from phenojax.errors import WeightsError
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.encoders.model import golden_output, load_model, save_model
from phenojax.face.weights.card import WeightFile
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.golden import relative_difference
from phenojax.face.weights.locate import find_folder
from phenojax.face.weights.store import read_stored
from phenojax.face.weights.verify import golden_vector

SOURCE = WeightFile("mine.pth", "cd" * 32, 7)


@pytest.fixture(scope="module")
def dlib() -> Encoder:
    if find_folder(BUNDLED["dlib-resnet"]) is None:
        pytest.skip("the extra faces is not installed")
    return load_model("dlib-resnet")


@pytest.fixture(scope="module")
def mine(dlib: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mine.safetensors"
    save_model(replace(dlib, card=replace(dlib.card, name="mine")), path, (SOURCE,))
    return path


def test_the_default_is_the_encoder_of_dlib(dlib: Encoder) -> None:
    assert load_model().card == dlib.card == BUNDLED["dlib-resnet"].card


def test_its_vector_of_the_golden_picture_is_the_one_of_dlib_itself(dlib: Encoder) -> None:
    assert relative_difference(golden_output(dlib), golden_vector("dlib-resnet")) < 1e-5


@pytest.mark.parametrize("by", ["name", "path", "spelled path"])
def test_a_saved_model_is_loaded_as_it_was(dlib: Encoder, mine: Path, by: str) -> None:
    asked = {"name": "mine", "path": mine, "spelled path": str(mine)}[by]
    again = load_model(asked, mine.parent)
    assert again.card.name == "mine"
    assert again.module == dlib.module
    jax.tree.map(np.testing.assert_array_equal, again.params, dlib.params)


def test_a_saved_model_remembers_what_it_came_from_and_what_it_gave(dlib: Encoder, mine: Path) -> None:
    stored = read_stored(mine)
    assert stored.sources == (SOURCE,)
    np.testing.assert_array_equal(np.float32(stored.golden), golden_output(dlib))


def test_weights_that_do_not_fit_the_architecture_of_their_card_are_not_run(mine: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    arrays = load_file(mine)
    arrays["stem/kernel"] = arrays["stem/kernel"][:5]
    path = tmp_path / "mine.safetensors"
    save_file(arrays, path)
    card = replace(read_stored(mine).card, files=())
    from phenojax.face.weights.store import leaves, nested, write_model

    write_model(path, card, nested(dict(leaves(arrays))), (), (0.0,))
    with pytest.raises(WeightsError, match=r"stem/kernel has shape \(5, 7, 3, 32\), expected \(7, 7, 3, 32\)"):
        load_model(path)


def test_an_architecture_that_nobody_knows_is_refused(dlib: Encoder, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="architecture 'vgg16' is not known"):
        save_model(replace(dlib, card=replace(dlib.card, architecture="vgg16")), tmp_path / "x.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_model_is_answered_with_those_that_are(mine: Path) -> None:
    with pytest.raises(WeightsError, match="model 'dlib-resnot' is not known; there is dlib-resnet, mine, or"):
        load_model("dlib-resnot", mine.parent)


def test_a_detector_is_no_encoder() -> None:
    with pytest.raises(WeightsError, match="model 'mtcnn' is not known"):
        load_model("mtcnn")


def test_a_model_that_must_be_imported_says_how(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"magface .* was not imported.*phenojax weights import"):
        load_model("magface", tmp_path)


def test_a_path_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"absent\.safetensors: there is no such file"):
        load_model(tmp_path / "absent.safetensors")
