"""`discover`: how often one type is divided, how often two genes taken for one are, and what it makes of real genes.

Usage: python benchmarks/discover.py COHORT [--genes 100] [--permutations 99] [--parts level merged ...] [--out FILE.md]

    level   simulated genes of one disease from 1, 4, 12 or 40 publications, each with its own panel of terms; and from
            2, 4 or 8 publications that look at a random half of the organ systems each: no subgroups but publications
    faces   clouds of Gaussian vectors, publications with light of their own; and two such clouds
    merged  two or three genes of the cohort taken for one: adjusted Rand index with the truth, 0 where not divided
    real    the cohort's genes with several diseases, and the share of all its genes that is divided

Every test runs with publications' organ systems kept (the default), free, and without publications.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import adjusted_rand_score

import phenojax as pj
from phenojax.screen.config import Modality, ScreenConfig
from phenojax.screen.prepare import Prepared, prepare
from phenojax.subgroups import DiscoverConfig
from phenojax.subgroups.association import associate
from phenojax.subgroups.sample import individuals_of
from phenojax.subgroups.search import search

SIZES = (20, 40)
NULLS = {"organ systems kept": (True, True), "free": (True, False), "no publications": (False, False)}


class Case(NamedTuple):
    """Individuals taken for the carriers of one gene; ``truth`` is None where they are of one type."""

    prepared: Prepared
    rows: NDArray[np.int64]
    name: str
    truth: NDArray[np.int64] | None = None
    modality: Modality = Modality.HPO


class Answer(NamedTuple):
    """P, the number of subgroups, labels, and labels of the true number where that is known."""

    p: float
    k: int
    labels: NDArray[np.int64]
    at_truth: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--genes", type=int, default=100, help="of each kind")
    parser.add_argument("--permutations", type=int, default=99)
    parser.add_argument("--parts", nargs="+", default=["level", "faces", "merged", "real"])
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    ontology = pj.load_ontology()
    published = prepared_of(pj.read_cohort(arguments.cohort), ontology)
    config = DiscoverConfig(permutations=arguments.permutations)
    lines = [
        f"{datetime.date.today()}, Python {platform.python_version()}, phenojax {version('phenojax')}, numpy "
        f"{version('numpy')}, scipy {version('scipy')}, HPO {ontology.version}; {arguments.permutations} null sets, "
        f"linkage {config.linkage}, up to {config.max_k} subgroups, level {config.level}"
    ]
    parts: dict[str, Callable[[], list[str]]] = {
        "level": lambda: level(ontology, arguments.genes, config),
        "faces": lambda: faces(ontology, arguments.genes, config),
        "merged": lambda: merged(published, arguments.genes, config),
        "real": lambda: real(published, config),
    }
    for name in arguments.parts:
        lines += parts[name]()
        if arguments.out:
            arguments.out.write_text("# Subgroups that nobody labelled\n\n" + "\n".join(lines) + "\n")


def prepared_of(cohort: pj.Cohort, ontology: pj.Ontology, vectors: NDArray[np.float64] | None = None) -> Prepared:
    from phenojax.face.of_cohort import faces_of

    found = None if vectors is None else faces_of(cohort, vectors)
    return prepare(cohort, ontology, ScreenConfig(threads=1, covariates=()), found)


def answer(case: Case, null: str, config: DiscoverConfig) -> Answer:
    grouped, keep_systems = NULLS[null]
    prepared = case.prepared if grouped else replace(case.prepared, groups=None)
    individuals = individuals_of(prepared, case.rows, case.modality, keep_systems=keep_systems)
    found = search(individuals, case.name, config)
    divided = found.selection.p_value <= config.level
    labels = found.labels[found.selection.best - 2] if divided else np.zeros(len(case.rows), dtype=np.int64)
    true_k = 2 if case.truth is None else int(case.truth.max()) + 1
    k = found.selection.best if divided else 1
    return Answer(found.selection.p_value, k, labels, found.labels[true_k - 2])


def level(ontology: pj.Ontology, n: int, config: DiscoverConfig) -> list[str]:
    lines = [
        "", "## One type: how often it is divided (the level is .05)", "",
        "| publications | their panels | genes | " + " | ".join(NULLS) + " |", "|---|---|---|" + "---|" * len(NULLS),
    ]  # fmt: skip
    kinds = [(papers, False) for papers in (1, 4, 12, 40)] + [(papers, True) for papers in (2, 4, 8)]
    for papers, topical in kinds:
        cases = [case for case, _ in zip(simulated(ontology, papers, topical), range(n), strict=False)]
        panels = "a random half of the organ systems" if topical else "as simulated"
        cells = [share([answer(case, null, config) for case in cases], config) for null in NULLS]
        lines.append(f"| {'up to ' if papers > 1 else ''}{papers} | {panels} | {len(cases)} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def simulated(ontology: pj.Ontology, papers: int, topical: bool) -> Iterator[Case]:
    """Genes of one disease each."""
    seed = 0
    while True:
        settings = pj.SimulationConfig(n_genes=40, papers=papers, min_size=SIZES[0], max_size=SIZES[1])
        cohort = pj.simulate(ontology, settings, seed)
        if topical:
            cohort = looked_at_in_part(cohort, ontology, np.random.default_rng(seed))
        prepared = prepared_of(cohort, ontology)
        for gene in sorted({i.gene or "" for i in cohort}):
            rows = np.array([r for r, i in enumerate(cohort) if i.gene == gene and prepared.has_terms[r]])
            if len(rows) >= 15 and len({cohort.individuals[r].disease for r in rows}) == 1:
                yield Case(prepared, rows, f"{gene} {seed}")
        seed += 1


def looked_at_in_part(cohort: pj.Cohort, ontology: pj.Ontology, rng: np.random.Generator) -> pj.Cohort:
    """Each publication tells of a random half of the organ systems."""
    systems = [{top, *ontology.descendants(top)} for top in sorted(ontology.children("HP:0000118"))]
    seen: dict[str | None, set[str]] = {}
    for individual in cohort:
        if individual.group not in seen:
            chosen = rng.choice(len(systems), len(systems) // 2, replace=False)
            seen[individual.group] = set().union(*(systems[s] for s in chosen))
    individuals = [replace(i, observed=tuple(t for t in i.observed if t in seen[i.group])) for i in cohort]
    return pj.Cohort(tuple(individuals), cohort.source)


def faces(ontology: pj.Ontology, n: int, config: DiscoverConfig) -> list[str]:
    lines = [
        "", "## Faces: 30 simulated vectors of 64 numbers", "",
        "| publications | types | sets | divided, publications kept | ARI | divided, no publications |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for papers, types, apart in ((30, 1, 0.0), (10, 1, 0.0), (1, 1, 0.0), (30, 2, 1.5), (10, 2, 1.5), (10, 2, 2.5)):
        cases = [clouds(ontology, papers, types, apart, seed) for seed in range(n)]
        kept = [answer(case, "free", config) for case in cases]
        loose = [answer(case, "no publications", config) for case in cases]
        told = f"{types}" if types == 1 else f"{types}, their centres {apart:g} times as far apart as the light"
        lines.append(
            f"| {papers} | {told} | {n} | {share(kept, config)} | {'' if types == 1 else rand(cases, kept)} "
            f"| {share(loose, config)} |"
        )
        print(lines[-1], flush=True)
    return lines


def clouds(ontology: pj.Ontology, papers: int, types: int, apart: float, seed: int) -> Case:
    """A face is the type's centre, the publication's light (half as wide as people differ) and the person's own."""
    rng, n, width = np.random.default_rng([seed, papers, types]), 30, 64
    paper = np.arange(n) % papers
    kind = paper % types
    light = 0.5 * rng.normal(size=(papers, width))
    vectors = rng.normal(size=(n, width)) + light[paper] + 0.5 * apart * rng.normal(size=(types, width))[kind]
    vectors += 2.0  # what all faces share
    people = tuple(
        pj.Individual(f"P{i:02d}", "G", ("HP:0001250",), group=f"PMID:{g}") for i, g in enumerate(paper.tolist())
    )
    prepared = prepared_of(pj.Cohort(people), ontology, vectors)
    truth = kind if types > 1 else None
    return Case(prepared, np.arange(n), f"faces {seed}", truth, Modality.FACE)


