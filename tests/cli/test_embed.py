"""``phenojax embed``: photographs in, a table for its owner out, and a line for each kind of failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

if find_spec("face_recognition_models") is None:
    pytest.skip("the extra faces is not installed", allow_module_level=True)
pytest.importorskip("PIL", reason="the extra faces is not installed")

from PIL import Image

import phenojax as pj
from phenojax.cli import embed as command
from phenojax.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments)])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def chips(tmp_path: Path) -> Path:
    """Two aligned faces (of noise), one picture that is no square, and one file that is no picture."""
    folder = tmp_path / "chips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, shape in (("a", (150, 150, 3)), ("b", (150, 150, 3)), ("c", (150, 100, 3))):
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / f"{name}.png")
    (folder / "d.jpg").write_bytes(b"a text")
    return folder


def test_a_folder_becomes_a_table_and_a_record_and_the_failures_are_told(run: Run, chips: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    code, told, err = run("embed", chips, "--out", out, "--aligned", "--batch-size", 2)
    assert (code, err) == (0, "")
    assert "not_an_image" in told
    assert "the file is no picture of a known format, whatever its name says" in told
    assert f"2 of 4 photographs embedded by dlib-resnet: {out}" in told
    found = pj.read_embeddings(out)
    assert found.ids == ("a", "b", "c", "d")
    np.testing.assert_array_equal(found.vectors, pj.embed_faces(chips, aligned=True, batch_size=2).vectors)
    record = json.loads((tmp_path / "e.run.json").read_text())
    assert record["n_embedded"] == 2
    assert record["n_failed"] == {"not_square": 1, "not_an_image": 1}
    assert record["models"][0]["files"][0]["sha256"] == found.card.files[0].sha256


def test_a_cohort_has_a_row_for_each_individual(run: Run, chips: Path, tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.tsv"
    cohort.write_text("id\thpo\tphoto\nB\tHP:0000001\tchips/b.png\nnobody\tHP:0000001\t\n")
    code, told, _ = run("embed", cohort, "--out", tmp_path / "e.parquet", "--aligned", "--batch-size", 2, "--json")
    assert code == 0
    answer = json.loads(told)
    assert answer["n_failed"] == {"no_photograph": 1}
    assert answer["failures"] == [
        {
            "id": "nobody",
            "reason": "no_photograph",
            "sentence": "the cohort names no photograph for this individual",
        }
    ]
    assert pj.read_embeddings(answer["out"]).ids == ("B", "nobody")


def test_quiet_says_nothing(run: Run, chips: Path, tmp_path: Path) -> None:
    arguments = ("embed", chips, "--out", tmp_path / "e.parquet", "--aligned", "--batch-size", 2, "--quiet")
    assert run(*arguments) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "e.tsv"), "--out e.tsv: cannot write this"),
        (("--out", "e.parquet", "--face", "best"), "face must be one of largest, central, only; not 'best'"),
        (("--out", "e.parquet", "--detector", "eyes"), "detector 'eyes' is not known"),
        (("--out", "e.parquet", "--model", "oracle"), "model 'oracle' is not known"),
        (("--out", "e.parquet", "--landmarks", "l.tsv"), "landmarks l.tsv: cannot be read"),
        (("--out", "e.parquet", "--max-side", "9000"), "max_side must be a whole number from 16 to 2,048, not 9000"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], sentence: str, run: Run, chips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, err = run("embed", chips, *arguments)
    assert (code, told) == (2, "")
    assert err.startswith("phenojax: error: ")
    assert err.count("\n") == 1
    assert sentence in err
    assert [path.name for path in tmp_path.iterdir()] == ["chips"]


def test_the_bar_counts_photographs_of_this_run_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 5.0])
    monkeypatch.setattr("phenojax.cli.embed.time.perf_counter", lambda: next(clock))
    said: list[tuple[int, int, str]] = []
    advance = command._with_rate(lambda *arguments: said.append(arguments))
    advance(100, 200)
    advance(120, 200)
    assert said == [(100, 200, "photographs"), (120, 200, "photographs, 4.0/s")]
