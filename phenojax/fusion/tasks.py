"""From a cohort's arrays to the head's training genes, and one trained head for every fold of genes (NumPy).

Leave-gene-out: genes are dealt to folds; the head of a fold is trained on the genes of the other folds, and whoever
carries a gene of the fold, or shares a group with such a carrier, takes no part in it, neither as a case nor as a
control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.directions import Directions, publication_directions, unit_closures
from phenojax.fusion.head import Params, Terms
from phenojax.fusion.meta import MetaConfig, Tasks, train


@dataclass(frozen=True)
class TaskConfig:
    """Which genes the head learns from, and how each is laid out.

    Attributes:
        min_cases: a training gene has at least so many carriers.
        min_groups: from at least so many groups.
        max_cases: of more, so many are drawn.
        size: cases and controls together.
        draws: how many times cases and controls of a gene are drawn.
        term_step: the number of terms is padded to a multiple of this.
        gene_folds: genes are dealt to so many folds.
        directions: at most so many directions are kept.
    """

    min_cases: int = 5
    min_groups: int = 2
    max_cases: int = 24
    size: int = 96
    draws: int = 1
    term_step: int = 256
    gene_folds: int = 5
    directions: int = 256


class CohortArrays(NamedTuple):
    """What is learnt from; n individuals.

    Attributes:
        features: bool ``(n, t)``; whether the closure of the individual holds the term.
        genes: int64 ``(n,)``; 0 .. n_genes - 1, and -1 for an individual without a gene.
        groups: int64 ``(n,)`` codes.
    """

    features: NDArray[np.bool_]
    genes: NDArray[np.int64]
    groups: NDArray[np.int64]


class CrossFitted(NamedTuple):
    """Heads of the gene folds.

    Attributes:
        fold_of_gene: int64 ``(n_genes,)``.
        params: one set of parameters a fold.
        terms: of each fold, with the directions of the other folds' genes.
        n_genes: how many genes each was trained on.
        losses: float32 ``(folds, steps)``.
    """

    fold_of_gene: NDArray[np.int64]
    params: list[Params]
    terms: list[Terms]
    n_genes: list[int]
    losses: NDArray[np.float32]


def cross_fit(cohort: CohortArrays, terms: Terms, *, seed: int, task: TaskConfig, meta: MetaConfig) -> CrossFitted:
    """Train a head for every fold of genes on the genes of the other folds.

    The directions of a training gene are made without the genes of its own fold too, so that the head learns what
    they are worth to a gene they have not seen.

    Args:
        cohort: individuals.
        terms: of the cohort, without directions; those are made here.
        seed: of the deal of genes, the draws and the order of training.
        task: which genes are learnt from.
        meta: how.

    Raises:
        ValueError: a fold leaves no gene to learn from.
    """
    n_genes = int(cohort.genes.max(initial=-1)) + 1
    fold_of_gene = np.random.default_rng([seed, 0]).permutation(n_genes) % task.gene_folds
    x = unit_closures(cohort.features, np.asarray(terms.conditional_ic))
    made: dict[frozenset[int], Directions] = {}

    def without(*folds: int) -> Directions:
        if (key := frozenset(folds)) not in made:
            rows = usable(cohort, np.isin(fold_of_gene, folds))
            made[key] = publication_directions(x, cohort.genes, cohort.groups, rows, task.directions)
        return made[key]

    params, own, counts, losses = [], [], [], []
    for fold in range(task.gene_folds):
        tasks = make_tasks(
            cohort, usable(cohort, fold_of_gene == fold), fold_of_gene, meta.folds, [seed, 1, fold], task
        )
        if tasks is None:
            raise ValueError(
                f"no gene has {task.min_cases} carriers from {task.min_groups} groups outside fold {fold} of the genes"
            )
        stacked = [without(fold, other) for other in range(task.gene_folds)]
        learnt = terms._replace(
            directions=jnp.stack([one.directions for one in stacked]), spread=jnp.stack([one.spread for one in stacked])
        )
        found, loss = train(jax.random.key(seed), tasks, learnt, config=meta)
        directions, spread = map(jnp.asarray, without(fold))
        params.append(found)
        own.append(terms._replace(directions=directions, spread=spread))
        counts.append(len(tasks.labels) // task.draws)
        losses.append(np.asarray(loss))
    return CrossFitted(fold_of_gene, params, own, counts, np.stack(losses))


def usable(cohort: CohortArrays, held_out: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows with terms that neither carry a ``held_out`` gene, bool ``(n_genes,)``, nor share a carrier's group."""
    carrier = np.append(held_out, False)[cohort.genes]
    near = np.isin(cohort.groups, cohort.groups[carrier])
    return np.flatnonzero(~near & cohort.features.any(axis=1))


