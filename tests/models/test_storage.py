"""Models are read back bit for bit or not at all; nobody else reads what is personal."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models.make_models import make_screened

from phenojax import subgroups
from phenojax._files import TEMPORARY_PREFIX
from phenojax.errors import ConfigError, ResultError
from phenojax.models import ModelSet, read_models, storage, write_models
from phenojax.models.layout import file_names
from phenojax.screen.results import ScreenResult, check_result_folder


@pytest.fixture(scope="module")
def models() -> ModelSet:
    return make_screened().models


@pytest.fixture
def folder(models: ModelSet, tmp_path: Path) -> Path:
    return write_models(models, tmp_path / "models")


def same(a: Any, b: Any) -> bool:
    """Equal, arrays bit for bit and of one type."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if hasattr(a, "__dataclass_fields__"):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b)


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_what_is_written_is_read_back_bit_for_bit(models: ModelSet, folder: Path) -> None:
    read = read_models(folder)
    told = ("config", "created", "encoder")
    assert all(getattr(read, name) == plain(getattr(models, name)) for name in told)
    assert same(replace(read, **{name: getattr(models, name) for name in told}), models)
    assert read.holds_individuals


def test_only_the_owner_reads_what_holds_individuals(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    told = json.loads((folder / "models.json").read_text())
    assert told["holds_individuals"] is True
    assert "personal data" in " ".join(told["about"])
    assert "does not diagnose" in " ".join(told["about"])


def test_one_gene_can_be_read_alone_and_an_unknown_one_is_named(models: ModelSet, folder: Path) -> None:
    (folder / "genes" / "CCC.safetensors").unlink()
    read = read_models(folder, genes=["AAA"])
    assert list(read.models) == [("AAA", modality) for modality in ("hpo", "face", "both")]
    with pytest.raises(ConfigError, match="no model of NOPE; there are 4: AAA"):
        read_models(folder, genes=["AAA", "NOPE"])
    with pytest.raises(ConfigError, match=r"no model of '' \(an empty name\); there are 4"):
        read_models(folder, genes=[""])
    with pytest.raises(ConfigError, match="'NOPE'"):
        read.of("NOPE")
    assert [model.modality for model in read.of("AAA")] == ["hpo", "face", "both"]


@pytest.mark.parametrize("name", ["terms.safetensors", "individuals.safetensors", "genes/AAA.safetensors"])
def test_a_missing_or_changed_file_is_named(folder: Path, name: str) -> None:
    path = folder / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ResultError, match=f"{path}: has changed"):
        read_models(folder)
    path.unlink()
    with pytest.raises(ResultError, match=f"{path}: the file is missing"):
        read_models(folder)


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "models.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda told: told.update(format_version=2), "models of format 2, but this phenojax reads 1"),
        (lambda told: told.update(format="other"), "not the index of phenojax models"),
        (lambda told: told.pop("files"), "does not list the files"),
        (lambda told: told["files"].pop("terms.safetensors"), "says nothing of terms.safetensors"),
        (lambda told: told.update(config=None), "config is NoneType, not what phenojax wrote"),
        (lambda told: told.update(created=[]), "created is list, not what phenojax wrote"),
        (lambda told: told.update(encoder="x"), "encoder is str, not what phenojax wrote"),
        (lambda told: told["models"][0].pop("slope"), "not what phenojax wrote"),
        (lambda told: told["models"][0].update(file="../x"), "says nothing of"),
        (lambda told: told["files"].update({"../x": ""}) or told["models"][0].update(file="../x"), "lies outside"),
    ],
)
def test_an_index_that_phenojax_did_not_write_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    edit(folder, change)
    with pytest.raises(ResultError, match=complaint):
        read_models(folder)


