"""Every command answers --help, says what is wrong in one line, and leaves nothing half-written."""

from __future__ import annotations

import itertools
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from report.make_result import make_face_map, make_result

from phenojax.cli import main, options
from phenojax.cli.output import draw_report_again, write_folder
from phenojax.errors import PhenojaxError
from phenojax.explain.face.storage import write_face_maps
from phenojax.screen import result_folder
from phenojax.screen.results import ScreenResult

COMMANDS = (
    "screen", "compare", "score", "discover", "similarity", "nearest", "rank", "embed", "explain", "simulate", "report",
    "doctor", "ontology", "models",
)  # fmt: skip
PROGRAM = (sys.executable, "-m", "phenojax.cli")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_result(30).write(tmp_path / "result")


def complaint(outcome: tuple[int, str, str]) -> str:
    """The one line of an error that the user can mend."""
    code, out, err = outcome
    assert code == 2
    assert out == ""
    assert err.startswith("phenojax: error: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    "command",
    [
        (),
        *((name,) for name in COMMANDS),
        *(("ontology", name) for name in ("info", "search", "build")),
        ("models", "info"),
        ("models", "export"),
    ],
)
def test_every_command_has_help(run: Run, command: tuple[str, ...]):
    code, out, err = run(*command, "--help")
    assert (code, err) == (0, "")
    assert "Usage: phenojax" in out
    assert "Traceback" not in out


@pytest.mark.parametrize("command", [*((name,) for name in COMMANDS[:-2]), ("models", "export"), ("weights", "train")])
def test_the_words_of_a_help_fill_its_lines(run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]):
    monkeypatch.setenv("COLUMNS", "80")
    told = [line.rstrip() for line in run(*command, "--help")[1].splitlines()]
    _, *about = "\n".join(told[: next(k for k, line in enumerate(told) if line[:1] == "╭")]).strip().split("\n\n")
    assert about
    for paragraph in about:
        lines = paragraph.split("\n")
        assert all(len(line) + len(f" {after.split()[0]}") > 78 for line, after in itertools.pairwise(lines))


def test_the_root_help_lists_every_command(run: Run):
    listed = run("--help")[1]
    assert all(name in listed for name in COMMANDS)
    assert "does not diagnose" in " ".join(listed.split())


def test_version(run: Run):
    assert run("--version")[:2] == (0, "phenojax 0.1.0\n")