def make_tasks(
    cohort: CohortArrays,
    rows: NDArray[np.int64],
    fold_of_gene: NDArray[np.int64],
    folds: int,
    seed: Sequence[int],
    config: TaskConfig,
) -> Tasks | None:
    """Lay out every gene among ``rows`` that has carriers enough; None when none has."""
    rng = np.random.default_rng(seed)
    drawn = []
    for gene in np.unique(cohort.genes[rows]):
        cases = rows[cohort.genes[rows] == gene]
        if gene < 0 or len(cases) < config.min_cases or len(np.unique(cohort.groups[cases])) < config.min_groups:
            continue
        others = rows[(cohort.genes[rows] != gene) & ~np.isin(cohort.groups[rows], cohort.groups[cases])]
        drawn += [(_draw(rng, cohort, cases, others, config), int(fold_of_gene[gene])) for _ in range(config.draws)]
    if not drawn:
        return None
    seen = [np.flatnonzero(cohort.features[of].any(axis=0)) for (of, _), _ in drawn]
    wide = -(-max(map(len, seen)) // config.term_step) * config.term_step
    m, n = len(drawn), config.size
    features, terms = np.zeros((m, n, wide), np.uint8), np.full((m, wide), -1, np.int32)
    labels, valid, groups, in_fold = (np.zeros((m, n), kind) for kind in (bool, bool, np.int32, np.int32))
    for row, ((of, n_cases), _) in enumerate(drawn):
        k, t = len(of), len(seen[row])
        features[row, :k, :t] = cohort.features[np.ix_(of, seen[row])]
        terms[row, :t] = seen[row]
        labels[row, :n_cases] = valid[row, :k] = True
        groups[row, :k] = np.unique(cohort.groups[of], return_inverse=True)[1]
        in_fold[row, :k] = _deal(rng, groups[row, :k], n_cases, folds)
    inner = np.array([fold for _, fold in drawn], dtype=np.int32)
    return Tasks(*map(jnp.asarray, (features, terms, labels, groups, in_fold, valid, inner)))


def _draw(
    rng: np.random.Generator,
    cohort: CohortArrays,
    cases: NDArray[np.int64],
    others: NDArray[np.int64],
    config: TaskConfig,
) -> tuple[NDArray[np.int64], int]:
    """One draw of one gene, cases first, and how many they are: cases spread over their groups, controls at random."""
    cases = _spread(rng, cases, cohort.groups[cases], min(config.max_cases, config.size // 2))
    return np.append(cases, rng.permutation(others)[: config.size - len(cases)]), len(cases)


def _deal(rng: np.random.Generator, groups: NDArray[np.int32], n_cases: int, folds: int) -> NDArray[np.int64]:
    """Deal groups to folds, those of cases first: no test is made of training genes, so their folds may see labels."""
    with_case = np.unique(groups[:n_cases])
    order = np.append(rng.permutation(with_case), rng.permutation(np.setdiff1d(groups, with_case)))
    fold_of_group = np.empty(len(order), dtype=np.int64)
    fold_of_group[order] = np.arange(len(order)) % min(folds, max(len(with_case), 2))
    return fold_of_group[groups]


def _spread(
    rng: np.random.Generator, rows: NDArray[np.int64], groups: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """At most ``most`` rows, taken from the groups in turn."""
    order = rng.permutation(len(rows))
    turn = np.empty(len(rows), dtype=np.int64)
    for group in np.unique(groups):
        members = order[groups[order] == group]
        turn[members] = np.arange(len(members))
    return rows[order[np.argsort(turn[order], kind="stable")][:most]]
