"""A result is written whole, read back as it was, and never taken for what it is not."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from report.make_result import make_empty_result, make_result

from phenojax._files import TEMPORARY_PREFIX
from phenojax.errors import ResultError
from phenojax.screen import result_folder
from phenojax.screen.results import ScreenResult, check_result_folder

TABLES = {"results.parquet", "explanations.parquet", "predictions.parquet", "gene_similarity.parquet"}
FILES = {"results.tsv", "run.json", *TABLES}


@pytest.fixture(scope="module")
def result() -> ScreenResult:
    return make_result(40)


@pytest.mark.parametrize("made", [make_result(12), make_empty_result()], ids=["some", "none"])
def test_what_is_written_is_read_back(made: ScreenResult, tmp_path: Path):
    made.write(tmp_path / "a" / "b")
    read = ScreenResult.read(tmp_path / "a" / "b")
    assert read.table.equals(made.table)
    assert read.explanations.equals(made.explanations)
    assert read.predictions.equals(made.predictions)
    assert read.gene_similarity.equals(made.gene_similarity)
    assert read.run == made.run
    assert {p.name for p in (tmp_path / "a" / "b").iterdir()} == FILES


def test_the_tsv_says_what_the_table_says(result: ScreenResult, tmp_path: Path):
    result.write(tmp_path)
    with (tmp_path / "results.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert list(rows[0]) == result.table.column_names
    for row, expected in zip(rows, result.table.to_pylist(), strict=True):
        assert row["gene"] == expected["gene"]
        assert row["note"] == expected["note"]
        assert (row["auc"] == "") == (expected["auc"] is None)
        if expected["auc"] is not None:
            assert float(row["auc"]) == pytest.approx(expected["auc"], rel=1e-5)


def test_numbers_that_json_lacks_become_null(result: ScreenResult, tmp_path: Path):
    run = {"a": float("nan"), "b": np.float32(1.5), "c": (1, float("inf")), "d": Path("x"), "e": True}
    ScreenResult(result.table, result.explanations, result.predictions, run).write(tmp_path)
    assert ScreenResult.read(tmp_path).run == {"a": None, "b": 1.5, "c": [1, None], "d": "x", "e": True}


def test_an_own_result_is_overwritten_and_foreign_files_are_not(result: ScreenResult, tmp_path: Path):
    own, foreign, file = tmp_path / "own", tmp_path / "foreign", tmp_path / "file"
    make_result(5).write(own)
    (own / "report.html").write_text("x")
    result.write(own)
    assert ScreenResult.read(own).table.equals(result.table)
    foreign.mkdir()
    (foreign / "thesis.docx").write_text("dear reader")
    with pytest.raises(ResultError, match="holds files but no phenojax result"):
        result.write(foreign)
    assert [p.name for p in foreign.iterdir()] == ["thesis.docx"]
    (foreign / "run.json").write_text('{"format": "something else"}')
    with pytest.raises(ResultError, match="no phenojax result"):
        check_result_folder(foreign)
    file.write_text("x")
    with pytest.raises(ResultError, match="is a file"):
        result.write(file)


@pytest.mark.parametrize("stop", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
def test_a_write_that_stops_leaves_nothing(
    result: ScreenResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
):
    old = make_result(5)
    old.write(tmp_path / "old")

    def fail(*_: object) -> None:
        raise stop

    monkeypatch.setattr(result_folder, "write_tsv", fail)
    for folder in ("old", "new"):
        with pytest.raises(type(stop)):
            result.write(tmp_path / folder)
    assert not (tmp_path / "new").exists()
    assert {p.name for p in (tmp_path / "old").iterdir()} == FILES
    assert ScreenResult.read(tmp_path / "old").table.equals(old.table)


KILLED = """
import os, sys
from pathlib import Path
from report.make_result import make_result
rename, left = Path.replace, [int(sys.argv[2])]
def killed_at(path, target):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), 9)
    return rename(path, target)
