"""``phenojax nearest``, and the choices that ``similarity`` and ``rank`` share with it."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import phenojax
from phenojax.cli import main
from phenojax.cli import nearest as command
from phenojax.cli.progress import Progress
from phenojax.cohort import read_cohort
from phenojax.ontology import load_ontology
from phenojax.similarity import Combine, IcSource, Measure, Normalize, SetMeasure, nearest, similarity

Run = Callable[..., tuple[int, str, str]]

PEOPLE = """id\thpo\thpo_excluded
P1\tHP:0001166;HP:0001083;HP:0002616\tHP:0001250
P2\tHP:0001250;HP:0001263\t
P3\tHP:0001166;HP:0002616\t
P4\t\t
P5\tHP:0011097\tHP:0001166
P6\tHP:0001166;HP:0002616\t
"""


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "cohort.tsv"
    path.write_text(PEOPLE)
    return path


def test_the_nearest_are_printed(run: Run, cohort: Path) -> None:
    code, told, err = run("nearest", cohort, "--k", 2)
    assert (code, err) == (0, "")
    lines = [line.split() for line in told.splitlines()]
    assert lines[0] == ["id", "neighbour", "rank", "score"]
    assert [line[:2] for line in lines[1:3]] == [["P1", "P3"], ["P6", "2"]]  # equals in the order of the file
    assert "P4  nothing in common with anybody" in told
    assert "--out" not in told  # everything was shown


def test_long_answers_are_cut_and_say_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.tsv"
    path.write_text("id\thpo\n" + "".join(f"P{i}\tHP:0001250\n" for i in range(12)))
    told = run("nearest", path)[1]
    assert "The first 5 neighbours of 10 of 12 individuals; --out FILE.tsv or --json has every one" in told
    assert told.count("\n") == 1 + 10 * 5 + 1
    assert run("nearest", path, "--quiet")[1] in told


def expected(path: Path, k: int, **settings: object) -> list[tuple[str, str, int, float]]:
    people = read_cohort(path)
    rows, scores = nearest(people, k=k, **settings)  # type: ignore[call-overload, arg-type]
    return [
        (people.ids[i], people.ids[row], place + 1, score)
        for i in range(len(people))
        for place, (row, score) in enumerate(zip(rows[i].tolist(), scores[i].tolist(), strict=True))
        if score > 0
    ]


def test_files_hold_what_nearest_gives(run: Run, cohort: Path, tmp_path: Path) -> None:
    code, told, _ = run("nearest", cohort, "-k", 3, "--out", tmp_path / "n.parquet")
    assert (code, told) == (0, f"15 neighbours of 6 individuals: {tmp_path / 'n.parquet'}\n")
    table = pq.read_table(tmp_path / "n.parquet")
    assert table.schema.types == [pa.string(), pa.string(), pa.int32(), pa.float32()]
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert [row for row in rows if row[0] == "P4"] == [("P4", None, None, None)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert [row for row in rows if row[0] != "P4"] == expected(cohort, 3)
    assert run("nearest", cohort, "-k", 3, "--out", tmp_path / "n.tsv", "--quiet") == (0, "", "")
    with (tmp_path / "n.tsv").open(encoding="utf-8", newline="") as stream:
        text = list(csv.DictReader(stream, delimiter="\t"))
    assert [(row["id"], row["neighbour"] or None) for row in text] == [row[:2] for row in rows]
    assert [float(row["score"] or "nan") for row in text] == pytest.approx(
        [np.nan if row[3] is None else row[3] for row in rows], rel=1e-5, nan_ok=True
    )


def test_another_cohort_is_searched(run: Run, cohort: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tsv"
    other.write_text("id\thpo\nQ1\tHP:0001250\nQ2\tHP:0001166\n")
    answer = json.loads(run("nearest", cohort, other, "--k", 1, "--json")[1])
    assert (answer["n_individuals"], answer["n_searched"], answer["n_neighbours"]) == (6, 2, 5)
    assert [hit["neighbour"] for hit in answer["neighbours"]] == ["Q2", "Q1", "Q2", None, "Q1", "Q2"]
    answer = json.loads(run("nearest", cohort, other, "--json", "--out", tmp_path / "n.tsv")[1])
    assert answer["out"] == str(tmp_path / "n.tsv")
    assert "neighbours" not in answer


def test_options_reach_the_search(run: Run, cohort: Path) -> None:
    def found(*more: object) -> list[tuple[str, str, int, float]]:
        hits = json.loads(run("nearest", cohort, "--json", "--k", 5, *more)[1])["neighbours"]
        return [tuple(hit.values()) for hit in hits if hit["neighbour"] is not None]  # type: ignore[misc]

    plain = found()
    assert found("--threads", 1) == plain
    for options, settings in (
        (("--measure", "lin"), {"measure": "lin"}),
        (("--combine", "hausdorff"), {"combine": "hausdorff"}),
        (("--ic", "gene"), {"ic": "gene"}),
        (("--ic", "cohort"), {"ic": read_cohort(cohort)}),
        (("--excluded-penalty", 0.5), {"excluded_penalty": 0.5}),
        (("--exclude-terms", "HP:0001166"), {"exclude_terms": ["HP:0001166"]}),
    ):
        assert found(*options) == expected(cohort, 5, **settings) != plain, options


@pytest.fixture
def _ctrl_c_is_heard() -> Iterator[None]:
    """A background job is started with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_is_heard")
