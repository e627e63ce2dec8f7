"""Reads what `make demo` wrote as a user would, and fails unless it is all there and says what it must."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import phenojax as pj


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
    sys.stdout.write(
        f"demo: {len(cohort)} individuals, {len(genes)} genes, {len(tested)} tested, report.html is whole\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