def test_help_loads_neither_jax_nor_numpy():
    heavy = "bool({'jax', 'numpy', 'pyarrow'} & {*sys.modules})"
    code = f"import sys; from phenojax.cli import main; main(['screen', '--help']); sys.exit({heavy})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("screen",),
        ("screen", "c.tsv"),
        ("report", "a", "--nonsense"),
        ("ontology", "search"),
        ("screen", "c.tsv", "--out", "x", "--permutations", "many"),
        ("screen", "c.tsv", "--out", "x", "--on-unknown", "shrug"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "Usage: phenojax" in err
    assert "Traceback" not in err


def test_report_draws_the_page_again(run: Run, folder: Path, tmp_path: Path):
    assert run("report", folder) == (0, f"Report: {folder / 'report.html'}\n", "")
    assert run("report", folder, "--quiet") == (0, "", "")
    code, out, _ = run("report", folder, "--out", tmp_path / "other.html", "--json")
    assert code == 0
    assert json.loads(out) == {
        "report": str(tmp_path / "other.html"),
        "bytes": (tmp_path / "other.html").stat().st_size,
    }
    assert (tmp_path / "other.html").read_bytes() == (folder / "report.html").read_bytes()


def test_report_names_what_is_missing(run: Run, folder: Path, tmp_path: Path):
    assert "no such folder" in complaint(run("report", tmp_path / "nowhere"))
    (folder / "predictions.parquet").unlink()
    assert "predictions.parquet" in complaint(run("report", folder))
    assert not (folder / "report.html").exists()


def test_report_says_that_it_cannot_write(run: Run, folder: Path, tmp_path: Path):
    told = complaint(run("report", folder, "--out", tmp_path / "nowhere" / "report.html"))
    assert f"the folder {tmp_path / 'nowhere'} does not exist" in told
    assert ".writing-" not in told
    (tmp_path / "d.html").mkdir()
    assert "d.html: is a folder" in complaint(run("report", folder, "--out", tmp_path / "d.html"))


def test_screen_refuses_a_folder_with_foreign_files_before_it_reads_anything(run: Run, tmp_path: Path):
    (tmp_path / "thesis.docx").write_text("dear reader")
    assert "no phenojax result" in complaint(run("screen", "nowhere.tsv", "--out", tmp_path))
    assert "no phenojax result" in complaint(run("compare", "nowhere.tsv", "--out", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_an_unreadable_cohort_writes_nothing(run: Run, tmp_path: Path):
    for command in (("screen",), ("compare",)):
        assert "nowhere.tsv" in complaint(run(*command, tmp_path / "nowhere.tsv", "--out", tmp_path / "out"))
    assert "nowhere.tsv" in complaint(run("similarity", tmp_path / "nowhere.tsv", "--out", tmp_path / "s.npy"))
    assert list(tmp_path.iterdir()) == []


def test_references_are_ids_or_a_file_of_ids(run: Run, tmp_path: Path):
    outcome = run("screen", "c.tsv", "--out", tmp_path / "out", "--without-references", "nonsense")
    assert "neither a file nor ids" in complaint(outcome)
    listed = tmp_path / "pmids.txt"
    listed.write_text("PMID:1\n# a remark\n\nPMID:2  # another\n")
    assert options.listed_references([str(listed), "PMID:3,PMID:4"]) == ("PMID:1", "PMID:2", "PMID:3", "PMID:4")


def test_ontology_info_names_release_licence_and_citation(run: Run):
    code, out, _ = run("ontology", "info")
    assert code == 0
    assert "2025-01-16" in out
    facts = json.loads(run("ontology", "info", "--json")[1])
    assert facts["version"] == "2025-01-16"
    assert facts["phenotypic_abnormalities"] == 18_387
    assert "Human Phenotype Ontology" in facts["licence"]
    assert "Nucleic Acids Research" in facts["citation"]


def test_ontology_search_finds_labels_and_synonyms(run: Run):
    assert run("ontology", "search", "seizure", "--limit", "1")[1] == "HP:0001250  Seizure\n"
    assert "HP:0001250" in [hit["term_id"] for hit in json.loads(run("ontology", "search", "epilepsy", "--json")[1])]
    code, out, err = run("ontology", "search", "qqqqqqq")
    assert (code, out) == (0, "")
    assert "no term matches" in err


def test_ontology_build_makes_a_pack_that_reads_the_same(run: Run, tmp_path: Path, shared_data: Callable[[str], Path]):
    pack = tmp_path / "own.pack"
    source = shared_data("hpo/hp.2025-01-16.obo.gz")
    assert run("ontology", "build", source, "--out", pack, "--quiet") == (0, "", "")
    facts = json.loads(run("ontology", "info", "--ontology", pack, "--json")[1])
    assert (facts["version"], facts["terms"]) == ("2025-01-16", 19_034)


def test_an_ontology_that_is_not_there_is_named(run: Run, tmp_path: Path):
    assert "nowhere.obo" in complaint(run("ontology", "info", "--ontology", tmp_path / "nowhere.obo"))
    assert "nowhere.obo" in complaint(run("ontology", "build", tmp_path / "nowhere.obo", "--out", tmp_path / "a.pack"))
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_typed_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch, folder: Path):
    def burst(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ScreenResult, "read", burst)
    with pytest.raises(ZeroDivisionError):
        main(["report", str(folder)])


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (PhenojaxError("a\nb"), 2)])
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, run: Run, folder: Path, error: BaseException, code: int):
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(ScreenResult, "read", stop)
    found, out, err = run("report", folder)
    assert (found, out) == (code, "")
    interrupted = "phenojax: interrupted; no file is left half-written\n"
    assert err == (interrupted if code == 130 else "phenojax: error: a b\n")


def test_a_closed_pipe_is_no_traceback():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*PROGRAM, "ontology", "info"], stdout=writer, stderr=subprocess.PIPE, check=False, text=True
        )
    finally:
        os.close(writer)
    assert "Traceback" not in done.stderr


def test_main_leaves_logging_as_it_was(run: Run):
    before = list(logging.getLogger("phenojax").handlers)
    run("--version")
    assert logging.getLogger("phenojax").handlers == before


def test_the_old_report_stays_where_the_new_tables_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch):
    report = write_folder(ScreenResult.read(folder), folder)
    before = report.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(result_folder, "write_tsv", fail)
        with pytest.raises(OSError, match="disk full"):
            write_folder(make_result(5), folder)
    assert report.read_bytes() == before
    assert ScreenResult.read(folder).table.num_rows == 30
    write_folder(make_result(5), folder)
    assert report.read_bytes() != before


def test_a_report_is_drawn_again_only_where_there_is_one(folder: Path):
    assert draw_report_again(folder) is None
    assert not (folder / "report.html").exists()
    (folder / "report.html").write_text("of the run before")
    assert draw_report_again(folder) == folder / "report.html"
    assert "Research use only" in (folder / "report.html").read_text(encoding="utf-8")


def test_report_draws_the_face_maps_that_lie_beside_the_tables(run: Run, folder: Path):
    tested = make_result(30)
    gene = next(
        row["gene"] for row in tested.table.to_pylist() if row["q_value"] is not None and row["q_value"] <= 0.05
    )
    write_face_maps(folder, [make_face_map(np.random.default_rng(0), gene)], {})
    assert run("report", folder, "--quiet") == (0, "", "")
    assert (folder / "report.html").read_text(encoding="utf-8").count('<svg class="face"') == 1
