"""`discover`: subgroups inside a gene that nobody labelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.cohort import Cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.of_cohort import Embeddings, faces_of
from phenojax.ontology import Ontology, load_ontology
from phenojax.screen.config import Modality, ScreenConfig
from phenojax.screen.gene import LOOKED_AT
from phenojax.screen.prepare import Prepared, prepare
from phenojax.subgroups.config import DiscoverConfig
from phenojax.subgroups.consensus import consensus
from phenojax.subgroups.describe import (
    associations,
    describe,
    individuals_table,
    subgroups_table,
    terms_table,
    warnings_of,
)
from phenojax.subgroups.partition import cuts, explained, tree_of
from phenojax.subgroups.results import SubgroupResult
from phenojax.subgroups.sample import Individuals, individuals_of
from phenojax.subgroups.selection import Selection, select

Progress = Callable[[int, int], None]
# Fewer individuals than this for each subgroup, and a division is no longer looked at.
INDIVIDUALS_PER_SUBGROUP = 3


def discover(
    cohort: Cohort,
    gene: str,
    *,
    embeddings: Embeddings | None = None,
    ontology: Ontology | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> SubgroupResult:
    """Look for subgroups among the carriers of one gene, by their terms, faces or both.

    Individuals are clustered hierarchically by the kernel of the screen into 2, 3 ... subgroups. The p-value says how
    often one group *without* subgroups looks as divided: null sets keep how many terms each individual has, what each
    publication mentions of each organ system and how often, and in how many publications each term is mentioned; only
    which terms go together is chance (faces are rotated). Each null set is clustered anew, and the number of subgroups
    that speaks most against chance is sought in each.

    A gene is divided where p is at most ``level``: into as many subgroups as each explain more than one more would in
    null sets. Otherwise it is one group. Stability is measured by leaving out whole publications. It is research
    software and does not diagnose.

    A small p says that findings go together beyond publications and thoroughness, not why: a gradient of severity that
    touches some findings more than others does that too.

    Args:
        cohort: from `read_cohort` or `simulate`.
        gene: its carriers are looked at.
        embeddings: of the individuals' faces, as for `screen`.
        ontology: from `load_ontology`; the bundled release when not given.
        progress: called as ``progress(done, total)`` with the null sets done.
        **settings: fields of `DiscoverConfig`: ``max_k=5``, ``k=None``, ``group="group"``, ``permutations=1000``,
            ``seed=0`` ...

    Returns:
        ``table``, one row for each individual, ``subgroups``, ``terms`` and ``run``; ``k`` and ``p_value``.

    Raises:
        CohortError: nobody carries the gene, too few carriers have what is looked at, none has a face where faces are
            asked for, or there is no such column.
        ConfigError: a setting is unknown or out of range, ``k`` is too large for so few individuals, or the embeddings
            are not the cohort's.
        ResultError: a path of embeddings that leads to none.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> cohort = pj.simulate(onto, pj.SimulationConfig(n_genes=1, min_size=20, max_size=20), seed=1)
        >>> result = pj.discover(cohort, cohort.individuals[0].gene, ontology=onto, permutations=99)
        >>> result.k, result.table.num_rows
        (1, 20)
    """
    config = _config(settings)
    start = time.perf_counter()
    prepared, modality = _prepared(cohort, gene, embeddings, ontology, config)
    notes: list[str] = []
    rows = _looked_at(prepared, gene, modality, config, notes)
    individuals = individuals_of(prepared, rows, modality, keep_systems=config.keep_systems)
    found = search(individuals, gene, config, progress)
    k = config.k or (found.selection.best if found.selection.p_value <= config.level else 1)
    labels, stable = np.zeros(len(rows), dtype=np.int64), None
    if k > 1:
        labels = _by_size(found.labels[k - 2])
        rng = stats.stream(config.seed, "consensus", gene)
        stable = consensus(rng, found.squared, individuals.groups, labels, config.linkage, config.resamples)
    with_columns = associations(prepared, rows, labels)
    notes += _verdict(found.selection, k, config)
    notes += warnings_of(prepared, rows, labels, stable, with_columns)
    run = describe(prepared, with_columns, notes) | {
        "gene": gene,
        "modality": modality.value,
        "n_individuals": len(rows),
        "n_groups": len(np.unique(individuals.groups)),
        **_numbers(found, k, config),
        "config": config.to_dict(),
        "seed": config.seed,
        "timings": {"total": round(time.perf_counter() - start, 3)},
    }
    return SubgroupResult(
        individuals_table(prepared, rows, labels, stable),
        subgroups_table(prepared, rows, labels, stable),
        terms_table(prepared, rows, labels),
        run,
    )


class Found(NamedTuple):
    """What clustering and test of n individuals gave.

    Attributes:
        squared: squared distances, float64 ``(n, n)``.
        labels: int64 ``(most - 1, n)``: parts of cutting into 2, 3 ... ``most``.
        shares: what the numbers that were looked at explain.
        selection: how that compares with null sets.
    """

    squared: NDArray[np.float64]
    labels: NDArray[np.int64]
    shares: NDArray[np.float64]
    selection: Selection


def search(individuals: Individuals, gene: str, config: DiscoverConfig, progress: Progress | None = None) -> Found:
    """Cluster individuals and as many null sets; ``gene`` names the random streams.

    Raises:
        ConfigError: ``config.k`` is more than half of the individuals.
    """
    n = len(individuals.rows)
    most = min(config.max_k, n // INDIVIDUALS_PER_SUBGROUP) if config.k is None else config.k
    if config.k is not None and config.k > n // 2:
        raise ConfigError(f"k is {config.k}, but {gene} has {n} individuals: at most {n // 2} subgroups")

    def cut(squared: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        labels = cuts(tree_of(squared, config.linkage), most)
        shares = explained(squared, labels)
        if config.k is not None:  # one number was asked for: the others play no part
            shares = shares[-1:]
        return labels, shares

    squared = individuals.observed()
    labels, shares = cut(squared)
    rng = stats.stream(config.seed, "null", gene)
    null = np.empty((config.permutations, len(shares)))
    for done in range(config.permutations):
        null[done] = cut(individuals.null(rng))[1]
        if progress is not None:
            progress(done + 1, config.permutations)
    return Found(squared, labels, shares, select(shares, null, config.level))


def _prepared(
    cohort: Cohort, gene: str, embeddings: Embeddings | None, ontology: Ontology | None, config: DiscoverConfig
) -> tuple[Prepared, Modality]:
    """The gene's carriers in the order of their ids, and the one modality that is looked at."""
    carriers = [row for row, individual in enumerate(cohort) if individual.gene == gene]
    if not carriers:
        raise CohortError(f"{cohort.source}: no individual carries {gene}")
    faces = None if embeddings is None else faces_of(cohort, embeddings)
    carriers.sort(key=cohort.ids.__getitem__)
    cohort, faces = cohort.subset(carriers), None if faces is None else faces.take(carriers)
    if faces is not None and not faces.present.any():
        if config.modality in (Modality.FACE, Modality.BOTH):
            raise CohortError(
                f"{cohort.source}: modality={config.modality.value!r} looks at faces, and no carrier of {gene} has one "
                "among the embeddings; use 'hpo', or embed photographs of them"
            )
        faces = None
    settings = ScreenConfig(
        modality=config.modality, group=config.group, seed=config.seed, ic=config.ic, covariates=(),
        exclude_terms=config.exclude_terms, on_unknown=config.on_unknown, threads=config.threads,
    )  # fmt: skip
    prepared = prepare(cohort, ontology if ontology is not None else load_ontology(), settings, faces)
    return prepared, prepared.modalities[-1]


