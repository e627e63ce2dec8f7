"""Two groups inside a gene, publications whole and not: every contrast of a real cohort that has enough members.

Usage: python benchmarks/compare_subgroups.py COHORT [--permutations 499] [--out FILE.md]

For each gene with five individuals a side: loss of function against missense (`--by variant_effect`), and its two
commonest diseases (`--by disease`). Each is tested with publications kept whole, and as if individuals were
independent. The note of the first must tell the AUC of the second, which is checked.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import wilcoxon

from phenojax import Cohort, compare, load_ontology, read_cohort
from phenojax.ontology import Ontology

MIN_MEMBERS = 5
EFFECTS = ("loss_of_function", "missense")
# The genes that PhenoScore's paper divides.
PUBLISHED = ("SATB1", "SETBP1", "DEAF1", "ADNP")


class Contrast(NamedTuple):
    """Two groups of a gene."""

    gene: str
    by: str
    positive: str
    negative: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--permutations", type=int, default=499)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    logging.getLogger("phenojax").setLevel(logging.ERROR)  # a warning for each contrast, which the table tells
    cohort, ontology = read_cohort(arguments.cohort), load_ontology()
    lines = [
        f"{datetime.date.today()}, Python {platform.python_version()}, phenojax {version('phenojax')}, "
        f"jax {version('jax')}, HPO {ontology.version}; {arguments.permutations} relabellings; "
        f"{MIN_MEMBERS} individuals a side and more",
    ]
    for title, contrasts in (
        ("Loss of function against missense", effects(cohort)),
        ("Two diseases of one gene", diseases(cohort)),
    ):
        rows = [(c, *both(cohort, ontology, c, arguments.permutations)) for c in contrasts]
        lines += ["", f"## {title}", "", *summary(rows), "", *table(rows)]
        print("\n".join(lines[-len(rows) - 12 :]), flush=True)
    lines += ["", "## PhenoScore's four genes in this cohort", "", *published(cohort)]
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Subgroups inside genes, publications whole and not\n\n{text}\n")


def effects(cohort: Cohort) -> list[Contrast]:
    found = []
    for gene, values in by_gene(cohort, "variant_effect").items():
        if min(values[effect] for effect in EFFECTS) >= MIN_MEMBERS:
            found.append(Contrast(gene, "variant_effect", *EFFECTS))
    return found


def diseases(cohort: Cohort) -> list[Contrast]:
    found = []
    for gene, values in by_gene(cohort, "disease").items():
        first = values.most_common(2)
        if len(first) == 2 and first[1][1] >= MIN_MEMBERS:
            found.append(Contrast(gene, "disease", first[0][0], first[1][0]))
    return found


def by_gene(cohort: Cohort, column: str) -> dict[str, Counter[str]]:
    """How many individuals with terms have each value, gene by gene."""
    counts: dict[str, Counter[str]] = {}
    for individual, value in zip(cohort, cohort.values(column), strict=True):
        if individual.gene and individual.observed and value is not None:
            counts.setdefault(individual.gene, Counter())[value] += 1
    return dict(sorted(counts.items()))


def both(
    cohort: Cohort, ontology: Ontology, contrast: Contrast, permutations: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row with publications whole, and the row without."""
    found = []
    for group in ("group", None):
        result = compare(
            cohort,
            contrast.by,
            positive=contrast.positive,
            negative=contrast.negative,
            gene=contrast.gene,
            group=group,
            ontology=ontology,
            permutations=permutations,
        )
        found.append((result.table.to_pylist()[0], result.run["ungrouped"]))
    (grouped, told), (plain, _) = found
    same = all(grouped[name] == plain[name] for name in ("n_cases", "n_controls"))
    is_told = told and told[0]["auc_ungrouped"] == plain["auc"] and f"{plain['auc']:.2f}" in grouped["note"]
    if told and same and not is_told:
        raise SystemExit(f"{contrast}: the note does not tell the ungrouped AUC {plain['auc']}")
    grouped["auc_ungrouped"] = told[0]["auc_ungrouped"] if told else None
    grouped["warned"] = bool(told) and told[0]["differ_much"]
    return grouped, plain


def summary(rows: list[tuple[Contrast, dict[str, Any], dict[str, Any]]]) -> list[str]:
    pairs = np.array([(g["auc"], g["auc_ungrouped"]) for _, g, _ in rows if g["auc_ungrouped"] is not None])
    p = [np.array([row["p_value"] for row in which if row["p_value"] is not None]) for which in zip(*(
        (g, u) for _, g, u in rows if g["auc_ungrouped"] is not None
    ), strict=True)]  # fmt: skip
    status = Counter(g["status"] for _, g, _ in rows)
    return [
        f"{len(rows)} genes: {', '.join(f'{n} {name}' for name, n in sorted(status.items()))}.",
        "",
        "| genes whose publications can be kept whole | mean AUC | median | p <= .05 |",
        "|---|---|---|---|",
        f"| publications split ({len(pairs)}) | {pairs[:, 1].mean():.3f} | {np.median(pairs[:, 1]):.3f} "
        f"| {(p[1] <= 0.05).sum()} |",
        f"| publications whole ({len(pairs)}) | {pairs[:, 0].mean():.3f} | {np.median(pairs[:, 0]):.3f} "
        f"| {(p[0] <= 0.05).sum()} |",
        "",
        f"Mean difference {(pairs[:, 1] - pairs[:, 0]).mean():.3f} (Wilcoxon's p "
        f"{wilcoxon(pairs[:, 1], pairs[:, 0]).pvalue:.2g}); `compare` warned of "
        f"{sum(g['warned'] for _, g, _ in rows)}. With publications whole {(pairs[:, 0] < 0.5).sum()} AUCs are below "
        ".5, as those of small genes can be by chance when publications are left out whole; the means include them.",
    ]


def table(rows: list[tuple[Contrast, dict[str, Any], dict[str, Any]]]) -> list[str]:
    lines = [
        "| gene | contrast | cases | controls | publications of cases | AUC whole | p | smallest p | AUC split | p "
        "| status |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for c, g, u in rows:
        lines.append(
            f"| {c.gene} | {c.positive} vs {c.negative} | {g['n_cases']} | {g['n_controls'] or ''} | {g['n_groups']} "
            f"| {form(g['auc'])} | {form(g['p_value'])} | {form(g['min_p'])} | {form(u['auc'])} | {form(u['p_value'])} "
            f"| {g['status']} |"
        )
    return lines


def form(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def published(cohort: Cohort) -> list[str]:
    lines = ["| gene | individuals here | loss of function against missense can be run |", "|---|---|---|"]
    counts = Counter(i.gene for i in cohort if i.observed)
    for gene in PUBLISHED:
        effects_here = by_gene(cohort, "variant_effect").get(gene, Counter())
        where = ", ".join(f"{n} {name}" for name, n in sorted(effects_here.items())) or "none"
        enough = min(effects_here[effect] for effect in EFFECTS) >= MIN_MEMBERS
        lines.append(f"| {gene} | {counts[gene]} ({where}) | {'yes' if enough else 'no'} |")
    return lines


if __name__ == "__main__":
    main()
