"""PhenoScore's SATB1 sheet (8 + 8 individuals, HPO terms only) over many deals of folds, with both models.

Usage: python benchmarks/satb1_compare.py satb1_data.xlsx [--seeds 40] [--out benchmarks/results/satb1_compare.md]
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import numpy as np

from phenojax import compare, load_ontology, read_cohort
from phenojax.similarity import PHENOSCORE_FILTER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cohort, ontology = read_cohort(arguments.sheet), load_ontology()
    lines = [
        f"{datetime.date.today()}; {arguments.seeds} seeds, 1000 permutations each, HPO {ontology.version}",
        "",
        "| model | setting | AUC: mean (smallest to largest) | Brier | p: mean |",
        "|---|---|---|---|---|",
    ]
    phenoscore = {"ic": "phenopy", "exclude_terms": PHENOSCORE_FILTER}
    for model in ("prototype", "similarity"):
        for name, setting in (("default", {}), ("--ic phenopy --term-filter phenoscore", phenoscore)):
            rows = [
                compare(cohort, ontology=ontology, model=model, seed=seed, **setting).table.to_pylist()[0]
                for seed in range(arguments.seeds)
            ]
            auc, brier, p = (np.array([row[column] for row in rows]) for column in ("auc", "brier", "p_value"))
            lines.append(
                f"| {model} | {name} | {auc.mean():.3f} ({auc.min():.3f} to {auc.max():.3f}) | {brier.mean():.3f} "
                f"| {p.mean():.3f} |"
            )
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# PhenoScore's SATB1 sheet\n\n{text}\n")


if __name__ == "__main__":
    main()
