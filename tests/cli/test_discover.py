"""``phenojax discover``: what it writes, prints and refuses; and ``compare`` by sides that are named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from phenojax.cli import main

FIRST = ("HP:0001250", "HP:0000252", "HP:0001252", "HP:0000729")
SECOND = ("HP:0001519", "HP:0001083", "HP:0002616", "HP:0002650")
QUICK = ("--permutations", 49, "--resamples", 20)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty carriers of one gene, of two types, and three of another."""
    draw = random.Random(1)
    lines = ["id\tgene\thpo\tvariant_class\tprotein_position"]
    for k in range(20):
        terms = draw.sample(FIRST if k % 2 else SECOND, 3)
        kind = ("missense", "nonsense", "frameshift", "intronic")[k % 4]
        lines.append(f"P{k}\tSATB1\t{';'.join(terms)}\t{kind}\t{10 * k}")
    lines += [f"Q{k}\tPAH\tHP:0000365\tmissense\t5" for k in range(3)]
    path = tmp_path_factory.mktemp("cohort") / "cohort.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_subgroups_are_written_and_told(run: Run, cohort: Path, tmp_path: Path) -> None:
    out = tmp_path / "subgroups"
    code, told, err = run("discover", cohort, "--gene", "SATB1", "--out", out, *QUICK)
    assert (code, err) == (0, "")
    assert "SATB1: 2 subgroups among 20 individuals (hpo), p = 0.02" in told
    assert "Research use only" in told
    assert f"Tables: {out}" in told
    table = pq.read_table(out / "individuals.parquet").to_pylist()
    assert len({(row["subgroup"], int(row["id"][1:]) % 2) for row in table}) == 2
    header = (out / "individuals.tsv").read_text().splitlines()[0].split("\t")
    assert header == ["id", "group", "subgroup", "stability", "other_subgroup", "n_terms"]


def test_the_same_as_json_and_with_a_number_of_ones_own(run: Run, cohort: Path) -> None:
    code, told, _ = run("discover", cohort, "--gene", "SATB1", "--k", 3, "--json", *QUICK)
    answer = json.loads(told)
    assert (code, answer["k"], answer["out"]) == (0, 3, None)
    assert [row["subgroup"] for row in answer["subgroups"]] == [1, 2, 3]
    assert answer["min_p"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--gene", "FBN1"), "no individual carries FBN1"),
        (("--gene", "PAH"), "3 carriers of PAH have an observed term"),
        (("--gene", "SATB1", "--group", "site"), "no column 'site'"),
        (("--gene", "SATB1", "--k", "1"), "k must be a whole number of at least 2"),
        (("--gene", "SATB1", "--linkage", "single"), "linkage must be one of"),
        (("--gene", "SATB1", "--modality", "face"), "there are no embeddings"),
        ((), "Missing option '--gene'"),
    ],
)
def test_what_cannot_be_divided_is_one_line_and_nothing_is_written(
    run: Run, cohort: Path, tmp_path: Path, more: tuple[str, ...], complaint: str
) -> None:
    code, told, err = run("discover", cohort, "--out", tmp_path / "new", *more)
    assert (code, told) == (2, "")
    assert complaint in err
    assert not (tmp_path / "new").exists()


def test_foreign_files_are_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("dear reader")
    code, _, err = run("discover", "nowhere.tsv", "--gene", "SATB1", "--out", tmp_path)
    assert code == 2
    assert "holds files but no phenojax result" in err


def test_a_comparison_by_named_sides(run: Run, cohort: Path) -> None:
    sides = ("--positive", "nonsense", "--positive", "frameshift", "--negative", "missense")
    code, told, _ = run("compare", cohort, "--gene", "SATB1", "--by", "variant_class", *sides, "--json")
    (row,) = json.loads(told)["results"]
    assert (code, row["gene"]) == (0, "SATB1, variant_class: nonsense+frameshift vs missense")
    assert (row["n_cases"], row["n_controls"]) == (10, 5)
    code, told, _ = run(
        "compare", cohort, "--gene", "SATB1", "--by", "protein_position", "--positive", "0..90", "--json"
    )
    (row,) = json.loads(told)["results"]
    assert (row["n_cases"], row["n_controls"]) == (10, 10)
    code, _, err = run("compare", cohort, "--by", "variant_class", "--negative", "missense")
    assert code == 2
    assert "negative needs positive" in err
