"""Score individuals of publications that the screen has not seen: AUC, calibration, refusals, coverage, and the time.

Usage: python benchmarks/scoring.py COHORT [--runs 3] [--out benchmarks/results/scoring.md]

Half of a published cohort's publications are screened, and the models score everybody in the other half; then the
other way round. Nothing of the second half, not a publication, is known to the models. Whether intervals hold what they
promise is asked of simulated genes, whose carriers come in so many unseen publications that the true curve of each
gene is known.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scoring_jobs.calibration import Gene, auc_lines, calibration_lines, coverage, halves, unseen
from scoring_jobs.strangers import strangers_lines
from scoring_jobs.throughput import throughput_lines

import phenojax as pj
from phenojax.ontology import Ontology

PERMUTATIONS = 199


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    ontology, cohort = pj.load_ontology(), pj.read_cohort(arguments.cohort)
    first, second = halves(cohort, seed=0)
    genes, tables, results = [], [], []
    for known, new in ((first, second), (second, first)):
        results.append(pj.screen(known, ontology=ontology, permutations=PERMUTATIONS))
        found, table = unseen(results[-1], new, ontology)
        genes += found
        tables.append(table)
    models = results[0].models
    assert models is not None
    with tempfile.TemporaryDirectory() as folder:
        timed = throughput_lines(models, cohort, ontology, Path(folder), arguments.runs)
    text = "\n".join([
        f"{datetime.date.today()}, {cpu()}, {platform.python_version()}, {json.dumps(results[0].run['versions'])}",
        "",
        "## Time",
        "",
        *timed,
        "",
        "## Unseen publications of a published cohort",
        "",
        f"{len(first):,} and {len(second):,} individuals; a gene counts once for each half that tested it. Others are "
        "everybody in the unseen half who does not carry the gene.",
        "",
        *auc_lines(genes),
        "",
        *calibration_lines(genes),
        "",
        "## Who is refused",
        "",
        *strangers_lines(results[0], second, pd.concat(tables), ontology),
        "",
        "## Simulated genes",
        "",
        *simulated_lines(ontology),
    ])  # fmt: skip
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Scoring individuals of unseen publications\n\n{text}\n")


def simulated_lines(ontology: Ontology) -> list[str]:
    """2 to 11 publications of each gene are screened, and about 30 others scored."""
    config = pj.SimulationConfig(n_genes=80, min_size=80, max_size=160, papers=40)
    cohort = pj.simulate(ontology, config, seed=5)
    rng = np.random.default_rng(0)
    known: set[str] = set()
    for gene in sorted({i.gene or "" for i in cohort}):
        groups = sorted({i.group or "" for i in cohort if i.gene == gene})
        known.update(rng.permutation(groups)[: int(rng.integers(2, 12))].tolist())
    inside = [row for row, i in enumerate(cohort) if i.group in known]
    outside = [row for row, i in enumerate(cohort) if i.group not in known]
    result = pj.screen(cohort.subset(inside), ontology=ontology, permutations=PERMUTATIONS)
    genes: list[Gene] = unseen(result, cohort.subset(outside), ontology)[0]
    held, width, n = coverage(genes)
    return [
        f"{len(inside):,} individuals are screened, {len(outside):,} scored.",
        "",
        *auc_lines(genes),
        "",
        *calibration_lines(genes),
        "",
        f"95 % intervals hold the probability by the gene's own curve (to .025) for {held:.3f} of the individuals, "
        f"carriers and others weighing alike; mean width {width:.2f}; {n} genes.",
    ]


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