def test_interruption_ends_it_cleanly(run: Run, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def pressing_ctrl_c(*, quiet: bool) -> Iterator[Progress]:
        assert not quiet
        yield lambda _done, _total, _label: os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(command, "progress_bar", pressing_ctrl_c)
    assert run("nearest", cohort, "--out", tmp_path / "n.tsv") == (
        130,
        "",
        "phenojax: interrupted; no file is left half-written\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["cohort.tsv"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--k", 0), "k must be a positive integer, not 0"),
        (("--measure", "nonsense"), "measure must be one of"),
        (("--measure", "simgic"), "use similarity for it"),
        (("--combine", "nonsense"), "combine must be one of"),
        (("--ic", "nonsense"), "ic must be one of"),
        (("--excluded-penalty", 2), "excluded_penalty must be from 0 to 1"),
        (("--threads", 0), "threads must be"),
        (("--out", "n.npy"), ".tsv or .parquet"),
        (("--out", "nowhere/n.tsv"), "does not exist"),
        (("nowhere.tsv",), "nowhere.tsv"),
    ],
)
def test_what_a_user_got_wrong_is_one_line(run: Run, cohort: Path, more: tuple[object, ...], words: str) -> None:
    code, told, err = run("nearest", cohort, *more)
    assert (code, told) == (2, "")
    assert err.startswith("phenojax: error: ")
    assert err.count("\n") == 1
    assert words in err


@pytest.mark.parametrize("name", ["similarity", "nearest", "rank"])
def test_help_names_every_choice(run: Run, name: str) -> None:
    words = run(name, "--help")[1].replace(",", " ").replace(";", " ").replace("|", " ").split()
    choices = {*Measure, *Combine, *(source for source in IcSource), "cohort"}
    choices |= set() if name == "nearest" else {*SetMeasure, *Normalize}
    assert choices - {word.strip(".:│") for word in words} == set()


def test_similarity_takes_every_choice(run: Run, cohort: Path, tmp_path: Path) -> None:
    people, onto = read_cohort(cohort), load_ontology()
    for options, settings in (
        *((("--measure", name), {"measure": name}) for name in ("hrss", "simgic", "jc")),
        *((("--combine", name), {"combine": name}) for name in ("max", "mean")),
        (("--normalize", "cosine"), {"normalize": "cosine"}),
        (("--normalize", "z", "--seed", 3), {"normalize": "z", "seed": 3}),
        (("--excluded-penalty", 0.5), {"excluded_penalty": 0.5}),
    ):
        code, _, err = run("similarity", cohort, "--out", tmp_path / "s.npy", "--quiet", *options)
        assert (code, err) == (0, "")
        np.testing.assert_array_equal(np.load(tmp_path / "s.npy"), similarity(people, ontology=onto, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("similarity", "--normalize", "z", "--excluded-penalty", 0.5), "takes no excluded_penalty"),
        (("similarity", "--normalize", "depth"), "normalize must be None or one of"),
        (("similarity", "--measure", "simgic", "--combine", "max"), "combine has no meaning"),
        (("rank", "--target-weights", "frequency"), "target_weights has no effect on a_to_b"),
        (("rank", "--target-weights", "onset", "--combine", "bma"), "target_weights must be None or"),
        (("rank", "--excluded-penalty", 2), "excluded_penalty must be from 0 to 1"),
    ],
)
def test_choices_that_do_not_go_together_are_one_line(
    run: Run, cohort: Path, tmp_path: Path, arguments: tuple[object, ...], words: str
) -> None:
    code, told, err = run(arguments[0], cohort, "--out", tmp_path / "o.tsv", *arguments[1:])
    assert (code, told) == (2, "")
    assert err.count("phenojax: error: ") == 1
    assert words in err
    assert not (tmp_path / "o.tsv").exists()


