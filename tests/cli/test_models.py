"""`phenojax models`: what a screen kept, and what may be given away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from models.make_models import make_screened

from phenojax import write_cohort
from phenojax.cli import main
from phenojax.cli.output import printable
from phenojax.models import read_models, write_models

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_screened().result.write(tmp_path_factory.mktemp("result") / "r")


def test_info_says_what_they_are_and_that_they_are_personal(run: Run, result: Path) -> None:
    code, out, err = run("models", "info", result)
    assert (code, err) == (0, "")
    assert "holds individuals  True" in out
    assert "does not diagnose" in out
    assert out.count("AAA  ") == 3
    code, out, _ = run("models", "info", result / "models", "--json")
    told = json.loads(out)
    assert told["models"] == len(told["table"]) == 12
    assert told["ontology"] == make_screened().models.ontology_version
    assert {row["modality"] for row in told["table"]} == {"hpo", "face", "both"}


def test_an_export_says_what_it_cost(run: Run, result: Path, tmp_path: Path) -> None:
    code, out, err = run("models", "export", result, tmp_path / "out")
    assert (code, err) == (0, "")
    assert "mean AUC of training individuals, each scored without its own group, is" in out
    assert not read_models(tmp_path / "out").holds_individuals
    code, out, _ = run("models", "export", result, tmp_path / "out", "--min-individuals", 6, "--json")
    assert code == 0
    told = json.loads(out)
    assert all(0 <= row["auc_export"] <= 1 for row in told["table"])
    assert "terms of fewer than 6" in told["notes"][0]
    assert "exported" in run("models", "info", tmp_path / "out")[1]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--min-individuals", 1), "min_individuals must be a whole number of at least 2, not 1"),
        (("--min-individuals", 500), "nothing can be exported"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    run: Run, result: Path, tmp_path: Path, more: tuple[object, ...], complaint: str
) -> None:
    code, out, err = run("models", "export", result, tmp_path / "out", *more)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_export_never_takes_the_place_of_the_models_of_a_screen(run: Run, tmp_path: Path) -> None:
    folder = make_screened().result.write(tmp_path / "r")
    copy = shutil.copytree(folder / "models", tmp_path / "copy")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for target in (folder / "models", copy, folder / "elsewhere", folder / "." / "models"):
        code, out, err = run("models", "export", folder, target)
        assert (code, out) == (2, "")
        assert "give a new folder outside any result" in err
    assert run("models", "export", copy, copy)[0] == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_models_that_are_not_there_or_damaged_are_exit_code_2(run: Run, tmp_path: Path) -> None:
    assert run("models", "info", tmp_path)[0] == 2
    folder = make_screened().result.write(tmp_path / "r")
    path = folder / "models" / "genes" / "AAA.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    code, out, err = run("models", "export", folder, tmp_path / "out")
    assert (code, out) == (2, "")
    assert "AAA.safetensors: has changed" in err
    assert not (tmp_path / "out").exists()


def test_what_a_terminal_would_obey_is_shown_and_not_sent(run: Run, tmp_path: Path) -> None:
    models = make_screened().models
    evil = "E\x1b[2J\x9bVIL\u202e\r"
    named = {(evil, kind): replace(model, gene=evil) for (gene, kind), model in models.models.items() if gene == "AAA"}
    write_models(replace(models, models=named, notes=(f"a note of {evil}",)), tmp_path / "models")
    code, told, err = run("models", "info", tmp_path / "models")
    assert (code, err) == (0, "")
    assert "E\ufffd[2J\ufffdVIL\ufffd\ufffd  hpo" in told
    assert "a note of E\ufffd[2J" in told
    assert printable(told.replace("\n", "")) == told.replace("\n", "")


def test_a_screen_without_models_removes_those_of_an_earlier_one(run: Run, tmp_path: Path) -> None:
    write_cohort(make_screened().cohort, tmp_path / "cohort.jsonl")
    screen = ("screen", tmp_path / "cohort.jsonl", "--out", tmp_path / "r", "--permutations", 9, "--gene", "AAA")
    assert run(*screen, "--quiet")[0] == 0
    assert read_models(tmp_path / "r").genes == ("AAA",)
    assert run(*screen, "--quiet", "--no-models")[0] == 0
    assert not (tmp_path / "r" / "models").exists()
    code, _, err = run("models", "info", tmp_path / "r")
    assert code == 2
    assert "written without models" in err
