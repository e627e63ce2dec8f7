"""``phenojax screen`` and ``compare`` with ``--embeddings``: rows by modality, what is refused, and no extra needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from screen.make_cohort import make_cohort
from screen.make_faces import as_embeddings, make_vectors

from phenojax import write_cohort
from phenojax.cli import main
from phenojax.screen.results import ScreenResult

Run = Callable[..., tuple[int, str, str]]
WITHOUT_THE_EXTRA = """
import sys
for module in ("flax", "PIL", "optax", "orbax", "mtcnn", "face_recognition_models"):
    sys.modules[module] = None
from phenojax.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A cohort in which GFACE shares a face, and its embeddings in another order."""
    folder = tmp_path_factory.mktemp("faces")
    made = make_cohort({}, {"GFACE": 4, "GNULL": 4, "HNULL": 4})
    vectors = make_vectors(made, {"GFACE"}, missing=0.1)
    order = np.random.default_rng(1).permutation(len(made))
    write_cohort(made, folder / "cohort.jsonl")
    as_embeddings([made.ids[row] for row in order], vectors[order]).write(folder / "faces.parquet")
    return folder / "cohort.jsonl", folder / "faces.parquet"


def test_a_screen_with_embeddings_needs_no_extra_and_has_a_row_for_each_modality(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    cohort, embeddings = files
    options = ("--permutations", "99", "--json", "--quiet", "--out", str(tmp_path / "out"))
    command = [sys.executable, "-c", WITHOUT_THE_EXTRA, "screen", str(cohort), "--embeddings", str(embeddings)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    rows = {(row["gene"], row["modality"]): row for row in json.loads(done.stdout)["results"]}
    assert len(rows) == 9
    assert rows["GFACE", "face"]["p_value"] <= 0.05 < rows["GFACE", "hpo"]["p_value"]
    result = ScreenResult.read(tmp_path / "out")
    assert set(result.predictions["modality"].to_pylist()) == {"hpo", "face", "both"}
    assert result.run["faces"]["models"][0]["sha256"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Modality" in page
    assert "dlib-resnet" in page


def test_one_modality_may_be_asked_for(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    cohort, embeddings = files
    more = ("--embeddings", embeddings, "--modality", "both", "--gene", "GFACE", "--permutations", 19)
    code, told, err = run("screen", cohort, "--out", tmp_path / "out", *more, "--json")
    assert (code, err) == (0, "")
    assert [row["modality"] for row in json.loads(told)["results"]] == ["both"]


def test_the_summary_says_by_what_each_gene_was_tested(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    cohort, embeddings = files
    more = ("--embeddings", embeddings, "--gene", "GNULL", "--permutations", 19)
    _, told, _ = run("screen", cohort, "--out", tmp_path / "out", *more)
    assert "of 3 tests significant" in told
    lines = [line.split() for line in told.splitlines() if line.startswith("GNULL")]
    assert {line[1] for line in lines} == {"hpo", "face", "both"}


def test_compare_takes_embeddings(run: Run, files: tuple[Path, Path]) -> None:
    cohort, embeddings = files
    more = ("--by", "sex", "--embeddings", embeddings, "--permutations", 19, "--json")
    code, told, _ = run("compare", cohort, *more)
    assert code == 0
    assert [row["modality"] for row in json.loads(told)["results"]] == ["hpo", "face", "both"]


@pytest.mark.parametrize("command", ["screen", "compare"])
def test_what_cannot_be_read_or_belongs_to_others_is_one_line_and_writes_nothing(
    run: Run, files: tuple[Path, Path], tmp_path: Path, command: str
) -> None:
    cohort, _ = files
    (tmp_path / "text.parquet").write_text("no parquet")
    as_embeddings(["x", "y"], np.ones((2, 3), np.float32)).write(tmp_path / "others.parquet")
    by = ("--by", "sex") if command == "compare" else ()
    for more, words in (
        (("--embeddings", tmp_path / "absent.parquet"), "no such file"),
        (("--embeddings", tmp_path / "text.parquet"), "cannot be read as parquet"),
        (("--embeddings", tmp_path / "others.parquet"), "none of their 2 ids, such as 'x'"),
        (("--modality", "face"), "run phenojax embed"),
        (("--modality", "both"), "--embeddings FILE"),
    ):
        code, told, err = run(command, cohort, *by, "--out", tmp_path / "out", *more)
        assert (code, told) == (2, "")
        assert err.startswith("phenojax: error: ")
        assert err.count("\n") == 1
        assert words in err
        assert not (tmp_path / "out").exists()
