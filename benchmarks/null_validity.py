"""How often labels that mean nothing are called significant, in every design: at least 2,000 data sets of each.

Usage: python benchmarks/null_validity.py COHORT [--sets 2000] [--designs free grouped ...] [--out FILE.md]

The individuals are a real cohort's, with their publications, their numbers of terms and all that goes with both; the
labels are drawn at random. A valid test calls 5 % of such sets at .05 and 1 % at .01.

    free       compare: 10 to 30 individuals, half of them cases, nobody grouped
    grouped    compare: 10 to 30 whole publications, half of them cases
    matched    screen: 5 to 30 individuals are a "gene", with matched controls, nobody grouped
    published  screen: 2 to 8 whole publications are a "gene", with matched controls of other publications
    small      compare: 4 + 4 individuals, all 70 labellings
    face       compare by face alone: whole publications, whose light and camera are in the embeddings
    face_published  screen by face alone: whole publications against controls drawn one by one from others
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, kstest

from phenojax import Cohort, load_ontology, read_cohort
from phenojax.face.of_cohort import faces_of
from phenojax.screen.config import Modality, ScreenConfig
from phenojax.screen.gene import Found, compare_sets, screen_gene
from phenojax.screen.prepare import Prepared, prepare

BARS = {0.05: (0.04, 0.06), 0.01: (0.005, 0.016)}
WIDTH = 128

Draw = Callable[[Prepared, np.random.Generator], tuple[NDArray[np.int64], NDArray[np.int64] | None]]


class DesignOfNull(NamedTuple):
    """How labels are drawn, and what the product is told."""

    draw: Draw
    group: str | None
    modality: Modality = Modality.HPO
    min_cases: int = 5


def individuals(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    n = int(rng.integers(5, 16))
    rows = rng.choice(np.flatnonzero(prepared.has_terms), 2 * n, replace=False)
    return np.sort(rows[:n]), np.sort(rows[n:])


def four_and_four(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = rng.choice(np.flatnonzero(prepared.has_terms), 8, replace=False)
    return np.sort(rows[:4]), np.sort(rows[4:])


def publications(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    groups = _groups(prepared)
    while True:
        n = int(rng.integers(5, 16))
        chosen = rng.choice(np.unique(groups[prepared.has_terms]), 2 * n, replace=False)
        parts = [np.flatnonzero(np.isin(groups, half) & prepared.has_terms) for half in (chosen[:n], chosen[n:])]
        if max(map(len, parts)) <= 150:
            return parts[0], parts[1]


def gene_of_individuals(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.int64], None]:
    eligible = np.flatnonzero(prepared.has_terms)
    return np.sort(rng.choice(eligible, int(rng.integers(5, 31)), replace=False)), None


def gene_of_publications(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.int64], None]:
    groups = _groups(prepared)
    while True:
        chosen = rng.choice(np.unique(groups), int(rng.integers(2, 9)), replace=False)
        rows = np.flatnonzero(np.isin(groups, chosen) & prepared.has_terms)
        if 5 <= len(rows) <= 150:
            return rows, None


def _groups(prepared: Prepared) -> NDArray[np.int64]:
    if prepared.groups is None:
        raise SystemExit("the cohort has no publications")
    return prepared.groups


DESIGNS = {
    "free": DesignOfNull(individuals, None),
    "grouped": DesignOfNull(publications, "group"),
    "matched": DesignOfNull(gene_of_individuals, None),
    "published": DesignOfNull(gene_of_publications, "group"),
    "small": DesignOfNull(four_and_four, None, min_cases=4),
    "face": DesignOfNull(publications, "group", Modality.FACE),
    "face_published": DesignOfNull(gene_of_publications, "group", Modality.FACE),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--sets", type=int, default=2000)
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--classifier", default="ensemble")
    parser.add_argument("--sequential", action="store_true")
    parser.add_argument("--designs", nargs="+", choices=DESIGNS, default=list(DESIGNS))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cohort, ontology = read_cohort(arguments.cohort), load_ontology()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("phenojax", "jax", "numpy"))
    lines = [
        f"{datetime.date.today()}, Python {platform.python_version()}, {versions}; classifier {arguments.classifier}, "
        f"{arguments.permutations} relabellings{', sequential' if arguments.sequential else ''}",
        "",
        "| design | data sets | P(p <= .05) (95 % interval) | P(p <= .01) | P(p <= .2) | mean p, uniform? | mean AUC "
        "| second test: P(p_mmd <= .05) | P(p_mmd <= .01) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in arguments.designs:
        design = DESIGNS[name]
        config = ScreenConfig(
            permutations=arguments.permutations, group=design.group, modality=design.modality, threads=1,
            min_cases=design.min_cases, classifier=arguments.classifier, sequential=arguments.sequential,
        )  # fmt: skip
        faces = faces_of(cohort, embeddings(cohort)) if design.modality is Modality.FACE else None
        prepared = prepare(cohort, ontology, config, faces)
        with ThreadPoolExecutor(arguments.threads) as pool:
            found = list(pool.map(lambda k, d=design, p=prepared, n=name: test(p, d, n, k), range(arguments.sets)))
        lines.append(row(name, found))
        print(lines[-1], flush=True)
    text = "\n".join(lines)
    if arguments.out:
        arguments.out.write_text(f"# Validity under the null\n\n{text}\n")


def test(prepared: Prepared, design: DesignOfNull, name: str, k: int) -> Found:
    cases, controls = design.draw(prepared, np.random.default_rng([k, len(name)]))
    if controls is None:
        return screen_gene(prepared, f"{name} {k}", cases, design.modality)
    return compare_sets(prepared, f"{name} {k}", cases, controls, design.modality)


def embeddings(cohort: Cohort) -> NDArray[np.float32]:
    """A face each: the person's own, and the light and camera of the publication."""
    rng = np.random.default_rng(0)
    names = {group: rng.normal(size=WIDTH) for group in sorted({i.group or i.id for i in cohort})}
    own = rng.normal(size=(len(cohort), WIDTH))
    return (own + 0.5 * np.stack([names[i.group or i.id] for i in cohort])).astype(np.float32)


def row(name: str, found: list[Found]) -> str:
    tested = [f.test for f in found if f.test is not None and f.status.value == "ok"]
    p, second = np.array([t.p_value for t in tested]), np.array([t.p_mmd for t in tested])
    share = {level: float((p <= level + 1e-12).mean()) for level in (*BARS, 0.2)}
    interval = binomtest(int((p <= 0.05 + 1e-12).sum()), len(p)).proportion_ci()
    inside = ["" if low <= share[level] <= high else " (outside the bar)" for level, (low, high) in BARS.items()]
    uniform = kstest(p, "uniform").pvalue
    return (
        f"| {name} | {len(p)} | {share[0.05]:.4f} ({interval.low:.3f} to {interval.high:.3f}){inside[0]} "
        f"| {share[0.01]:.4f}{inside[1]} | {share[0.2]:.3f} | {p.mean():.3f}, Kolmogorov-Smirnov p {uniform:.2f} "
        f"| {np.mean([t.auc for t in tested]):.3f} | {(second <= 0.05 + 1e-12).mean():.4f} "
        f"| {(second <= 0.01 + 1e-12).mean():.4f} |"
    )


if __name__ == "__main__":
    main()