def test_rank_takes_weights_penalties_and_measures(run: Run, cohort: Path) -> None:
    few = ("rank", cohort, "--targets", "OMIM:154700,OMIM:121050", "--no-p-values", "--json", "--combine", "bma")

    def scores(*more: object) -> list[float]:
        return [hit["score"] for hit in json.loads(run(*few, *more)[1])["hits"] if hit["target"] is not None]

    plain = scores()
    assert scores("--target-weights", "none") == plain
    for more in (
        ("--target-weights", "frequency"),
        ("--measure", "hrss"),
        ("--ic", "cohort"),
        ("--combine", "mean"),
        ("--excluded-penalty", 1.0),
    ):
        assert scores(*more) != plain, more


CARRIERS = """id\thpo\tgene\tgroup
P1\tHP:0001166;HP:0001083;HP:0002616\tFBN1\tA
P2\tHP:0001250;HP:0001263\t\tB
P3\tHP:0001166;HP:0002616\tFBN1\tA
P4\t\tTGFBR2\tC
P5\tHP:0001166;HP:0001519\tTGFBR2\tD
"""


@pytest.fixture
def carriers(tmp_path: Path) -> Path:
    path = tmp_path / "carriers.tsv"
    path.write_text(CARRIERS)
    return path


def test_matchmaking_gives_the_genes_of_the_nearest(run: Run, carriers: Path, tmp_path: Path) -> None:
    options = ("--method", "matchmaking", "--exclude-same", "group", "--k", 2)
    out = tmp_path / "matches.tsv"
    code, told, err = run("nearest", carriers, *options, "--out", out)
    assert (code, err) == (0, "")
    with out.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert list(rows[0]) == ["id", "neighbour", "gene", "rank", "score"]
    best = {row["id"]: (row["neighbour"], row["gene"]) for row in rows if row["rank"] in ("1", "")}
    assert best["P1"] == ("P5", "TGFBR2")  # P3 is of its own publication
    assert best["P5"][1] == "FBN1"
    assert best["P4"] == ("", "")
    people = read_cohort(carriers)
    expected_rows, scores = phenojax.nearest(people, k=2, method="matchmaking", exclude_same="group")
    first = [row for row in rows if row["id"] == "P1"]
    assert [row["neighbour"] for row in first] == [people.ids[r] for r in expected_rows[0]]
    assert [float(row["score"]) for row in first] == pytest.approx(scores[0].tolist(), rel=1e-5)
    told = run("nearest", carriers, *options)[1]
    assert "nothing in common with anybody" in told
    assert "Research use only: a neighbour is no diagnosis" in told
    answer = json.loads(run("nearest", carriers, *options, "--json")[1])
    assert answer["method"] == "matchmaking"
    assert [n["gene"] for n in answer["neighbours"]] == [row["gene"] or None for row in rows]


def test_who_shares_a_column_is_left_out_of_similarity_too(run: Run, carriers: Path) -> None:
    answer = json.loads(run("nearest", carriers, "--exclude-same", "group", "--exclude-same", "gene", "--json")[1])
    pairs = {(n["id"], n["neighbour"]) for n in answer["neighbours"]}
    assert ("P1", "P3") not in pairs
    assert ("P1", "P5") in pairs


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--method", "best"], "method must be one of similarity, matchmaking, not 'best'"),
        (["--method", "matchmaking", "--measure", "lin"], "measure has no meaning"),
        (["--exclude-same", "site"], "no column 'site'"),
        (["--method", "matchmaking", "--embeddings", "nowhere.parquet"], "nowhere.parquet: no such file"),
        (["--method", "matchmaking", "--by", "gene"], "--by and --group go with --embeddings alone"),
    ],
)
def test_what_cannot_be_matched_is_refused(
    run: Run, carriers: Path, tmp_path: Path, arguments: list, says: str
) -> None:
    out = tmp_path / "nothing.tsv"
    code, told, err = run("nearest", carriers, *arguments, "--out", out)
    assert (code, told) == (2, "")
    assert says in err
    assert not out.exists()


@pytest.mark.parametrize("more", [(), ("--method", "matchmaking"), ("--exclude-same", "id")])
def test_a_file_in_which_nobody_has_a_term_is_refused(
    run: Run, cohort: Path, more: tuple[str, ...], tmp_path: Path
) -> None:
    empty = tmp_path / "empty.tsv"
    empty.write_text("id\thpo\nP1\t\nP2\t\n")
    for files, name in (((empty,), "cohort"), ((empty, cohort), "cohort"), ((cohort, empty), "other")):
        code, told, err = run("nearest", *files, *more)
        assert (code, told) == (2, "")
        assert f"{name}: none of 2 individuals has a term to compare" in err
