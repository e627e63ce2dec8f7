"""Reads what `make demo` wrote as a user would, and fails unless it is all there and says what it must."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import phenojax as pj
from phenojax.models import read_models

PROGRAM = (sys.executable, "-P", "-m", "phenojax.cli")


def main(folder: Path) -> None:
    """Check one demo folder."""
    cohort = pj.read_cohort(folder / "cohort.jsonl.gz")
    result = pj.ScreenResult.read(folder / "results")
    genes = {individual.gene for individual in cohort if individual.gene}
    rows = result.table.to_pylist()
    tested = [row for row in rows if row["auc"] is not None]
    report = (folder / "results" / "report.html").read_text(encoding="utf-8")
    run = json.loads((folder / "results" / "run.json").read_text(encoding="utf-8"))

    assert {row["gene"] for row in rows} == genes, "a gene of the cohort has no row"
    assert tested, "no gene was tested"
    assert all(0 <= row["auc"] <= 1 and row["min_p"] <= row["p_value"] <= 1 for row in tested), (
        "a number is out of range"
    )
    assert any(row["q_value"] is not None and row["q_value"] < 0.05 for row in tested), (
        "no simulated gene was recognised"
    )
    assert run["ontology"]["version"], "run.json does not name the HPO release"
    assert run["ontology"]["version"] in report, "the report does not name the HPO release"
    assert "esearch use only" in report, "the report does not say what it is for"
    assert not re.search("<script[^>]* src=|<link ", report), "the report needs another file"
    largest = max(tested, key=lambda row: row["n_cases"])["gene"]
    check_models(folder, cohort, len(tested))
    check_gene(result, folder, largest)
    sys.stdout.write(
        f"demo: {len(cohort)} individuals, {len(genes)} genes, {len(tested)} tested, report.html is whole\n"
    )


def check_models(folder: Path, cohort: pj.Cohort, n_models: int) -> None:
    """Score the cohort by its own models, and give the models away without anybody in them."""
    with tempfile.TemporaryDirectory() as place:
        out, shared = Path(place) / "scores.tsv", Path(place) / "shared"
        scored = ["score", folder / "results", folder / "cohort.jsonl.gz", "--training-scores", "--out", out]
        subprocess.run([*PROGRAM, *map(str, scored)], check=True, capture_output=True)
        assert len(out.read_text(encoding="utf-8").splitlines()) == 1 + len(cohort) * n_models, "a score is missing"
        subprocess.run(
            [*PROGRAM, "models", "export", str(folder / "results"), str(shared)], check=True, capture_output=True
        )
        exported = read_models(shared)
        assert exported.models, "no model could be exported"
        assert not exported.holds_individuals, "an export holds individuals"
        ids = {individual.id.encode() for individual in cohort}
        content = b"".join(path.read_bytes() for path in shared.rglob("*") if path.is_file())
        assert not any(b'"' + name + b'"' in content for name in ids), "an export names an individual"
    rows = pj.score(folder / "results", cohort, training_scores=True).table.to_pylist()
    given = [row for row in rows if row["probability"] is not None]
    assert given, "every model abstains"
    assert all(0 <= row["probability_low"] <= row["probability"] <= row["probability_high"] <= 1 for row in given), (
        "a probability lies outside of its interval"
    )


def check_gene(result: pj.ScreenResult, folder: Path, gene: str) -> None:
    """Draw a gene for a paper, and look for subgroups in it."""
    with tempfile.TemporaryDirectory() as place:
        figure = pj.plot.save(pj.plot.gene(result, gene), Path(place) / "gene.pdf")
        assert figure.read_bytes().startswith(b"%PDF"), "the figure is no PDF"
        sought = ["discover", folder / "cohort.jsonl.gz", "--gene", gene, "--json"]
        told = subprocess.run([*PROGRAM, *map(str, sought)], check=True, capture_output=True, text=True).stdout
        assert 0 < json.loads(told)["p_value"] <= 1, "no p-value of subgroups"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
