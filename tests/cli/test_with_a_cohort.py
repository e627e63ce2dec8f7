"""The commands on a small cohort: what they write, print, and refuse."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from phenojax import SimulationConfig, load_ontology, simulate, write_cohort
from phenojax.cli import main
from phenojax.screen.results import ScreenResult

PROGRAM = (sys.executable, "-m", "phenojax.cli")
TERMS = {
    "SATB1": ("HP:0001250", "HP:0001263", "HP:0001252", "HP:0000316"),
    "FBN1": ("HP:0001519", "HP:0001083", "HP:0002616", "HP:0002650"),
    "PAH": ("HP:0000365", "HP:0000518", "HP:0004322", "HP:0000175"),
    "RARE": ("HP:0001629", "HP:0000028"),
}
TABLES = ("results.parquet", "explanations.parquet", "predictions.parquet", "gene_similarity.parquet")
FILES = {"results.tsv", *TABLES, "run.json", "report.html", "models"}

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
    """Three genes of 9 individuals in 3 publications, and one gene of 2."""
    draw = random.Random(4)
    everything = sorted({term for terms in TERMS.values() for term in terms})
    lines = ["id\tgene\thpo\tgroup\tlabel"]
    for gene, terms in TERMS.items():
        for k in range(2 if gene == "RARE" else 9):
            observed = {*draw.sample(terms, 2), *draw.sample(everything, 1)}
            lines.append(
                f"{gene}-{k}\t{gene}\t{';'.join(sorted(observed))}\tPMID:{gene}{k % 3}\t{'a' if k % 2 else 'b'}"
            )
    path = tmp_path_factory.mktemp("cohort") / "cohort.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def screen(cohort: Path, out: Path, *more: object) -> tuple[object, ...]:
    return ("screen", cohort, "--out", out, "--permutations", 50, *more)


def test_screen_writes_everything_and_says_where_the_report_is(run: Run, cohort: Path, tmp_path: Path):
    out = tmp_path / "results"
    code, told, err = run(*screen(cohort, out))
    assert (code, err) == (0, "")
    assert {path.name for path in out.iterdir()} == FILES
    assert f"Report: {out / 'report.html'}" in told
    assert "Research use only" in told
    assert told.count("models/ holds the individuals' terms and embeddings (personal data)") == 1
    assert "phenojax models export" in told
    result = ScreenResult.read(out)
    statuses = dict(zip(*(result.table[name].to_pylist() for name in ("gene", "status")), strict=True))
    assert statuses.keys() == TERMS.keys()
    assert statuses["RARE"] == "too_few_cases"
    assert all(gene in told for gene in TERMS)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert all(gene in page for gene in TERMS)
    assert result.run["config"]["permutations"] == 50


def test_the_same_seed_gives_the_same_tables(run: Run, cohort: Path, tmp_path: Path):
    for name in ("one", "two"):
        assert run(*screen(cohort, tmp_path / name, "--seed", 3, "--quiet", "--threads", 1)) == (0, "", "")
    for file in (*TABLES, "results.tsv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_json_has_every_row_and_replaces_the_table(run: Run, cohort: Path, tmp_path: Path):
    code, told, _ = run(*screen(cohort, tmp_path / "out", "--json", "--gene", "SATB1"))
    assert code == 0
    answer = json.loads(told)
    assert [row["gene"] for row in answer["results"]] == ["SATB1"]
    assert answer["report"] == str(tmp_path / "out" / "report.html")
    assert answer["n_genes"] == 1


def test_a_gene_of_one_publication_is_not_counted_among_the_tests(run: Run, cohort: Path, tmp_path: Path):
    changed = tmp_path / "changed.tsv"
    changed.write_text(cohort.read_text().replace("PMID:PAH1", "PMID:PAH0").replace("PMID:PAH2", "PMID:PAH0"))
    code, told, _ = run(*screen(changed, tmp_path / "out"))
    assert code == 0
    assert "of 2 tests significant (q <= 0.05); 4 rows in all" in told
    assert "1 single_group: all cases or controls from one group" in told
    genes = [line.split()[0] for line in told.splitlines() if line.split()[:1] and line.split()[0] in TERMS]
    assert genes[2:] == ["PAH", "RARE"], "after those with a q, before those without a p"
    code, told, _ = run(*screen(changed, tmp_path / "out", "--json"))
    rows = {row["gene"]: row for row in json.loads(told)["results"]}
    assert rows["PAH"]["status"] == "single_group"
    assert rows["PAH"]["p_value"] is not None
    assert rows["PAH"]["q_value"] is None


def test_a_classifier_and_a_test_that_stops_early_may_be_asked_for(run: Run, cohort: Path, tmp_path: Path):
    more = ("--classifier", "prototype", "--sequential", "--group", "none", "--permutations", 400, "--quiet")
    assert run(*screen(cohort, tmp_path / "out", *more))[0] == 0
    result = ScreenResult.read(tmp_path / "out")
    assert result.run["config"]["sequential"] is True
    assert result.run["classifier"]["name"] == "prototype"
    assert set(result.table["p_method"].to_pylist()) <= {"draws", "stopped", None}


def test_an_own_result_is_replaced(run: Run, cohort: Path, tmp_path: Path):
    assert run(*screen(cohort, tmp_path / "out", "--quiet"))[0] == 0
    assert run(*screen(cohort, tmp_path / "out", "--quiet", "--gene", "PAH"))[0] == 0
    assert ScreenResult.read(tmp_path / "out").table["gene"].to_pylist() == ["PAH"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--gene", "NOSUCH"), "NOSUCH"),
        (("--group", "site"), "no column 'site'"),
        (("--modality", "face"), "face"),
        (("--modality", "both"), "both"),
        (("--modality", "smell"), "smell"),
        (("--min-cases", "0"), "min_cases"),
        (("--classifier", "similarity"), "classifier must be one of ensemble, kernel, prototype, phenoscore"),
        (("--covariates", "terms,site"), "no covariate 'site'; there are terms, sex, age"),
        (("--stratify", "site"), "no covariate 'site'"),
        (("--controls", "some"), "controls must be one of matched, all"),
        (("--control-draws", "0"), "control_draws"),
        (("--permutations", "0"), "permutations"),
        (("--threads", "0"), "threads"),
        (("--ic", "nonsense"), "nonsense"),
        (("--exclude-terms", "HP:12"), "HP:12"),
    ],
)
def test_what_a_user_got_wrong_is_one_line_and_writes_nothing(
    run: Run, cohort: Path, tmp_path: Path, more: tuple[str, ...], words: str
):
    code, told, err = run(*screen(cohort, tmp_path / "out", *more))
    assert (code, told) == (2, "")
    assert err.startswith("phenojax: error: ")
    assert err.count("\n") == 1
    assert words in err
    assert not (tmp_path / "out").exists()


def test_an_unknown_term_is_a_warning_or_an_error(run: Run, cohort: Path, tmp_path: Path):
    changed = tmp_path / "changed.tsv"
    changed.write_text(cohort.read_text().replace("HP:0000028", "HP:9999999", 1))
    code, _, err = run(*screen(changed, tmp_path / "out"))
    assert code == 0
    assert err.startswith("phenojax: WARNING: ")
    assert "HP:9999999" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    code, _, err = run(*screen(changed, tmp_path / "other", "--on-unknown", "error"))
    assert code == 2
    assert "HP:9999999" in err
    assert not (tmp_path / "other").exists()


def test_a_malformed_row_is_named(run: Run, cohort: Path, tmp_path: Path):
    changed = tmp_path / "changed.tsv"
    changed.write_text(cohort.read_text().replace("HP:0001250", "HP:125O", 1))
    code, _, err = run(*screen(changed, tmp_path / "out"))
    assert code == 2
    assert "HP:125O" in err
    assert not (tmp_path / "out").exists()


def test_groups_may_be_left_aside(run: Run, cohort: Path, tmp_path: Path):
    assert run(*screen(cohort, tmp_path / "out", "--group", "none", "--quiet"))[0] == 0
    assert ScreenResult.read(tmp_path / "out").run["config"]["group"] is None


def test_who_is_a_control_is_chosen_by_the_user(run: Run, cohort: Path, tmp_path: Path):
    more = ("--covariates", "none", "--stratify", "sex", "--controls", "all", "--control-draws", 2, "--quiet")
    assert run(*screen(cohort, tmp_path / "out", "--gene", "PAH", *more)) == (0, "", "")
    result = ScreenResult.read(tmp_path / "out")
    assert result.table["n_controls"].to_pylist() == [20]
    config = result.run["config"]
    assert (config["covariates"], config["stratify"]) == ([], ["sex"])
    assert (config["controls"], config["control_draws"]) == ("all", 2)


def test_a_comparison_names_the_column_that_predicts_its_label(run: Run, cohort: Path, tmp_path: Path):
    lines = cohort.read_text().splitlines()
    site = ["site", *("NL" if line.endswith("\ta") else "UK" for line in lines[1:])]
    table = tmp_path / "sites.tsv"
    table.write_text("\n".join(f"{line}\t{value}" for line, value in zip(lines, site, strict=True)) + "\n")
    code, told, err = run("compare", table, "--permutations", 50, "--covariates", "site", "--group", "none", "--json")
    assert code == 0
    assert "the label is predicted by site (NL) alone (AUC 1.00)" in json.loads(told)["results"][0]["note"]
    assert err.count("something other than the phenotype predicts the label") == 1


def test_the_phenoscore_filter_reaches_the_screen(run: Run, cohort: Path, tmp_path: Path):
    assert run(*screen(cohort, tmp_path / "out", "--term-filter", "phenoscore", "--quiet"))[0] == 0
    assert "HP:0000708" in ScreenResult.read(tmp_path / "out").run["config"]["exclude_terms"]


def test_compare_answers_with_and_without_a_folder(run: Run, cohort: Path, tmp_path: Path):
    code, told, _ = run("compare", cohort, "--by", "label", "--permutations", 20, "--json")
    assert code == 0
    assert json.loads(told)["out"] is None
    assert len(json.loads(told)["results"]) == 1
    code, told, _ = run(
        "compare", cohort, "--gene", "PAH", "--min-cases", 3, "--permutations", 20, "--out", tmp_path / "out"
    )
    assert code == 0
    assert "PAH" in told
    assert "Do these two groups differ" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_compare_refuses_a_column_that_is_not_there(run: Run, cohort: Path, tmp_path: Path):
    for more in (("--by", "nonsense"), ("--positive", "c"), ("--gene", "NOSUCH"), ("--by", "gene")):
        code, _, err = run("compare", cohort, *more, "--out", tmp_path / "out")
        assert code == 2
        assert err.startswith("phenojax: error: ")
        assert not (tmp_path / "out").exists()


def test_similarity_is_the_same_in_every_format(run: Run, cohort: Path, tmp_path: Path):
    for suffix in ("npy", "tsv", "parquet"):
        assert run("similarity", cohort, "--out", tmp_path / f"s.{suffix}", "--quiet") == (0, "", "")
    matrix = np.load(tmp_path / "s.npy")
    assert matrix.shape == (29, 29)
    assert matrix.dtype == np.float32
    table = pq.read_table(tmp_path / "s.parquet")
    assert table["id"].to_pylist() == table.column_names[1:]
    np.testing.assert_array_equal(np.stack([table[i].to_numpy() for i in range(1, 30)], axis=1), matrix)
    lines = [line.split("\t") for line in (tmp_path / "s.tsv").read_text().splitlines()]
    assert lines[0] == table.column_names
    np.testing.assert_allclose([[float(cell) for cell in line[1:]] for line in lines[1:]], matrix, rtol=1e-5)


def test_similarity_of_two_cohorts_is_a_rectangle(run: Run, cohort: Path, tmp_path: Path):
    part = tmp_path / "part.tsv"
    part.write_text("".join(cohort.read_text().splitlines(keepends=True)[:6]))
    code, told, _ = run("similarity", part, cohort, "--out", tmp_path / "s.npy", "--json")
    assert code == 0
    assert json.loads(told)["rows"] == 5
    assert np.load(tmp_path / "s.npy").shape == (5, 29)


def test_similarity_counts_diseases_genes_the_graph_or_the_cohort_itself(run: Run, cohort: Path, tmp_path: Path):
    diagonal = {}
    for ic in ("omim", "gene", "sanchez", "hpo3_omim", "cohort"):
        assert run("similarity", cohort, "--out", tmp_path / f"{ic}.npy", "--quiet", "--ic", ic) == (0, "", "")
        diagonal[ic] = np.load(tmp_path / f"{ic}.npy").diagonal()
    np.testing.assert_array_equal(diagonal["omim"], diagonal["hpo3_omim"])  # these terms are all annotated
    assert len({values.tobytes() for values in diagonal.values()}) == 4
    assert diagonal["cohort"].max() <= np.log(29) < diagonal["omim"].max()
    code, _, err = run("similarity", cohort, "--out", tmp_path / "s.npy", "--ic", "OMIM")
    assert code == 2
    assert err.startswith("phenojax: error: ic must be one of omim, orpha, ")


def test_similarity_refuses_what_it_cannot_write(run: Run, cohort: Path, tmp_path: Path):
    for out in (tmp_path / "s.xlsx", tmp_path / "nowhere" / "s.npy"):
        code, _, err = run("similarity", cohort, "--out", out)
        assert code == 2
        assert err.startswith("phenojax: error: --out ")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def _ctrl_c_is_heard() -> Iterator[None]:
    """A background job is started with Ctrl-C ignored, and its children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_is_heard")
def test_ctrl_c_leaves_nothing(tmp_path: Path):
    # many genes, so that it comes between two of them and long before the end
    many = simulate(load_ontology(), SimulationConfig(n_genes=300, min_size=6, max_size=20), seed=1)
    write_cohort(many, tmp_path / "many.jsonl")
    command = [*PROGRAM, *map(str, screen(tmp_path / "many.jsonl", tmp_path / "out", "--permutations", 20_000))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        told, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith("phenojax: interrupted; no file is left half-written\n")
    assert told == ""
    assert not (tmp_path / "out").exists()


def test_a_terminal_gets_a_bar_and_quiet_gets_none(cohort: Path, tmp_path: Path):
    def terminal(*more: str) -> bytes:
        ours, theirs = pty.openpty()
        command = [*PROGRAM, *map(str, screen(cohort, tmp_path / "out", *more))]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    chunk = os.read(ours, 65536)
                except OSError:  # how Linux tells that the other end was closed
                    break
                if not chunk:
                    break
                seen += chunk
            assert process.wait() == 0
        os.close(ours)
        return seen

    assert b"left" in terminal()
    assert terminal("--quiet") == b""
