"""``phenojax nearest --embeddings``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from face.embedding.make_embeddings import embeddings_of

from phenojax.cli import main
from phenojax.face.photographs.failure import FailureReason

Run = Callable[..., tuple[int, str, str]]

PEOPLE = """id\tgene\thpo\tgroup
a0\tG\t\t1
a1\tG\t\t1
a2\tH\t\t2
a3\t\t\t2
zz\tK\t\t3
"""


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    cohort, faces = tmp_path / "cohort.tsv", tmp_path / "faces.parquet"
    cohort.write_text(PEOPLE)
    embeddings_of({3: FailureReason.NO_FACE}).write(faces)
    return cohort, faces


def test_neighbours_are_printed_and_who_has_none_with_the_reason(run: Run, files: tuple[Path, Path]) -> None:
    cohort, faces = files
    code, told, err = run("nearest", cohort, "--embeddings", faces)
    assert (code, err) == (0, "")
    lines = [line.split() for line in told.splitlines()]
    assert lines[0] == ["id", "neighbour", "gene", "rank", "distance"]
    assert lines[1][:4] == ["a0", "a2", "H", "1"]
    assert [line[0] for line in lines[1:4]] == ["a0", "a1", "a2"]
    assert lines[4][-2] == "2"  # the second neighbour of a2, whose id is not repeated
    assert [line[0] for line in lines[5:7]] == ["a3", "zz"]
    assert "no face was found" in told
    assert "the embeddings have no such id" in told
    assert "distance: euclidean; a small one is alike" in told
    assert "1 without a neighbour: no face was found" in told


def test_by_gene_to_a_file_and_as_json(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    cohort, faces = files
    asked = ("nearest", cohort, "--embeddings", faces, "--by", "gene", "--group", "none", "-k", 2)
    code, told, _ = run(*asked, "--out", tmp_path / "n.tsv")
    assert code == 0
    assert told.startswith("5 neighbours of 5 individuals")
    with (tmp_path / "n.tsv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert list(rows[0]) == ["id", "gene", "neighbour", "rank", "distance", "status"]
    assert [row["id"] for row in rows] == ["a0", "a0", "a1", "a1", "a2", "a3", "zz"]
    assert [row["status"] for row in rows][-2:] == ["no_face", "not_embedded"]
    code, told, _ = run(*asked, "--out", tmp_path / "n.parquet", "--json")
    facts = json.loads(told)
    assert facts["status"] == {"no_face": 1, "not_embedded": 1, "ok": 3}
    assert facts["model"] == "dlib-resnet"
    assert pq.read_table(tmp_path / "n.parquet")["gene"].to_pylist() == [row["gene"] or None for row in rows]
    code, told, _ = run(*asked, "--json")
    assert [row["gene"] for row in json.loads(told)["neighbours"]] == [row["gene"] or None for row in rows]


def test_one_publication_is_alone_and_told_how_to_be_compared(run: Run, files: tuple[Path, Path]) -> None:
    cohort, faces = files
    cohort.write_text("id\thpo\tgroup\na0\t\t1\na1\t\t1\n")
    _, told, _ = run("nearest", cohort, "--embeddings", faces)
    assert "2 without a neighbour: nobody to compare with (all others share their group; --group none)" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--embeddings", "FACES", "--measure", "lin", "--threads", "2"],
            "--measure, --threads say how terms are comp",
        ),
        (["--by", "gene"], "--by and --group go with --embeddings alone"),
        (["--other-embeddings", "FACES"], "--other-embeddings goes with --embeddings"),
        (["--embeddings", "FACES", "--by", "disease"], "by must be one of individual, gene"),
        (["--embeddings", "COHORT"], "cannot be read as parquet"),
        (["--embeddings", "nowhere.parquet"], "nowhere.parquet: no such file; phenojax embed writes one"),
        (["--embeddings", "FACES", "-k", "0"], "k must be a whole number of at least 1, not 0"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, files: tuple[Path, Path], arguments: list[str], message: str) -> None:
    named = {"COHORT": files[0], "FACES": files[1]}
    code, told, err = run("nearest", files[0], *(named.get(argument, argument) for argument in arguments))
    assert (code, told) == (2, "")
    assert message in err
    assert err.count("\n") == 1
