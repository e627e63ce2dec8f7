"""PhenoScore's SATB1 sheet (8 + 8 individuals, HPO terms only) with every classifier, exactly and over deals of folds.

Usage: python benchmarks/satb1_compare.py SHEET.xlsx [--deals 40] [--permutations 49] [--out FILE.md]

`phenojax compare` leaves one out and scores all 12,870 labellings: there is no seed, and the order of the rows must not
matter, which is checked. So that its spread can be set beside that of methods with few folds, it is also given five
folds, dealt at random and blind to the labels. PhenoScore's own procedure has the rows in as many orders.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax import Cohort, compare, fusion, load_ontology, read_cohort, stats
from phenojax.fusion import Classifier
from phenojax.ontology import Ontology
from phenojax.screen.config import ScreenConfig
from phenojax.screen.prepare import Prepared, prepare
from phenojax.screen.scorers import KernelScorer
from phenojax.similarity import PHENOSCORE_FILTER

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "--ic phenopy --term-filter phenoscore": {"ic": "phenopy", "exclude_terms": PHENOSCORE_FILTER},
}
OWN = (Classifier.ENSEMBLE, Classifier.KERNEL, Classifier.PROTOTYPE)
N_FOLDS, N_ORDERS = 5, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet")
    parser.add_argument("--deals", type=int, default=40)
    parser.add_argument("--permutations", type=int, default=49, help="of PhenoScore's procedure")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cohort, ontology = read_cohort(arguments.sheet), load_ontology()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("phenojax", "jax", "numpy", "scikit-learn"))
    lines = [
        f"{datetime.date.today()}, {cpu()}, Python {platform.python_version()}, {versions}, HPO {ontology.version}; "
        f"{arguments.deals} deals of {N_FOLDS} folds, or orders of the rows; mean (smallest to largest; sd)",
        "",
        "| classifier | setting | AUC | Brier | p (relabellings) | AUC over deals | Brier over deals |",
        "|---|---|---|---|---|---|---|",
    ]
    for classifier in Classifier:
        for name, terms in SETTINGS.items():
            setting = {**terms, "classifier": classifier}
            if classifier is Classifier.PHENOSCORE:
                setting["permutations"] = arguments.permutations
            row = compare(cohort, ontology=ontology, **setting).table.to_pylist()[0]
            if classifier in OWN:
                check_orders(cohort, ontology, row, setting)
            drawn = over_deals(prepare(cohort, ontology, ScreenConfig(**setting)), classifier, arguments.deals)
            lines.append(
                f"| {classifier} | {name} | {row['auc']:.3f} | {row['brier']:.3f} | {row['p_value']:.4f} "
                f"({row['n_permutations']}) | {spread(drawn[:, 0])} | {spread(drawn[:, 1])} |"
            )
            print(lines[-1], flush=True)
    lines += [
        "",
        f"In {N_ORDERS} other orders of the rows the first three gave the same AUC, Brier score and p to 1e-6.",
    ]
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# PhenoScore's SATB1 sheet\n\n{text}\n")


def check_orders(cohort: Cohort, ontology: Ontology, row: dict[str, Any], setting: dict[str, Any]) -> None:
    """End the run unless the rows may stand in any order."""
    for seed in range(N_ORDERS):
        order = np.random.default_rng(seed).permutation(len(cohort)).tolist()
        again = compare(cohort.subset(order), ontology=ontology, **setting).table.to_pylist()[0]
        for column in ("auc", "brier", "p_value"):
            if abs(again[column] - row[column]) > 1e-6:
                raise SystemExit(f"{column} depends on the order of the rows: {row[column]} and {again[column]}")


def over_deals(prepared: Prepared, classifier: Classifier, deals: int) -> NDArray[np.float64]:
    """AUC and Brier score of each deal of folds, or of each order of the rows, ``(deals, 2)``."""
    rows = np.flatnonzero(prepared.has_terms)
    values = np.array(prepared.cohort.values("label"))[rows]
    labels = values == max(set(values.tolist()))
    found = []
    for seed in range(deals):
        if classifier is Classifier.PHENOSCORE:
            order = np.random.default_rng(seed).permutation(len(rows))
            similarity = prepared.similarity(rows[order])
            probabilities = fusion.phenoscore_probabilities(similarity, labels[order])
            found.append((stats.auc(labels[order], probabilities), stats.balanced_brier(labels[order], probabilities)))
            continue
        design = stats.make_design(labels)
        folds = stats.deal_folds(stats.stream(seed, "folds"), design, N_FOLDS, N_FOLDS)
        present = np.ones((1, len(rows)), dtype=bool)
        here = KernelScorer(prepared.kernel(rows)[None], present, design, folds, classifier).observed()
        found.append((stats.auc(labels, here.scores), stats.balanced_brier(labels, here.probabilities)))
    return np.array(found)


def spread(values: NDArray[np.float64]) -> str:
    return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f}; {values.std(ddof=1):.3f})"


def cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