Path.replace = killed_at
make_result(5).write(sys.argv[1])
"""


@pytest.mark.parametrize("renames", [0, 1, 5])
def test_a_run_that_was_killed_while_files_took_their_names_does_not_block_the_next(
    result: ScreenResult, tmp_path: Path, renames: int
):
    folder = tmp_path / "new"
    places = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    killed = subprocess.run([sys.executable, "-c", KILLED, folder, str(renames)], env=environment, check=False)
    assert killed.returncode == -9
    placed = {path.name for path in folder.iterdir() if not path.name.startswith(TEMPORARY_PREFIX)}
    assert len(placed) == renames
    assert "run.json" not in placed
    # checked before the work and again when it is written, as the commands do
    check_result_folder(folder)
    (folder / "thesis.docx").write_text("dear reader")
    with pytest.raises(ResultError, match="holds files but no phenojax result"):
        check_result_folder(folder)
    (folder / "thesis.docx").unlink()
    result.write(folder)
    assert ScreenResult.read(folder).table.equals(result.table)
    assert {path.name for path in folder.iterdir()} == FILES


def test_a_table_of_somebody_else_with_one_of_our_names_is_not_overwritten(result: ScreenResult, tmp_path: Path):
    (tmp_path / "results.tsv").write_text("mine")
    with pytest.raises(ResultError, match="holds files but no phenojax result"):
        result.write(tmp_path)
    assert (tmp_path / "results.tsv").read_text() == "mine"


@pytest.mark.parametrize("name", sorted(FILES - {"results.tsv"}))
def test_a_missing_file_is_named(result: ScreenResult, tmp_path: Path, name: str):
    result.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ResultError, match=name):
        ScreenResult.read(tmp_path)


def test_a_mixture_of_two_runs_is_refused(result: ScreenResult, tmp_path: Path):
    result.write(tmp_path / "a")
    make_result(5).write(tmp_path / "b")
    (tmp_path / "b" / "results.parquet").replace(tmp_path / "a" / "results.parquet")
    with pytest.raises(ResultError, match=r"results\.parquet.*two runs"):
        ScreenResult.read(tmp_path / "a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not readable as JSON"),
        ("[]", "not the run.json"),
        ('{"format": "other"}', "not the run.json"),
        ('{"format": "phenojax-subgroups"}', r"phenojax discover.*subgroups\.tsv.*give the folder of a screen"),
        ('{"format": "phenojax-screen", "format_version": 99}', r"format 99.*reads 3"),
        ('{"format": "phenojax-screen", "format_version": 1}', r"format 1.*reads 3; run the screen again"),
        ('{"format": "phenojax-screen", "format_version": 3}', "does not list the files"),
    ],
)
def test_a_run_json_that_is_not_ours_is_refused(result: ScreenResult, tmp_path: Path, text: str, message: str):
    result.write(tmp_path)
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ResultError, match=message):
        ScreenResult.read(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ResultError, match="no such folder"):
        ScreenResult.read(tmp_path / "nowhere")


def test_a_table_with_wrong_columns_is_refused(result: ScreenResult):
    names = ["AUC" if name == "auc" else name for name in result.table.column_names]
    table = result.table.rename_columns(names)
    with pytest.raises(ResultError, match=r"ScreenResult\.table.*missing auc:double.*not expected AUC:double"):
        ScreenResult(table, result.explanations, result.predictions, {})


def test_run_json_is_written_last(result: ScreenResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    named: list[str] = []
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, target: (named.append(Path(target).name), rename(self, target)))
    result.write(tmp_path)
    assert set(named) == FILES
    assert named[-1] == "run.json"
    assert json.loads((tmp_path / "run.json").read_text())["files"].keys() == FILES - {"results.tsv", "run.json"}
    assert pq.read_metadata(tmp_path / "results.parquet").num_rows == 40