def _looked_at(
    prepared: Prepared, gene: str, modality: Modality, config: DiscoverConfig, notes: list[str]
) -> NDArray[np.int64]:
    rows = np.flatnonzero(prepared.has(modality))
    if len(rows) < config.min_individuals:
        raise CohortError(
            f"{prepared.cohort.source}: {len(rows)} carriers of {gene} have {LOOKED_AT[modality]}, and subgroups are "
            f"looked for among {config.min_individuals} or more"
        )
    if len(rows) < len(prepared.cohort):
        notes.append(f"{len(prepared.cohort) - len(rows)} without {LOOKED_AT[modality]} left out")
    if len(rows) > config.max_individuals:
        notes.append(f"{config.max_individuals} of {len(rows)} drawn at random")
        drawn = stats.stream(config.seed, "thin", gene).choice(rows, config.max_individuals, replace=False)
        rows = np.sort(drawn)
    return rows


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number parts from the largest on."""
    order = np.argsort(-np.bincount(labels), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[labels]


def _verdict(selection: Selection, k: int, config: DiscoverConfig) -> list[str]:
    if config.k is not None:
        return [f"{k} subgroups were asked for; p is for that number alone"]
    if k > 1:
        return []
    return [
        f"one group: of null sets without subgroups {selection.p_value:.0%} look as divided; the best division would "
        f"be into {selection.best}"
    ]


def _numbers(found: Found, k: int, config: DiscoverConfig) -> dict[str, Any]:
    selection = found.selection
    tried = [config.k] if config.k is not None else list(range(2, 2 + len(found.shares)))
    return {
        "k": k,
        "p_value": selection.p_value,
        "min_p": 1.0 / (1 + config.permutations),
        "n_permutations": config.permutations,
        "by_k": [
            {
                "k": number,
                "explained": float(found.shares[i]),
                "explained_null": float(selection.null_mean[i]),
                "excess": float(selection.excess[i]),
                "p_uncorrected": float(selection.p_values[i]),
                "p_step": float(selection.p_steps[i]),
            }
            for i, number in enumerate(tried)
        ],
    }


def _config(settings: dict[str, Any]) -> DiscoverConfig:
    known = [f.name for f in fields(DiscoverConfig)]
    for name in settings:
        if name not in known:
            raise ConfigError(f"no setting {name!r}; there are {', '.join(known)}")
    return DiscoverConfig(**settings)
