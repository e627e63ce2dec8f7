"""How often a gene without any signal is called significant: random labels on a real cohort.

Usage: python benchmarks/null_calibration.py COHORT [--labels 500] [--out benchmarks/results/null_calibration.md]

Three kinds of random "gene": individuals drawn at random, tested with publications kept whole and without; and whole
publications drawn at random. A valid test calls 5 % of them at .05.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from phenojax import load_ontology, read_cohort
from phenojax.screen.config import ScreenConfig
from phenojax.screen.gene import screen_gene
from phenojax.screen.prepare import Prepared, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--labels", type=int, default=500)
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cohort, ontology = read_cohort(arguments.cohort), load_ontology()
    lines = [
        f"{datetime.date.today()}; {arguments.labels} random labels each, {arguments.permutations} permutations",
        "",
        "| random gene | tested | P(p <= .05) (95 % interval) | P(p <= .01) | P(p <= .2) | mean AUC |",
        "|---|---|---|---|---|---|",
    ]
    for column, draw in (("group", random_individuals), ("group", random_publications), (None, random_individuals)):
        prepared = prepare(cohort, ontology, ScreenConfig(permutations=arguments.permutations, group=column))
        p, auc = [], []
        for k, carriers in enumerate(draw(prepared, arguments.labels)):
            found = screen_gene(prepared, f"{draw.__name__} {k}", carriers)
            if found.test is None:
                raise SystemExit(f"{found.gene} was not tested: {found.note}")
            p.append(found.test.p_value)
            auc.append(found.test.auc)
        at = {level: float(np.mean(np.array(p) <= level)) for level in (0.05, 0.01, 0.2)}
        interval = binomtest(int(np.sum(np.array(p) <= 0.05)), len(p)).proportion_ci()
        lines.append(
            f"| {draw.__name__.replace('_', ' ')} | {'publications whole' if column else 'ungrouped'} | {at[0.05]:.3f} "
            f"({interval.low:.3f} to {interval.high:.3f}) | {at[0.01]:.3f} | {at[0.2]:.3f} | {np.mean(auc):.3f} |"
        )
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Calibration under the null\n\n{text}\n")


def random_individuals(prepared: Prepared, n: int) -> Iterator[NDArray[np.int64]]:
    """5 to 30 individuals with terms, whoever they are."""
    rng = np.random.default_rng(1)
    eligible = np.flatnonzero(prepared.observed.lengths > 0)
    for _ in range(n):
        yield np.sort(rng.choice(eligible, int(rng.integers(5, 31)), replace=False))


def random_publications(prepared: Prepared, n: int) -> Iterator[NDArray[np.int64]]:
    """2 to 8 whole publications that hold 5 to 150 individuals together."""
    rng = np.random.default_rng(1)
    groups = prepared.groups
    if groups is None:
        raise SystemExit("the cohort has no publications")
    for _ in range(n):
        rows = np.empty(0, dtype=np.int64)
        while not 5 <= len(rows) <= 150:
            rows = np.flatnonzero(
                np.isin(groups, rng.choice(np.unique(groups), int(rng.integers(2, 9)), replace=False))
            )
        yield rows


if __name__ == "__main__":
    main()
