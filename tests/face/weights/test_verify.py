"""Verification notices a changed file, changed arrays and a changed preprocessing, and says which model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from phenojax.cli import main
from phenojax.errors import MissingExtraError, WeightsError
from phenojax.face.encoders.model import load_model, save_model
from phenojax.face.weights import inventory
from phenojax.face.weights.card import Channels
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.golden import golden_chip, relative_difference
from phenojax.face.weights.locate import find_folder
from phenojax.face.weights.verify import TOLERANCE, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if any(find_folder(entry) is None for entry in BUNDLED.values()):
        pytest.skip("the extra faces is not installed")
    encoder = load_model("dlib-resnet")
    save_model(replace(encoder, card=replace(encoder.card, name="mine")), tmp_path / "mine.safetensors")
    return tmp_path


def edit(folder: Path, **changes: object) -> None:
    path = folder / "mine.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values["card"].update(changes)
    path.write_text(json.dumps(values), encoding="utf-8")


def test_everything_on_this_machine_is_intact(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "verify", "--weights", str(folder), "--json"]) == 0
    found = {one["name"]: one for one in json.loads(capfd.readouterr().out)}
    assert set(found) == {*BUNDLED, "mine"}
    assert all(one["ok"] for one in found.values())
    assert found["dlib-resnet"]["difference"] < 1e-5
    assert found["mine"]["difference"] <= 1e-6
    assert found["mtcnn"]["files"] == 3
    assert found["mtcnn"]["difference"] is None


def test_swapped_channels_are_noticed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = BUNDLED["dlib-resnet"].card.to_dict()["preprocessing"]
    edit(folder, preprocessing={**settings, "channels": str(Channels.BGR)})
    (found,) = verify(("mine",), folder)
    assert not found.ok
    assert found.difference is not None
    assert found.difference > 100 * TOLERANCE
    assert main(["weights", "verify", "mine", "--weights", str(folder)]) == 1
    assert "NOT INTACT: model mine: its vector is off by" in capfd.readouterr().out


def test_a_changed_file_is_noticed_and_not_run(folder: Path) -> None:
    path = folder / "mine.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (found,) = verify(("mine",), folder)
    assert "SHA-256 is" in found.problem
    assert found.difference is None


def test_a_model_that_is_not_here_is_no_result_but_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match="arcface was not imported"):
        verify(("arcface",), folder)
    with pytest.raises(WeightsError, match="model 'x' is not known"):
        verify(("x",), folder)
    monkeypatch.setattr(inventory, "find_folder", lambda *_: None)
    with pytest.raises(MissingExtraError, match=r"mtcnn is not installed; run: pip install 'phenojax\[faces\]'"):
        verify(("mtcnn",), folder)


def test_the_golden_picture_is_no_mirror_of_itself_and_no_two_colours_are_alike() -> None:
    chip = golden_chip(112)[0].astype(int)
    assert chip.shape == (112, 112, 3)
    assert (chip.min(), chip.max()) == (0, 255)
    for other in (chip[:, ::-1], chip[::-1], chip.transpose(1, 0, 2), chip[..., ::-1]):
        assert np.abs(chip - other).mean() > 20


def test_another_width_is_infinitely_far() -> None:
    assert relative_difference(np.zeros(3, np.float32), (1.0, 2.0)) == float("inf")
