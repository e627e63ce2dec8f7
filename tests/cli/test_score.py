"""``phenojax score``: what it prints, writes and refuses."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from models.made_models import screened

from phenojax import Cohort, Individual, write_cohort
from phenojax.cli import main
from phenojax.models import write_models
from phenojax.models.scoring import SCORES_SCHEMA

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["score", *map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return screened().result.write(tmp_path_factory.mktemp("score") / "result")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "new.jsonl"
    write_cohort(screened().new, path)
    return path


def test_the_best_genes_are_printed_with_interval_percentiles_and_terms(run: Run, result: Path, cohort: Path) -> None:
    code, told, err = run(result, cohort, "--explain", "--top", 2)
    assert code == 0, err
    lines = [line.split() for line in told.splitlines()]
    assert lines[0] == ["id", "gene", "by", "probability", "interval", "of", "cases", "of", "controls", "carried", "by"]
    assert lines[1][:3] == ["ZPLANT-5-0", "ZPLANT", "hpo"] or lines[1][0].startswith("ZPLANT")
    assert "Seizure" in told
    assert "cases and controls are equally frequent" in told
    assert told.rstrip().endswith("Research use only; it does not diagnose.")
    assert run(result, cohort, "--explain", "--top", 2, "--quiet")[1] in told


def test_files_hold_every_row_and_the_terms_lie_beside(run: Run, result: Path, cohort: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.parquet"
    code, told, _ = run(result / "models", cohort, "--out", out, "--explain")
    assert code == 0
    assert "abstained" in told
    table = pq.read_table(out)
    assert table.schema.equals(SCORES_SCHEMA)
    models = screened().result.models
    assert models is not None
    assert table.num_rows == len(screened().new) * len(models.models)
    terms = pq.read_table(tmp_path / "s.explanations.parquet").to_pandas()
    assert set(terms.gene) == {"ZPLANT"}
    assert run(result, cohort, "--out", tmp_path / "s.tsv", "--quiet")[:2] == (0, "")
    lines = (tmp_path / "s.tsv").read_text().splitlines()
    assert lines[0].split("\t") == SCORES_SCHEMA.names
    assert len(lines) == table.num_rows + 1
    assert not (tmp_path / "s.explanations.tsv").exists()


@pytest.mark.parametrize("kind", ["tsv", "parquet"])
def test_scores_and_terms_are_written_together_and_terms_of_earlier_scores_go(
    run: Run, result: Path, cohort: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, terms = tmp_path / f"s.{kind}", tmp_path / f"s.explanations.{kind}"
    terms.mkdir()
    code, _, err = run(result, cohort, "--out", out, "--explain")
    assert code == 2
    assert f"{terms}: is a folder" in err
    terms.rmdir()
    with monkeypatch.context() as patched:
        patched.setattr("phenojax.cli.output._write_tsv", full_at(".explanations."))
        patched.setattr(pq, "write_table", full_at(".explanations."))
        assert run(result, cohort, "--out", out, "--explain")[0] == 2
    assert not list(tmp_path.glob("*s.*"))
    assert run(result, cohort, "--out", out, "--explain", "--quiet")[0] == 0
    assert terms.is_file()
    assert run(result, cohort, "--out", out, "--quiet")[0] == 0
    assert not terms.exists()
    terms.write_text("id\tgene\tmine\n")
    assert run(result, cohort, "--out", out, "--quiet")[0] == 0
    assert terms.read_text() == "id\tgene\tmine\n"


def full_at(name: str) -> Callable[..., None]:
    """A writer whose disk is full when it comes to a file of this name; others it leaves empty."""

    def write(_: object, path: Path, *__: object) -> None:
        path.touch()
        if name in path.name:
            raise OSError(errno.ENOSPC, "no space left", str(path))

    return write


def test_json_holds_rows_counts_and_the_notice(run: Run, result: Path, cohort: Path) -> None:
    code, told, _ = run(result, cohort, "--gene", "ZPLANT", "--gene", "GFEW", "--json")
    assert code == 0
    said = json.loads(told)
    assert said["n_probabilities"] + said["n_abstained"] == len(said["scores"])
    assert said["reasons"]["too_few_cases"] > 0
    assert said["prior"] == "cases and controls equally frequent"
    assert "does not diagnose" in said["notice"]


def test_bad_input_is_one_line_exit_code_2_and_nothing_written(
    run: Run, result: Path, cohort: Path, tmp_path: Path
) -> None:
    models = screened().result.models
    assert models is not None
    broken, other, empty = tmp_path / "broken", tmp_path / "other", tmp_path / "empty.jsonl"
    write_models(models, broken)
    next((broken / "genes").iterdir()).unlink()
    write_models(replace(models, ontology_version="2000-01-01"), other)
    write_cohort(Cohort((Individual("a"), Individual("b"))), empty)
    mixed = screened().result.write(tmp_path / "mixed")
    pq.write_table(screened().result.table.slice(1), mixed / "results.parquet")
    out = tmp_path / "out.tsv"
    for arguments, told in (
        ((broken, cohort), "is missing"),
        ((other, cohort), "HPO release 2000-01-01"),
        ((mixed, cohort), "two runs are mixed"),
        ((tmp_path / "nowhere", cohort), "no such folder"),
        ((result, empty), "none of the 2 individuals has an observed term or a face"),
        ((result, cohort, "--gene", "NOSUCH"), "no model of NOSUCH"),
        ((result, cohort, "--max-q", "7"), "max_q"),
    ):
        code, printed, err = run(*arguments, "--out", out)
        assert (code, printed) == (2, "")
        assert len(err.splitlines()) == 1
        assert told in err
    assert run(result, cohort, "--out", tmp_path / "out.csv")[0] == 2
    (tmp_path / "d.tsv").mkdir()
    assert f"{tmp_path / 'd.tsv'}: is a folder" in run(result, cohort, "--out", tmp_path / "d.tsv")[2]
    assert not list(tmp_path.glob("out*"))