def test_no_models_at_all_are_told_from_damaged_ones(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no such folder"):
        read_models(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultError, match=r"no models.json and no run.json"):
        read_models(tmp_path / "empty")
    (folder / "models.json").write_text("{")
    with pytest.raises(ResultError, match="not readable as JSON"):
        read_models(folder)


@pytest.mark.parametrize(
    "gene", ["a/b", "..", ".hidden", "a\\b", 'C:"x"|?*', "ÅΔ", "x" * 300, "label: 1 vs 0", "%2E", "a\nb", ""]
)
def test_a_gene_may_be_called_anything(models: ModelSet, tmp_path: Path, gene: str) -> None:
    model = replace(models.models["AAA", "hpo"], gene=gene)
    named = replace(models, models={(gene, "hpo"): model})
    read = read_models(write_models(named, tmp_path / "m"))
    assert list(read.models) == [(gene, "hpo")]
    [file] = (tmp_path / "m" / "genes").iterdir()
    assert not file.name.startswith(".")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m"]


def test_names_that_differ_in_case_only_have_files_of_their_own() -> None:
    names = list(file_names(["Abc", "ABC", "abc", "a%62c"]).values())
    assert len({name.lower() for name in names}) == 4


def test_foreign_folders_and_files_are_left_alone(models: ModelSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResultError, match="is a file"):
        write_models(models, tmp_path / "file")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.docx").write_text("x")
    with pytest.raises(ResultError, match="holds files but no phenojax models"):
        write_models(models, tmp_path / "foreign")
    with pytest.raises(ResultError, match="does not exist"):
        write_models(models, tmp_path / "a" / "b")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "foreign", "thesis.docx"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_write_leaves_the_earlier_models_whole(
    models: ModelSet, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Any
) -> None:
    before = (folder / "models.json").read_bytes()
    write = storage._write
    written: list[Path] = []

    def failing(path: Path, content: bytes, private: bool) -> None:
        if len(written) == 3:
            raise error
        written.append(path)
        write(path, content, private)

    monkeypatch.setattr(storage, "_write", failing)
    few = replace(models, models={key: m for key, m in models.models.items() if key[0] == "AAA"})
    with pytest.raises((KeyboardInterrupt, OSError)):
        write_models(few, folder)
    assert len(written) == 3
    assert (folder / "models.json").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["models"]
    assert len(read_models(folder).models) == len(models.models)


def test_a_result_and_models_of_another_run_are_refused(tmp_path: Path) -> None:
    result = make_screened().result
    assert result.models is not None
    result.write(tmp_path / "r")
    again = ScreenResult.read(tmp_path / "r")
    assert again.models is not None
    assert list(again.models.models) == list(result.models.models)
    assert read_models(tmp_path / "r").genes == result.models.genes
    few = replace(result.models, models={key: m for key, m in result.models.models.items() if key[0] == "AAA"})
    write_models(few, tmp_path / "r" / "models")
    for reader in (ScreenResult.read, read_models):
        with pytest.raises(ResultError, match="two runs are mixed"):
            reader(tmp_path / "r")
    with pytest.raises(ResultError, match="two runs are mixed"):
        read_models(tmp_path / "r" / "models")
    (tmp_path / "r" / "models" / "models.json").unlink()
    for reader in (ScreenResult.read, read_models):
        with pytest.raises(ResultError, match="missing"):
            reader(tmp_path / "r")


def test_models_of_an_earlier_result_do_not_outlive_it(tmp_path: Path) -> None:
    result = make_screened().result
    result.write(tmp_path)
    replace(result, models=None).write(tmp_path)
    assert not (tmp_path / "models").exists()
    assert ScreenResult.read(tmp_path).models is None
    with pytest.raises(ResultError, match="written without models"):
        read_models(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"format": subgroups.results.SUBGROUPS.name, "files": {}}))
    with pytest.raises(ResultError, match="`phenojax discover` wrote this result, and it has no models"):
        read_models(tmp_path)


def test_somebody_elses_folder_of_that_name_is_not_removed(tmp_path: Path) -> None:
    result = replace(make_screened().result, models=None)
    result.write(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.txt").write_text("x")
    with pytest.raises(ResultError, match="holds files but no phenojax models"):
        result.write(tmp_path)
    assert (tmp_path / "models" / "mine.txt").read_text() == "x"


KILLED = """
import os, signal, sys
from phenojax.models import storage
from phenojax.screen.results import ScreenResult
write, written = storage._write, []
def deadly(path, content, private):
    if len(written) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    written.append(path)
    write(path, content, private)
result = ScreenResult.read(sys.argv[1])
storage._write = deadly
result.write(sys.argv[1])
"""


def test_a_run_that_is_killed_while_it_writes_leaves_the_earlier_result_whole(tmp_path: Path) -> None:
    result = make_screened().result
    result.write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.glob(f"{TEMPORARY_PREFIX}*-models")]
    assert {path: path.read_bytes() for path in before} == before
    assert ScreenResult.read(tmp_path).models is not None
    result.write(tmp_path)
    assert not list(tmp_path.glob(f"{TEMPORARY_PREFIX}*"))


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    result = make_screened().result
    result.write(tmp_path)
    left_over = tmp_path / f"{TEMPORARY_PREFIX}1234-models"
    os.renames(tmp_path / "models", left_over)  # killed between the two renames of a later run
    with pytest.raises(ResultError, match="missing"):
        ScreenResult.read(tmp_path)
    check_result_folder(tmp_path)
    assert not left_over.exists()
    result.write(tmp_path)
    assert ScreenResult.read(tmp_path).models is not None
