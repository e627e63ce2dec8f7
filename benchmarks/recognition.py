"""How well each classifier recognises the genes of a real cohort, publications whole, from HPO terms alone.

Usage: python benchmarks/recognition.py COHORT [--classifiers prototype kernel ensemble] [--seeds 2] [--out FILE.md]

Two sets of genes that share none: those with at least 10 individuals and 3 publications, on which figures are reported,
and the others with at least 5 and 2, on which settings may be chosen. A seed draws controls and folds anew; a gene's
figure is its mean over the seeds. Differences are to the first classifier, paired by gene, with their standard error.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax import Cohort, read_cohort, screen

# The screen's matched controls, and whole publications drawn at random until there are four controls a case.
DESIGNS = {"matched": {}, "random": {"covariates": None}}

MEASURES = ("auc", "auc_within", "brier")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--classifiers", nargs="+", default=["prototype", "kernel", "ensemble"])
    parser.add_argument("--ic", nargs="+", default=["auto"])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    cohort = read_cohort(arguments.cohort)
    reported = genes_with(cohort, individuals=10, publications=3)
    chosen_on = [gene for gene in genes_with(cohort, individuals=5, publications=2) if gene not in set(reported)]
    lines = [
        f"{datetime.date.today()}, Python {platform.python_version()}, phenojax {version('phenojax')}, "
        f"jax {version('jax')}; {arguments.seeds} seeds of controls and folds",
        "",
        "| genes | controls | classifier | ic | AUC: mean | median | within folds | Brier | difference of AUC "
        "| within folds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, genes in (("reported", reported), ("settings chosen on", chosen_on)):
        for design, settings in DESIGNS.items():
            first: NDArray[np.float64] | None = None
            for ic in arguments.ic:
                for classifier in arguments.classifiers:
                    settings_of = {"classifier": classifier, "ic": ic, **settings}
                    found = measure(cohort, genes, arguments.seeds, settings_of)
                    first = found if first is None else first
                    lines.append(row(f"{name} ({len(genes)}) | {design}", classifier, ic, found, first))
                    print(lines[-1], flush=True)
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Recognition of genes, publications whole\n\n{text}\n")


def genes_with(cohort: Cohort, individuals: int, publications: int) -> list[str]:
    """Genes with at least so many individuals who have an observed term, from so many publications."""
    members: dict[str, list[str | None]] = {}
    for individual in cohort:
        if individual.gene and individual.observed:
            members.setdefault(individual.gene, []).append(individual.group)
    return sorted(
        gene
        for gene, groups in members.items()
        if len(groups) >= individuals and len({group for group in groups if group}) >= publications
    )


def measure(cohort: Cohort, genes: list[str], seeds: int, settings: dict[str, Any]) -> NDArray[np.float64]:
    """`MEASURES` of every gene, averaged over the seeds, float64 ``(n_genes, 3)``; NaN where no seed gives one."""
    draws = []
    for seed in range(seeds):
        table = screen(cohort, genes=genes, seed=seed, permutations=1, **settings).table
        by_gene = {line["gene"]: line for line in table.to_pylist()}
        draws.append([[np.nan if by_gene[g][m] is None else by_gene[g][m] for m in MEASURES] for g in genes])
    stacked = np.array(draws, dtype=np.float64)
    known = ~np.isnan(stacked)
    return np.where(known, stacked, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


def row(name: str, classifier: str, ic: str, found: NDArray[np.float64], first: NDArray[np.float64]) -> str:
    """One line of the table."""
    auc, within, brier = found.T
    differences = [paired(found[:, column] - first[:, column]) for column in (0, 1)]
    means = f"{np.nanmean(auc):.4f} | {np.nanmedian(auc):.4f} | {np.nanmean(within):.4f} | {np.nanmean(brier):.4f}"
    return f"| {name} | {classifier} | {ic} | {means} | {differences[0]} | {differences[1]} |"


def paired(difference: NDArray[np.float64]) -> str:
    """Mean and standard error over the genes that both have."""
    both = difference[~np.isnan(difference)]
    return f"{both.mean():+.4f} +- {both.std(ddof=1) / np.sqrt(len(both)):.4f}"


if __name__ == "__main__":
    main()
