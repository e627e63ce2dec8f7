"""Leave-gene-out: does the meta-trained fusion head beat the fixed kernel on genes it has not seen?

Every gene with at least 10 individuals from 3 publications is scored by the out-of-fold prototype on the fixed kernel
and on the kernels of heads trained on the genes of the other folds, in two designs: four random controls a case with
publications dealt to folds, and the screen's matched controls with whole blocks dealt to folds. No fold looks at a
label. The settings of the training were chosen on those genes, not on the other genes with at least 5 individuals from
2 publications, which are reported beside.

What the difference does not show: a gene's controls are among those its head was trained on, its cases are not, so that
the two are told apart even where the gene means nothing. A screen therefore does not offer the head.

Usage: python benchmarks/fusion_head.py COHORT.jsonl.gz [--draws 4] [--seeds 3] [--out FILE.md]
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from phenojax import load_ontology, read_cohort, stats
from phenojax.fusion import head
from phenojax.fusion.directions import unit_closures
from phenojax.fusion.meta import MetaConfig
from phenojax.fusion.tasks import CohortArrays, CrossFitted, TaskConfig, cross_fit
from phenojax.screen.config import ScreenConfig
from phenojax.screen.plan import match_controls
from phenojax.screen.prepare import Prepared, prepare

ROOT = "HP:0000118"
FOLDS = 10
SEED = 100
# name, what is trained, pull towards the fixed kernel
ARMS = (
    ("publication directions", ("publication",), 1e-4),
    ("all gates", ("branch", "by_ic", "log_gamma", "log_beta", "publication"), 1e-3),
)


class Draw(NamedTuple):
    """One sample of one gene: cohort rows with the cases first, and folds without labels."""

    design: str
    gene: int
    rows: np.ndarray
    labels: np.ndarray
    folds: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=3, help="deals of the genes to folds, averaged")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    cohort, ontology = read_cohort(arguments.cohort), load_ontology()
    prepared = prepare(cohort, ontology, ScreenConfig())
    arrays, terms, branches = gather(prepared)
    draws = sample(prepared, arrays, arguments.draws)
    x = unit_closures(arrays.features, terms.conditional_ic)
    fixed = evaluate(draws, arrays, lambda _: x)
    lines = [
        "| kernel | genes; controls | n | AUC | median | within folds | AUC: difference (SE) | within: the same |",
        "|---|---|---|---|---|---|---|---|",
        *rows("fixed", fixed, fixed),
    ]
    notes = []
    for name, trained, pull in ARMS:
        found, seconds = [], 0.0
        for seed in range(SEED, SEED + arguments.seeds):
            start = time.perf_counter()
            fitted = cross_fit(arrays, terms, seed=seed, task=TaskConfig(), meta=MetaConfig(pull=pull, trained=trained))
            seconds += (time.perf_counter() - start) / arguments.seeds
            found.append(evaluate(draws, arrays, embeddings(fitted, arrays), fitted))
            print(name, seed, *rows(name, found[-1], fixed), sep="\n", flush=True)
        lines += rows(name, {key: np.mean([one[key] for one in found], axis=0) for key in fixed}, fixed)
        notes += [f"* {name}: {seconds:.0f} s of training; with the last deal {moved(fitted, branches)}"]
    text = "\n".join(
        [
            f"{datetime.date.today()}; {os.cpu_count()} cores; jax {version('jax')}, dm-haiku {version('dm-haiku')}; "
            f"HPO {ontology.version}; {arguments.draws} draws of controls a gene; "
            f"{TaskConfig().gene_folds} folds of genes, dealt {arguments.seeds} times; SE over genes",
            "",
            *lines,
            "",
            *notes,
        ]
    )
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# The fusion head, leave-gene-out\n\n{text}\n")


def gather(prepared: Prepared) -> tuple[CohortArrays, head.Terms, list[str]]:
    """The cohort as arrays over the terms in use, and the names of the branches, the rest last."""
    ontology, closures = prepared.ontology, prepared.closures
    n = len(prepared.cohort)
    held = np.zeros((n, ontology.n_terms), dtype=bool)
    held[np.repeat(np.arange(n), closures.lengths), closures.indices] = True
    used = np.flatnonzero(held.any(axis=0) & (prepared.weights > 0))
    branches = sorted(ontology.children(ROOT))
    member = np.zeros((len(branches) + 1, ontology.n_terms), dtype=np.float32)
    place = {term: i for i, term in enumerate(ontology.term_ids)}
    for row, branch in enumerate(branches):
        member[row, [place[term] for term in (branch, *ontology.descendants(branch))]] = 1
    member[-1] = member.sum(axis=0) == 0
    member = member[:, used]
    names = sorted({i.gene for i in prepared.cohort if i.gene})
    code = {name: i for i, name in enumerate(names)}
    genes = np.array([code.get(i.gene or "", -1) for i in prepared.cohort])
    none = np.zeros((len(used), 0), np.float32)
    terms = head.Terms(
        prepared.weights[used].astype(np.float32), prepared.ic[used].astype(np.float32), member / member.sum(axis=0),
        none, none[0],
    )  # fmt: skip
    assert prepared.groups is not None
    return CohortArrays(held[:, used], genes, prepared.groups), terms, [*map(ontology.label, branches), "the rest"]


def sample(prepared: Prepared, arrays: CohortArrays, draws: int) -> list[Draw]:
    has, found = arrays.features.any(axis=1), []
    for gene in range(arrays.genes.max() + 1):
        cases = np.flatnonzero((arrays.genes == gene) & has)
        n_groups = len(np.unique(arrays.groups[cases]))
        if len(cases) < 5 or n_groups < 2:
            continue
        which = "at least 10 individuals, 3 publications" if len(cases) >= 10 and n_groups >= 3 else "the other genes"
        near = np.isin(arrays.groups, arrays.groups[arrays.genes == gene])
        others = np.flatnonzero(has & ~near & (arrays.genes != gene))
        for draw in range(draws):
            rng = np.random.default_rng(draw)
            rows = np.append(cases, rng.choice(others, min(len(others), 4 * len(cases)), replace=False))
            labels = np.arange(len(rows)) < len(cases)
            found.append(Draw(f"{which}; random", gene, rows, labels, deal(rng, arrays.groups[rows])))
            plan = match_controls(rng, cases, others, prepared.covariates, max(4 * len(cases), 100))
            design = stats.make_design(plan.labels, arrays.groups[plan.rows], plan.matched_sets)
            found.append(
                Draw(f"{which}; matched", gene, plan.rows, plan.labels, deal(rng, design.blocks[design.groups]))
            )
    return found


def deal(rng: np.random.Generator, units: np.ndarray) -> np.ndarray:
    """Whole units to folds, at random."""
    dense = np.unique(units, return_inverse=True)[1]
    n = dense.max() + 1
    return (rng.permutation(n) % min(FOLDS, n))[dense]


def embeddings(fitted: CrossFitted, arrays: CohortArrays) -> Callable[[int], Any]:
    """The kernel's factors in each fold, for everybody at once."""
    parts = [
        tuple(map(np.asarray, jax.jit(head.embed)(params, arrays.features, terms)))
        for params, terms in zip(fitted.params, fitted.terms, strict=True)
    ]
    return lambda fold: parts[fold]


