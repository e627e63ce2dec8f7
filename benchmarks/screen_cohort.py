"""Screen a real cohort from the command line: time, memory, and the AUCs with and without whole publications.

Usage: python benchmarks/screen_cohort.py COHORT [--permutations 1000] [--out benchmarks/results/screen_cohort.md]

The default, the ensemble, is set beside each of its two parts on the same genes, controls and folds. Start-up and
compilation are inside the time.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from phenojax import Cohort, ScreenResult, read_cohort, screen

BARS = {"seconds": 60.0, "megabytes": 2000.0, "plain": 0.97, "grouped": 0.94, "grouped median": 0.98}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    seconds, megabytes, result = run_command(arguments.cohort, arguments.permutations, arguments.runs)
    cohort = read_cohort(arguments.cohort)
    large = genes_with(cohort, individuals=10, publications=1)
    several = genes_with(cohort, individuals=10, publications=3)
    lines = [
        f"{datetime.date.today()}, {cpu()}, {platform.python_version()}, {json.dumps(result.run['versions'])}",
        f"{len(cohort):,} individuals, {result.table.num_rows} genes, {arguments.permutations} permutations",
        "",
        "| what | bar | reached |",
        "|---|---|---|",
        f"| `phenojax screen`, start-up and compilation included, median of {arguments.runs} "
        f"| <= {BARS['seconds']:.0f} s "
        f"| {np.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f}) |",
        f"| peak memory | <= {BARS['megabytes']:.0f} MB | {megabytes:.0f} MB |",
    ]
    grouped = aucs(result, several)
    lines.append(
        f"| publications kept whole, {len(several)} genes: mean AUC (median) "
        f"| {BARS['grouped']} ({BARS['grouped median']}) "
        f"| {grouped.mean():.3f} ({np.median(grouped):.3f}) |"
    )
    plain = aucs(screen(cohort, permutations=1, group=None), large)
    lines.append(
        f"| publications ignored, {len(large)} genes: mean AUC (median) | {BARS['plain']} "
        f"| {plain.mean():.3f} ({np.median(plain):.3f}) |"
    )
    for name, group, genes in (("kept whole", "group", several), ("ignored", None, large)):
        for classifier in ("prototype", "kernel"):
            other = aucs(screen(cohort, permutations=1, group=group, classifier=classifier), genes)
            lines.append(
                f"| {classifier} alone, publications {name} | (for comparison) "
                f"| {other.mean():.3f} ({np.median(other):.3f}) |"
            )
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# A real cohort, screened\n\n{text}\n")


def run_command(cohort: str, permutations: int, runs: int) -> tuple[list[float], float, ScreenResult]:
    """Wall-clock seconds of each run of the command, the largest peak memory, and the result, which must not vary."""
    seconds: list[float] = []
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            out = Path(folder, str(run))
            command = ["-m", "phenojax.cli", "screen", cohort, "--permutations", str(permutations), "--out", str(out)]
            start = time.perf_counter()
            subprocess.run([sys.executable, *command, "--quiet"], check=True, stderr=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
            result = ScreenResult.read(out)
            tables.append(result.table)
        if any(not table.equals(tables[0]) for table in tables):
            raise SystemExit("the runs do not agree: same seed, other numbers")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, result


def genes_with(cohort: Cohort, individuals: int, publications: int) -> set[str]:
    """Genes with at least so many individuals, from at least so many publications."""
    groups: dict[str, list[str | None]] = {}
    for individual in cohort:
        if individual.gene is not None:
            groups.setdefault(individual.gene, []).append(individual.group)
    return {g for g, found in groups.items() if len(found) >= individuals and len(set(found)) >= publications}


def aucs(result: ScreenResult, genes: set[str]) -> np.ndarray:
    rows = result.table.select(["gene", "auc"]).to_pylist()
    return np.array([row["auc"] for row in rows if row["gene"] in genes and row["auc"] is not None])


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