def merged(published: Prepared, n: int, config: DiscoverConfig) -> list[str]:
    lines = [
        "", "## Genes taken for one", "",
        "Genes of 10 to 40 individuals from three publications or more, drawn at random.", "",
        "| genes | null sets | sets | divided | mean subgroups if divided | mean ARI | mean ARI of the true number |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    genes = np.array([g or "" for g in published.cohort.values("gene")])
    eligible = [
        gene for gene in sorted(set(genes) - {""})
        if 10 <= len(rows := np.flatnonzero((genes == gene) & published.has_terms)) <= 40
        and len(set(codes_of(published)[rows].tolist())) >= 3
    ]  # fmt: skip
    for n_genes in (1, 2, 3):
        cases = []
        for seed in range(n):
            chosen = np.random.default_rng([seed, n_genes]).choice(eligible, n_genes, replace=False)
            rows = np.flatnonzero(np.isin(genes, chosen) & published.has_terms)
            truth = np.unique(genes[rows], return_inverse=True)[1]
            cases.append(Case(published, rows, "+".join(chosen), truth if n_genes > 1 else None))
        for null in NULLS:
            found = [answer(case, null, config) for case in cases]
            numbers = [a.k for a in found if a.k > 1]
            cut = (
                ""
                if n_genes == 1
                else f"{np.mean([ari(c, a.at_truth) for c, a in zip(cases, found, strict=True)]):.2f}"
            )
            lines.append(
                f"| {n_genes} | {null} | {n} | {share(found, config)} | {np.mean(numbers) if numbers else 1:.1f} "
                f"| {'' if n_genes == 1 else rand(cases, found)} | {cut} |"
            )
            print(lines[-1], flush=True)
    return lines


def real(published: Prepared, config: DiscoverConfig) -> list[str]:
    lines = [
        "", "## The cohort's genes with two diseases of five individuals and more", "",
        "AMI: adjusted mutual information of the subgroups (of the default; if it finds none, of as many as there are "
        "diseases) with the diseases.", "",
        "| gene | individuals | publications | diseases | p, organ systems kept | subgroups | p, free | AMI "
        "| told by the publication |", "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    genes = np.array([g or "" for g in published.cohort.values("gene")])
    diseases = published.cohort.values("disease")
    groups = published.cohort.values("group")
    for gene in sorted(set(genes) - {""}):
        rows = np.flatnonzero((genes == gene) & published.has_terms)
        names, counts = np.unique([diseases[r] or "" for r in rows], return_counts=True)
        if len(names) < 2 or np.sort(counts)[-2] < 5 or len(rows) < config.min_individuals:
            continue
        truth = np.unique([diseases[r] or "" for r in rows], return_inverse=True)[1]
        case = Case(published, rows, gene, truth if truth.max() < config.max_k else None)
        kept, free = (answer(case, null, config) for null in ("organ systems kept", "free"))
        labels = kept.labels if kept.k > 1 else kept.at_truth
        of_disease = associate("disease", labels, [diseases[r] for r in rows])
        of_group = associate("group", labels, [groups[r] for r in rows])
        lines.append(
            f"| {gene} | {len(rows)} | {len({groups[r] for r in rows})} | {len(names)} | {kept.p:.2f} | {kept.k} "
            f"| {free.p:.2f} | {'' if of_disease is None else f'{of_disease.adjusted_mutual_information:.2f}'} "
            f"| {'' if of_group is None else f'{of_group.tells:.2f}'} |"
        )
        print(lines[-1], flush=True)
    return lines


def codes_of(prepared: Prepared) -> NDArray[np.int64]:
    if prepared.groups is None:
        raise SystemExit("the cohort has no publications")
    return prepared.groups


def share(found: list[Answer], config: DiscoverConfig) -> str:
    """How many have p at or below the level, and the 95 % interval of that share."""
    called = sum(a.p <= config.level + 1e-12 for a in found)
    interval = binomtest(called, len(found)).proportion_ci()
    return f"{called / len(found):.3f} ({interval.low:.2f} to {interval.high:.2f})"


def ari(case: Case, labels: NDArray[np.int64]) -> float:
    return float(adjusted_rand_score(case.truth, labels))


def rand(cases: list[Case], found: list[Answer]) -> str:
    """Mean adjusted Rand index; that of a set that was not divided is 0."""
    return f"{np.mean([ari(case, a.labels) for case, a in zip(cases, found, strict=True)]):.2f}"


if __name__ == "__main__":
    main()
