"""How often the nearest individuals of a published one have its gene, others of its own publication left out.

Usage: python benchmarks/matchmaking.py COHORT [--out benchmarks/results/matchmaking.md]

COHORT has genes and its publications as groups (phenopacket-store). Asked is for everybody whose gene another
publication has too; candidates are all individuals of other publications. Annotations that cite the cohort's own
publications are left out. The rank is that of the first candidate of the same gene, and candidates of other genes with
the same score come first (against us). Intervals: 2,000 bootstrap samples of genes. Faces: a simulated cohort, since no
public one has both.

The weights and the temperature were fitted on the genes of half A. The form of the score was not: its parts, and the
power .25, come from a prototype that had seen all of this cohort, and both halves were looked at while it was written.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import Cohort, Ontology, SimulationConfig, load_ontology, nearest, read_cohort, similarity, simulate
from phenojax.similarity import causes, encode_sets, matchmaking
from phenojax.similarity.matchmaking import WEIGHTS, Matchmaker, Weights
from phenojax.similarity.tiles import QUERIES

THREADS = 2
TOP = (1, 5, 10, 50)
RESAMPLES = 2000
SEEN = (
    "Weights and temperature were fitted on half A. The form of the score was not: its parts, and the power .25, come "
    "from a prototype that had seen all of this cohort, and both halves were looked at while it was written."
)


class Task(NamedTuple):
    """Who asks, who may answer, and who is an answer; all over the individuals of one cohort."""

    asks: NDArray[np.int64]
    gene: NDArray[np.int64]
    may: NDArray[np.bool_]
    right: NDArray[np.bool_]
    half_a: NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    logging.getLogger("phenojax").setLevel(logging.ERROR)  # publications that no annotation cites: most of them
    cohort, whole = read_cohort(arguments.cohort), load_ontology()
    publications = sorted({group for group in cohort.values("group") if group is not None})
    onto = whole.without_references(publications)
    task = make_task(cohort, onto)
    lines = [
        f"{datetime.date.today()}; {platform.machine()}, {os.cpu_count()} cores ({THREADS} used); phenojax "
        f"{version('phenojax')}, numpy {np.__version__}; HPO {whole.version}",
        "",
        f"{len(cohort):,} individuals; {len(task.asks):,} have another publication of their gene "
        f"({task.half_a.sum():,} in half A of the genes). Annotations of {len(publications)} publications left out.",
        "",
        SEEN,
    ]
    print("\n".join(lines))
    parts = part_by_part(cohort, onto)
    for section in (
        lambda: against_the_baseline(cohort, onto, task, np.sum(list(parts.values()), axis=0)),
        lambda: ablation(task, parts),
        lambda: with_faces(whole),
        lambda: constants(cohort, onto, task, parts),
        lambda: times(cohort, whole, onto),
    ):
        found = section()
        print("\n".join(found), flush=True)
        lines += found
    if arguments.out:
        text = "\n".join(lines)
        arguments.out.write_text(f"# Finding another individual of the same gene\n\n{text}\n")


def make_task(cohort: Cohort, onto: Ontology) -> Task:
    described = encode_sets("cohort", cohort, onto).lengths > 0
    gene, group = (
        np.unique([value or "" for value in cohort.values(name)], return_inverse=True)[1] for name in ("gene", "group")
    )
    has_gene = np.array([value is not None for value in cohort.values("gene")])
    may = (group[:, None] != group) & described
    right = may & (gene[:, None] == gene) & has_gene
    asks = np.flatnonzero(right.any(axis=1) & described)
    half_a = np.random.default_rng(0).permutation(gene.max() + 1) % 2 == 0
    return Task(asks, gene, may, right, half_a[gene[asks]])


def ranks(scores: NDArray[np.float32], task: Task) -> NDArray[np.int64]:
    """Rank of the first right answer, equals of other genes before it."""
    out = np.empty(len(task.asks), dtype=np.int64)
    for number, row in enumerate(task.asks.tolist()):
        line, may, right = np.round(scores[row], 5), task.may[row], task.right[row]
        out[number] = 1 + np.count_nonzero(line[may & ~right] >= line[right].max())
    return out


def figures(rank: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.array([*(np.mean(rank <= k) for k in TOP), np.mean(1 / rank)])


def written(name: str, rank: NDArray[np.int64], task: Task) -> str:
    a, b = rank[task.half_a], rank[~task.half_a]
    halves = [f"{np.mean(half <= 10):.3f} / {np.mean(1 / half):.3f}" for half in (a, b)]
    return f"| {name} | {' | '.join(f'{x:.3f}' for x in figures(rank))} | {' | '.join(halves)} |"


HEAD = (
    "",
    "| | top 1 | top 5 | top 10 | top 50 | MRR | half A: top 10 / MRR | half B |",
    "|---" * 8 + "|",
)


def by_matchmaking(cohort: Cohort, onto: Ontology, weights: Weights = WEIGHTS) -> NDArray[np.float32]:
    matchmaker = Matchmaker(onto, weights=weights, threads=THREADS)
    profiles = matchmaker.profiles(encode_sets("cohort", cohort, onto))
    n = len(cohort)
    blocks = (slice(start, min(start + QUERIES, n)) for start in range(0, n, QUERIES))
    return np.concatenate([matchmaker(profiles.rows(block), profiles) for block in blocks])


def part_by_part(cohort: Cohort, onto: Ontology) -> dict[str, NDArray[np.float32]]:
    """The weighted parts, whose sum is the score."""
    return {part: by_matchmaking(cohort, onto, only(part)) for part in Weights._fields}


def only(*parts: str) -> Weights:
    return Weights(*(weight if name in parts else 0.0 for name, weight in WEIGHTS._asdict().items()))


def against_the_baseline(cohort: Cohort, onto: Ontology, task: Task, ours: NDArray[np.float32]) -> list[str]:
    check(cohort, onto, ours, task)
    found, baseline = ranks(ours, task), ranks(similarity(cohort, ontology=onto), task)
    sampled = resampled(np.stack([gains(baseline, found, at) for at in (*TOP, None)]), task.gene[task.asks])
    low, high = np.quantile(sampled, (0.025, 0.975), axis=0)
    gain = figures(found) - figures(baseline)
    cells = [f"{g:+.3f} ({a:+.3f} to {b:+.3f})" for g, a, b in zip(gain, low, high, strict=True)]
    lines = ["", "## Against the best-match average", *HEAD]
    lines += [written("bma (Resnik)", baseline, task), written("matchmaking", found, task)]
    lines += [f"| paired gain, 95 % by genes | {' | '.join(cells)} | | |", ""]
    per_gene = [by_gene(rank, task) for rank in (baseline, found)]
    lines.append(f"Every gene counting alike, MRR {per_gene[0]:.3f} and {per_gene[1]:.3f}.")
    return lines


def gains(baseline: NDArray[np.int64], ours: NDArray[np.int64], at: int | None) -> NDArray[np.float64]:
    if at is None:
        return 1 / ours - 1 / baseline
    return (ours <= at).astype(np.float64) - (baseline <= at)


def resampled(values: NDArray[np.float64], gene: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means of ``values`` (figures, queries) over bootstrap samples of genes: ``(RESAMPLES, figures)``."""
    names, of = np.unique(gene, return_inverse=True)
    sums = np.stack([np.bincount(of, line, len(names)) for line in values], axis=1)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    return (drawn @ sums) / (drawn @ np.bincount(of, minlength=len(names)))[:, None]


