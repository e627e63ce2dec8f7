"""``phenojax rank``: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from phenojax.cli import main
from phenojax.similarity import LIKELIHOOD_SCHEMA, RANK_SCHEMA

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["rank", *map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.tsv"
    path.write_text("id\thpo\nP1\tHP:0001166;HP:0001083;HP:0002616\nP2\tHP:0001250\nP3\t\n")
    return path


FEW = ("--targets", "OMIM:154700,OMIM:121050,FBN1,SATB1", "--n-null", 20)


def test_the_best_are_printed_with_names_and_matches(run: Run, cohort: Path) -> None:
    code, told, err = run(cohort, *FEW)
    assert code == 0
    assert "1 of 3 individuals have no term to rank by, such as P3" in err
    lines = [line.split() for line in told.splitlines()]
    assert lines[0][:3] == ["id", "target", "label"]
    assert lines[1][:2] == ["P1", "FBN1"]
    assert "Marfan syndrome" in told
    assert "Ectopia lentis" in told
    assert "Research use only; it does not diagnose." in told
    assert run(cohort, *FEW, "--quiet")[1] in told


def test_files_hold_every_hit(run: Run, cohort: Path, tmp_path: Path) -> None:
    code, told, _ = run(cohort, *FEW, "--out", tmp_path / "r.parquet")
    assert code == 0
    assert f"8 hits of 3 individuals: {tmp_path / 'r.parquet'}" in told
    table = pq.read_table(tmp_path / "r.parquet")
    assert table.schema.equals(RANK_SCHEMA)
    assert run(cohort, *FEW, "--out", tmp_path / "r.tsv", "--quiet")[:2] == (0, "")
    with (tmp_path / "r.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert [list(row) for row in rows[:1]] == [RANK_SCHEMA.names]
    for text, row in zip(rows, table.to_pylist(), strict=True):
        assert (text["id"], text["target"] or None) == (row["id"], row["target"])
        if row["target"] is not None:
            assert float(text["score"]) == row["score"]
            assert float(text["rank"]) == row["rank"]
            assert len(text["matched_terms"].split(";") if text["matched_terms"] else []) == len(row["matched_terms"])
    assert rows[0]["matched_terms"].startswith("HP:0002616~HP:0002616@HP:0002616:5.4")


def test_json_replaces_the_table(run: Run, cohort: Path, tmp_path: Path) -> None:
    answer = json.loads(run(cohort, *FEW, "--json", "--k", 1)[1])
    assert [hit["id"] for hit in answer["hits"]] == ["P1", "P2", "P3"]
    assert answer["hits"][0]["matched_terms"][0].keys() == {"query", "target", "mica", "ic"}
    assert answer["notice"] == "research use only; does not diagnose"
    answer = json.loads(run(cohort, *FEW, "--json", "--out", tmp_path / "r.tsv")[1])
    assert answer["out"] == str(tmp_path / "r.tsv")
    assert "hits" not in answer


def test_options_reach_the_ranking(run: Run, cohort: Path) -> None:
    def first(*more: object) -> dict[str, object]:
        hit: dict[str, object] = json.loads(run(cohort, *FEW, "--json", "--k", 1, *more)[1])["hits"][0]
        return hit

    plain = first()
    assert first("--no-p-values")["p_value"] is None
    assert first("--normalize", "z")["score"] != plain["score"]
    assert first("--ic", "gene")["score"] != plain["score"]
    assert first("--combine", "bma")["score"] < plain["score"]  # type: ignore[operator]
    assert len(first("--exclude-terms", "HP:0000478")["matched_terms"]) == 2  # type: ignore[arg-type]
    assert json.loads(run(cohort, "--targets", "genes", "--no-p-values", "--json")[1])["n_hits"] == 100


LIKELY = ("--targets", "OMIM:154700,OMIM:121050", "--n-null", 20, "--method", "likelihood")


def test_likelihood_says_what_each_term_added(run: Run, cohort: Path, tmp_path: Path) -> None:
    code, told, _ = run(cohort, *LIKELY)
    assert code == 0
    assert "Marfan syndrome" in told
    assert "Ectopia lentis" in told
    hit = json.loads(run(cohort, *LIKELY, "--json")[1])["hits"][0]
    assert hit["matched_terms"][0].keys() == {"query", "met", "frequency", "contribution"}
    run(cohort, *LIKELY, "--out", tmp_path / "r.tsv")
    with (tmp_path / "r.tsv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream, delimiter="\t"))
    assert list(first) == LIKELIHOOD_SCHEMA.names
    assert float(first["score"]) == hit["score"]
    assert len(first["matched_terms"].split(";")) == len(hit["matched_terms"])
    assert run(cohort, *LIKELY, "--use-excluded")[0] == 0


def test_pheval_gets_a_file_for_each_individual(run: Run, cohort: Path, tmp_path: Path) -> None:
    assert run(cohort, *LIKELY, "--pheval", tmp_path / "runs")[0] == 0
    folder = tmp_path / "runs" / "pheval_disease_results"
    assert sorted(path.name for path in folder.iterdir()) == [f"P{n}-disease_result.parquet" for n in (1, 2, 3)]
    assert pq.read_table(folder / "P1-disease_result.parquet")["rank"].to_pylist() == [1, 2]
    told = run(cohort, *LIKELY, "--pheval", tmp_path / "said")[1]
    assert f"PhEval's results, a file for each individual: {tmp_path / 'said' / 'pheval_disease_results'}" in told
    answer = json.loads(run(cohort, *LIKELY, "--json", "--pheval", tmp_path / "json")[1])
    assert answer["pheval"] == str(tmp_path / "json" / "pheval_disease_results")
    both = ("--out", tmp_path / "r.tsv", "--pheval", tmp_path / "more")
    code, _, err = run(cohort, *FEW, *both)  # diseases and genes together
    assert code == 2
    assert "of diseases or of genes, not of both together" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.tsv", "json", "runs", "said"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--targets", "nonsense"), "targets must be one of"),
        (("--targets", "OMIM:1"), "OMIM:1"),
        (("--k", "0"), "k must be"),
        (("--n-null", "0"), "n_null must be"),
        (("--normalize", "depth"), "normalize must be"),
        (("--ic", "nonsense"), "nonsense"),
        (("--out", "ranks.xlsx"), ".tsv or .parquet"),
        (("--out", "nowhere/ranks.tsv"), "does not exist"),
        (("--pheval", "nowhere/runs"), "does not exist"),
        (("--method", "guess"), "method must be"),
        (("--method", "likelihood", "--combine", "bma"), "combine belongs to"),
        (("--method", "likelihood", "--threads", "0"), "threads must be a positive integer"),
        (("--method", "likelihood", "--exclude-terms", "HP:0000118"), "none of 3 individuals has a term"),
        (("--exclude-terms", "HP:0000118"), "none of 3 individuals has a term"),
    ],
)
def test_what_a_user_got_wrong_is_one_line(run: Run, cohort: Path, more: tuple[str, ...], words: str) -> None:
    code, told, err = run(cohort, *more)
    assert (code, told) == (2, "")
    assert err.startswith("phenojax: error: ")
    assert err.count("\n") == 1
    assert words in err


@pytest.mark.parametrize("method", ["similarity", "likelihood"])
def test_a_file_in_which_nobody_has_a_term_is_refused(run: Run, method: str, tmp_path: Path) -> None:
    path = tmp_path / "cohort.tsv"
    path.write_text("id\thpo\nP1\t\nP2\t\n")
    code, told, err = run(path, "--method", method, "--out", tmp_path / "r.tsv", "--pheval", tmp_path / "runs")
    assert (code, told) == (2, "")
    assert "cohort: none of 2 individuals has a term to compare" in err
    assert [path.name for path in tmp_path.iterdir()] == ["cohort.tsv"]


def test_an_id_that_is_too_long_for_pheval_is_refused_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cohort.tsv"
    path.write_text(f"id\thpo\n{'A' * 300}\tHP:0001166\n")
    code, told, err = run(path, *LIKELY, "--out", tmp_path / "r.tsv", "--pheval", tmp_path / "runs")
    assert (code, told) == (2, "")
    assert err.startswith("phenojax: error: the individual 'AAAA")
    assert [path.name for path in tmp_path.iterdir()] == ["cohort.tsv"]
