"""Shapley values of HPO terms: how long they take beside numpy, and whether scores rest on what they call important.

Usage: python benchmarks/explanations.py COHORT.jsonl.gz [--only times|deletion] [--out FILE.md]

Times: individuals of the cohort, cut to as many terms as a line says; both sides in one process in turn, medians. The
run ends with an error unless both sides agree: exactly where both are exact, within 6 standard errors where one draws
orders. Deletion: the cohort is screened with the defaults; every case of a gene with q <= .05 and at least 8 terms is
scored by a model fitted without its publication, and loses one term after the other.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from importlib.metadata import version
from pathlib import Path

from explanation_jobs.removal import DRAWS, FEWEST_TERMS, Explained, deletion_over_genes
from explanation_jobs.timing import Timed, make_setting, time_closures, time_matches

from phenojax import load_ontology, read_cohort
from phenojax.cohort.encode import encode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--only", choices=["times", "deletion"])
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cohort, ontology = read_cohort(arguments.cohort), load_ontology()
    lines = [
        f"{datetime.date.today()}, {cpu()}, Python {platform.python_version()}, numpy {version('numpy')}, phenojax "
        f"{version('phenojax')}, HPO {ontology.version}",
    ]
    if arguments.only != "deletion":
        setting = make_setting(ontology, encode(cohort, ontology).observed)
        lines += times([*time_closures(setting), *time_matches(setting)])
    if arguments.only != "times":
        lines += curves(deletion_over_genes(cohort, ontology))
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Explanations by terms\n\n{text}\n")


def times(rows: list[Timed]) -> list[str]:
    lines = [
        "",
        "## Time for one individual",
        "",
        "| what | phenojax, 1 thread | 2 threads | numpy | ratio (1 thread) | agreement |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        numpy = "" if row.numpy is None else f"{row.numpy * 1e3:.1f} ms"
        ratio = "" if row.numpy is None else f"{row.numpy / row.ours:,.0f}"
        lines.append(
            f"| {row.what} | {row.ours * 1e3:.3f} ms | {row.ours_two * 1e3:.3f} ms | {numpy} | {ratio} "
            f"| {row.agreement} |"
        )
    return lines


def curves(found: Explained) -> list[str]:
    first = next(iter(found.curves.values()))
    lines = [
        "",
        "## Deletion",
        "",
        f"{found.n_cases} cases with {FEWEST_TERMS} terms or more, of {found.n_genes} genes (of {found.n_called} with "
        "q <= .05). Log-odds of a case, mean over cases, after removing 0, 1, ... terms; chance: mean of "
        f"{DRAWS} random orders of each case, and the band that holds 95 % of their means. Area: mean gap to chance, "
        "with a 95 % interval from redrawing genes; p: of the order being as good as a random one.",
        "",
        f"| first removed | {' | '.join(f'{int(k)}' for k in first.at)} | area (interval) | p |",
        f"|---|{'---|' * len(first.at)}---|---|",
    ]
    for name, curve in found.curves.items():
        numbers = " | ".join(f"{value:.2f}" for value in curve.guided)
        lines.append(
            f"| {name} | {numbers} | {curve.area:.2f} ({curve.area_low:.2f} to {curve.area_high:.2f}) | "
            f"{curve.p_value:.3f} |"
        )
    chance = " | ".join(
        f"{mean:.2f} ({low:.2f} to {high:.2f})"
        for mean, low, high in zip(first.random, first.random_low, first.random_high, strict=True)
    )
    better = {name: float((curve.areas > 0).mean()) for name, curve in found.curves.items()}
    lines += [
        f"| chance | {chance} | | |",
        "",
        "Cases whose score falls faster than by chance: "
        + ", ".join(f"{name} {share:.1%}" for name, share in better.items())
        + ".",
    ]
    return lines


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