def by_gene(rank: NDArray[np.int64], task: Task) -> float:
    _, of = np.unique(task.gene[task.asks], return_inverse=True)
    return float(np.mean(np.bincount(of, 1 / rank) / np.bincount(of)))


def check(cohort: Cohort, onto: Ontology, scores: NDArray[np.float32], task: Task) -> None:
    """The public function gives the best of this matrix."""
    rows, found = nearest(cohort, k=20, method="matchmaking", exclude_same="group", ontology=onto, threads=THREADS)
    best = np.sort(np.where(task.may & ~np.eye(len(cohort), dtype=bool), scores, -1), axis=1)[:, ::-1][:, :20]
    worst = np.abs(np.where(rows < 0, best, found) - best).max()
    if worst > 1e-4:
        raise SystemExit(f"nearest differs from the whole matrix by up to {worst}")


def ablation(task: Task, alone: dict[str, NDArray[np.float32]]) -> list[str]:
    lines = ["", "## What each part is worth", *HEAD]
    for part, scores in alone.items():
        lines.append(written(f"{part} alone", ranks(scores, task), task))
    whole = np.sum(list(alone.values()), axis=0)
    lines += [written(f"without {part}", ranks(whole - scores, task), task) for part, scores in alone.items()]
    lines.append(written("all", ranks(whole, task), task))
    pairs = task.may[task.asks[task.half_a]]
    spread = {
        part: scores[task.asks[task.half_a]][pairs].std() / getattr(WEIGHTS, part) for part, scores in alone.items()
    }
    told = ", ".join(f"{part} {value:.3f} (weight {getattr(WEIGHTS, part):g})" for part, value in spread.items())
    return [*lines, "", f"Standard deviation of each part by itself over the pairs of half A: {told}."]


