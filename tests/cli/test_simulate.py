"""`phenojax simulate` writes a cohort that the other commands read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phenojax.cli import main
from phenojax.cohort import read_cohort


def test_a_simulated_cohort_is_read_back(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    out = tmp_path / "cohort.jsonl.gz"
    assert main(["simulate", "--out", str(out), "--genes", "6", "--null-genes", "2", "--seed", "5", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    cohort = read_cohort(out)
    assert answer["n_individuals"] == len(cohort)
    assert answer["n_genes"] == len({individual.gene for individual in cohort}) == 8


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    written = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / f"{name}.jsonl"
        assert main(["simulate", "--out", str(out), "--n-genes", "4", "--seed", str(seed), "--quiet"]) == 0
        written.append(out.read_bytes())
    assert written[0] == written[1] != written[2]


@pytest.mark.parametrize("more", [("--n-genes", "3", "--n-individuals", "9"), ("--papers", "0")])
def test_sizes_that_cannot_be_are_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str], more: tuple[str, ...]):
    assert main(["simulate", "--out", str(tmp_path / "c.tsv"), *more]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.startswith("phenojax: error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_cannot_be_written_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert main(["simulate", "--out", str(tmp_path / "c.docx"), "--n-genes", "2"]) == 2
    assert "c.docx" in capfd.readouterr().err


def test_photographs_are_warped_into_a_cohort_with_its_truth(tmp_path: Path):
    pytest.importorskip("flax", reason="the extra faces is not installed")
    image = pytest.importorskip("PIL.Image", reason="the extra faces is not installed")
    data = pytest.importorskip("skimage.data", reason="the astronaut comes with scikit-image")
    photographs, out = tmp_path / "photographs", tmp_path / "warped"
    photographs.mkdir()
    image.fromarray(data.astronaut()).save(photographs / "astronaut.png")
    sizes = ("--genes", "1", "--gene-size", "2", "--papers", "1")
    assert main(["simulate", "--faces", str(photographs), "--out", str(out), *sizes, "--quiet"]) == 0
    cohort = read_cohort(out / "cohort.jsonl")
    assert [individual.gene for individual in cohort] == ["FACE1", "FACE1"]
    assert all(individual.photo is not None and Path(individual.photo).is_file() for individual in cohort)
    assert (out / "truth.parquet").is_file()


@pytest.mark.parametrize("more", [("--n-individuals", "9"), ("--ontology", "hp.obo")])
def test_what_goes_with_terms_does_not_go_with_faces(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], more: tuple[str, ...]
):
    assert main(["simulate", "--faces", str(tmp_path), "--out", str(tmp_path / "out"), *more]) == 2
    assert more[0] in capfd.readouterr().err