def evaluate(
    draws: list[Draw], arrays: CohortArrays, factors: Callable[[int], Any], fitted: CrossFitted | None = None
) -> dict[str, np.ndarray]:
    """Pooled AUC and AUC within folds of every gene, ``(genes, 2)`` for each design."""
    by_gene: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for draw in draws:
        if fitted is None:
            x = factors(0)[draw.rows]
            product, beta = x @ x.T, head.SHARPNESS
        else:
            fold = int(fitted.fold_of_gene[draw.gene])
            x, taken, along = (part[draw.rows] for part in factors(fold))
            product = x @ x.T - taken @ along.T
            found = head.gates(fitted.params[fold], len(fitted.terms[fold].branches))
            beta = head.SHARPNESS * float(np.exp(found.log_beta))
        norm = np.sqrt(np.diag(product))
        score = prototype(np.exp(beta * (product / np.outer(norm, norm) - 1)), draw, arrays.groups[draw.rows])
        pair = stats.auc(draw.labels, score), stats.auc_within(draw.labels, score, draw.folds)
        by_gene.setdefault(draw.design, {}).setdefault(draw.gene, []).append(pair)
    return {name: np.array([np.nanmean(v, axis=0) for v in genes.values()]) for name, genes in by_gene.items()}


def prototype(kernel: np.ndarray, draw: Draw, groups: np.ndarray) -> np.ndarray:
    dense = np.unique(groups, return_inverse=True)[1]
    score = np.zeros(len(dense))
    for fold in np.unique(draw.folds):
        train = draw.folds != fold
        weight = []
        for members in (train & draw.labels, train & ~draw.labels):
            size = np.bincount(dense, weights=members)
            weight.append(members / np.maximum(size[dense], 1) / max((size > 0).sum(), 1))
        if all(part.any() for part in weight):
            score[~train] = kernel[~train] @ (weight[0] - weight[1])
    return np.round(score, 6)


def rows(name: str, found: dict[str, np.ndarray], fixed: dict[str, np.ndarray]) -> list[str]:
    lines = []
    for design, auc in found.items():
        change = auc - fixed[design]
        error = np.nanstd(change, axis=0, ddof=1) / np.sqrt(len(change))
        mean = np.nanmean(change, axis=0)
        compared = [f"{m:+.4f} ({e:.4f})" if name != "fixed" else "" for m, e in zip(mean, error, strict=True)]
        figures = auc[:, 0].mean(), np.median(auc[:, 0]), np.nanmean(auc[:, 1])
        cells = [name, design, str(len(auc)), *(f"{value:.4f}" for value in figures), *compared]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def moved(fitted: CrossFitted, branches: list[str]) -> str:
    """What the parameters became: mean over folds."""
    gates = [head.gates(params, len(branches)) for params in fitted.params]
    mean = head.Gates(
        *(np.mean([np.asarray(value) for value in column], axis=0) for column in zip(*gates, strict=True))
    )
    order = np.argsort(-mean.branch)
    picked = [i for i in (*order[:3], *order[-3:]) if mean.branch[i] != 0]
    by_branch = "; ".join(f"{branches[i]} {np.exp(mean.branch[i]):.2f}" for i in picked)
    return (
        f"gamma {np.exp(mean.log_gamma):.2f}, beta {head.SHARPNESS * np.exp(mean.log_beta):.2f}, kappa "
        f"{np.expm1(mean.publication):.2f}, log-weight by IC {', '.join(f'{v:.2f}' for v in mean.by_ic)}"
        + (f", branches up and down: {by_branch}" if by_branch else "")
    )


if __name__ == "__main__":
    main()
