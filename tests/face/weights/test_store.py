"""Imported weights: what is written is read back bit for bit, and anything else is refused with what is wrong."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("safetensors", reason="the extra faces is not installed")

from phenojax.errors import WeightsError
from phenojax.face.weights.card import ModelCard, WeightFile
from phenojax.face.weights.catalogue import BUNDLED, IMPORTABLE
from phenojax.face.weights.store import (
    check_new_name,
    default_folder,
    leaves,
    nested,
    read_card,
    read_params,
    read_stored,
    stored_names,
    stored_path,
    write_model,
)

PARAMS: dict[str, Any] = {
    "stem": {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "bias": np.array([0.5], np.float32)},
    "head": np.array([[1.25]], np.float32),
}
SHAPES = {path: array.shape for path, array in leaves(PARAMS)}
SOURCE = WeightFile("weights.pth", "ab" * 32, 123)
CARD: ModelCard = replace(IMPORTABLE["magface"].card, architecture="iresnet50")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = stored_path("magface", tmp_path)
    write_model(path, CARD, PARAMS, (SOURCE,), (1.0, -2.5))
    return path


def rewrite(path: Path, change: Any) -> None:
    beside = path.with_suffix(".json")
    values = json.loads(beside.read_text(encoding="utf-8"))
    change(values)
    beside.write_text(json.dumps(values), encoding="utf-8")


def test_the_same_weights_make_the_same_file(stored: Path) -> None:
    first = stored.read_bytes()
    for _ in range(8):
        write_model(stored, CARD, PARAMS, (SOURCE,), (1.0, -2.5))
        assert stored.read_bytes() == first


def test_arrays_come_back_as_they_went(stored: Path) -> None:
    read = read_params(stored, SHAPES)
    assert dict(leaves(read)).keys() == SHAPES.keys()
    for path, array in leaves(PARAMS):
        found = dict(leaves(read))[path]
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, array)


def test_the_card_comes_back_with_file_sources_and_golden_vector(stored: Path) -> None:
    read = read_stored(stored)
    (file,) = read.card.files
    assert replace(read.card, files=()) == CARD
    assert (file.name, file.n_bytes) == ("magface.safetensors", stored.stat().st_size)
    assert read.sources == (SOURCE,)
    assert read.golden == (1.0, -2.5)


def test_nested_is_the_inverse_of_leaves() -> None:
    again = nested(dict(leaves(PARAMS)))
    assert again.keys() == PARAMS.keys()
    assert again["stem"]["kernel"] is PARAMS["stem"]["kernel"]


def test_only_whole_models_are_listed(stored: Path, tmp_path: Path) -> None:
    (tmp_path / ".writing-12345678-other.safetensors").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("nothing")
    assert stored_names(tmp_path) == ("magface",)
    assert stored_names(tmp_path / "absent") == ()


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "magface.safetensors").mkdir()
    with pytest.raises(WeightsError, match="cannot be written"):
        write_model(tmp_path / "magface.safetensors", CARD, PARAMS, (SOURCE,), (1.0,))
    assert [path.name for path in tmp_path.iterdir()] == ["magface.safetensors"]


def test_a_changed_array_is_noticed(stored: Path) -> None:
    data = bytearray(stored.read_bytes())
    data[-1] ^= 1
    stored.write_bytes(bytes(data))
    os.utime(stored, ns=(0, stored.stat().st_mtime_ns + 1_000_000))
    with pytest.raises(WeightsError, match=r"magface\.safetensors: SHA-256 is .* expected .* import it again"):
        read_stored(stored)


def test_arrays_without_a_card_mean_nothing(stored: Path) -> None:
    stored.with_suffix(".json").unlink()
    with pytest.raises(WeightsError, match=r"its card magface\.json cannot be read"):
        read_stored(stored)


def test_a_card_without_arrays_is_no_model(stored: Path) -> None:
    stored.unlink()
    with pytest.raises(WeightsError, match="there is no such file"):
        read_card(stored)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v.update(format=2), "format 2 is not known, expected 1"),
        (lambda v: v.pop("format"), "format None is not known"),
        (lambda v: v.pop("golden"), "is no card of an imported model"),
        (lambda v: v.update(golden=["x"]), "is no card of an imported model"),
        (lambda v: v.update(sources=[{"name": "x"}]), "is no card of an imported model"),
        (lambda v: v["card"].update(role="cook"), "model card is malformed"),
        (lambda v: v["card"].update(colour="red"), "unknown fields: colour"),
        (lambda v: v["card"].update(files=[]), "is no card of an imported encoder"),
        (lambda v: v["card"].update(preprocessing=None), "is no card of an imported encoder"),
    ],
)
def test_a_card_that_is_none_is_refused(stored: Path, change: Any, words: str) -> None:
    rewrite(stored, change)
    with pytest.raises(WeightsError, match=words):
        read_card(stored)


@pytest.mark.parametrize("text", ["", "[1]", "null", '"a"', "{", "\x00"])
def test_a_card_that_is_no_object_is_refused(stored: Path, text: str) -> None:
    stored.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"is no JSON|is not known"):
        read_card(stored)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({**SHAPES, "tail": (1,)}, r"tail is missing \(1 of 4"),
        ({"head": (1, 1), "stem/bias": (1,)}, "stem/kernel is no parameter of this network"),
        ({**SHAPES, "stem/kernel": (3, 2)}, r"stem/kernel has shape \(2, 3\), expected \(3, 2\)"),
    ],
)
def test_the_parameters_of_another_network_are_refused(stored: Path, shapes: Any, words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        read_params(stored, shapes)


def test_arrays_of_another_type_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"head": np.zeros((1, 1), np.float16)}, tmp_path / "half.safetensors")
    with pytest.raises(WeightsError, match="head has type F16, expected F32"):
        read_params(tmp_path / "half.safetensors", {"head": (1, 1)})


@pytest.mark.parametrize("data", [b"", b"not a safetensors file", b"\xff" * 64, b"\x80\x02}q\x00."])
def test_a_file_that_is_no_safetensors_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="is no safetensors file"):
        read_params(path, SHAPES)


def test_a_truncated_file_is_refused(stored: Path) -> None:
    stored.write_bytes(stored.read_bytes()[:-4])
    with pytest.raises(WeightsError, match="is no safetensors file, or a damaged one"):
        read_params(stored, SHAPES)


def test_names_of_the_extra_are_taken() -> None:
    for name in BUNDLED:
        with pytest.raises(WeightsError, match="choose another"):
            check_new_name(name)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "Ärger", "with space", "x" * 65, "UPPER"])
def test_a_name_is_a_plain_file_name(name: str) -> None:
    with pytest.raises(WeightsError, match="is not allowed"):
        check_new_name(name)


def test_the_folder_is_the_users_and_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PHENOJAX_WEIGHTS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_folder() == tmp_path / "data" / "phenojax" / "weights"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "share" / "phenojax" / "weights"
    monkeypatch.setenv("PHENOJAX_WEIGHTS", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
