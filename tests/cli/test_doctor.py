"""The doctor tells what there is, and a broken part is a finding, not a crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phenojax.cli import doctor, main
from phenojax.cli.doctor_faces import examine_faces
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.locate import find_folder


def test_a_sound_installation_is_in_order(capfd: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 0
    told = capfd.readouterr().out
    for words in ("python 3.", "jaxlib ", "cpu:0", "core uses", "HPO 2025-01-16", "face weights  ", "in order"):
        assert words in told


def test_json_holds_the_same(capfd: pytest.CaptureFixture[str]):
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["versions"]["phenojax"] == "0.1.0"
    assert facts["ontology"]["version"] == "2025-01-16"
    assert facts["cpu"]["instruction_set"]
    assert facts["devices"][0].startswith("cpu:0")
    assert facts["faults"] == []


def test_a_missing_package_is_a_fault(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setattr(doctor, "PACKAGES", ("phenojax", "a-package-that-nobody-made"))
    assert main(["doctor"]) == 1
    told = capfd.readouterr()
    assert "FAULT: a-package-that-nobody-made is not installed" in told.err
    assert "1 fault" in told.out


def test_a_missing_extra_is_named_and_is_no_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "hypothesis" else "1.0")
    facts, faults = doctor.examine()
    assert facts["missing_extras"] == {"test": ["hypothesis"]}
    assert faults == []


def test_an_instruction_set_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PHENOJAX_ISA", "abacus")
    facts, faults = doctor.examine()
    assert facts["cpu"]["instruction_set"] is None
    assert any("abacus" in fault for fault in faults)


def test_intact_weights_are_named(capfd: pytest.CaptureFixture[str]):
    if find_folder(BUNDLED["mtcnn"]) is None or find_folder(BUNDLED["dlib-resnet"]) is None:
        pytest.skip("the extra faces is not installed")
    assert main(["doctor"]) == 0
    assert "face weights  dlib-resnet, dlib-mmod, dlib-shape-5, mtcnn intact" in capfd.readouterr().out


def test_damaged_weights_are_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = BUNDLED["dlib-mmod"].card.files[0]
    (tmp_path / file.name).write_bytes(bytes(file.n_bytes))
    faults: list[str] = []
    facts = examine_faces(faults, tmp_path)
    assert any(f"{file.name}: SHA-256 is" in fault and "pip install" in fault for fault in faults)
    assert facts["models"]["dlib-mmod"] in faults


def test_an_imported_model_without_a_card_is_a_fault(tmp_path: Path):
    (tmp_path / "mine.safetensors").write_bytes(b"arrays")
    faults: list[str] = []
    assert examine_faces(faults, tmp_path)["models"] == {}
    assert any("mine.json cannot be read" in fault for fault in faults)