def constants(cohort: Cohort, onto: Ontology, task: Task, parts: dict[str, NDArray[np.float32]]) -> list[str]:
    lines = ["", "## Other constants", *HEAD]
    for module, name, values, changed in (
        (matchmaking, "SIZE_POWER", (0.0, 0.125, 0.25, 0.375, 0.5), ("closures", "stated")),
        (causes, "TEMPERATURE", (1.0, 2.0, 4.0, 6.0, 8.0), ("causes",)),
    ):
        kept = getattr(module, name)
        same = np.sum([scores for part, scores in parts.items() if part not in changed], axis=0)
        for value in values:
            setattr(module, name, value)
            mark = " (kept)" if value == kept else ""
            scores = same + by_matchmaking(cohort, onto, only(*changed))
            lines.append(written(f"{name} {value:g}{mark}", ranks(scores, task), task))
        setattr(module, name, kept)
    return lines


def with_faces(onto: Ontology) -> list[str]:
    config = SimulationConfig(n_genes=150, min_size=3, max_size=12, papers=3, mean_terms=3.0, var_terms=4.0)
    cohort = simulate(onto, config, seed=0)
    task = make_task(cohort, onto)
    rng = np.random.default_rng(0)
    genes = np.unique([gene or "" for gene in cohort.values("gene")], return_inverse=True)[1]
    noise = rng.normal(size=(len(cohort), 128)) + 1
    direction = rng.normal(size=(genes.max() + 1, 128))
    half = np.where(rng.random(len(cohort))[:, None] < 0.5, np.nan, noise + 0.6 * direction[genes])
    lines = [
        "",
        "## With faces (simulated)",
        "",
        f"{len(cohort):,} individuals of {genes.max() + 1} genes drawn from the annotations, 3 terms each on the mean; "
        f"{len(task.asks):,} asked. Vectors of 128 numbers that nobody computed: noise, and a direction of each gene.",
        "",
        "| | top 1 | top 10 | MRR (first 50) |",
        "|---|---|---|---|",
    ]
    for name, vectors in (
        ("terms alone", None),
        ("faces that carry the gene", noise + 0.6 * direction[genes]),
        ("the same, half of them missing", half),
        ("faces that carry little", noise + 0.25 * direction[genes]),
        ("faces that are noise", noise),
    ):
        rows, _ = nearest(cohort, k=50, method="matchmaking", exclude_same="group", embeddings=vectors, ontology=onto)
        right = (rows >= 0) & task.right[np.arange(len(cohort))[:, None], rows]
        place = np.where(right.any(axis=1), 1 + right.argmax(axis=1), np.inf)[task.asks]
        lines.append(f"| {name} | {np.mean(place <= 1):.3f} | {np.mean(place <= 10):.3f} | {np.mean(1 / place):.3f} |")
    return lines


def times(cohort: Cohort, whole: Ontology, onto: Ontology) -> list[str]:
    large = simulate(whole, SimulationConfig(n_individuals=10_000), seed=0).subset(list(range(10_000)))
    lines = ["", "## Time", "", "Median of three, the two in turn, the release's own tables made before.", ""]
    lines += ["| | bma, s | matchmaking, s | ratio |", "|---|---|---|---|"]
    for name, people, release in (
        (f"{len(cohort):,} x {len(cohort):,}, dev cohort", cohort, onto),
        ("10,000 x 10,000, simulated", large, whole),
    ):
        seconds: dict[str, list[float]] = {"similarity": [], "matchmaking": []}
        nearest(people.subset([0, 1]), method="matchmaking", ontology=release)
        for _ in range(3):
            for method, taken in seconds.items():
                start = time.perf_counter()
                nearest(people, method=method, exclude_same="group", ontology=release, threads=THREADS)
                taken.append(time.perf_counter() - start)
        one, other = (float(np.median(taken)) for taken in seconds.values())
        lines.append(f"| {name} | {one:.1f} | {other:.1f} | {other / one:.1f} |")
    return lines


if __name__ == "__main__":
    main()
