"""Diseases or genes for each individual, those first in which its terms are likeliest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity.empirical import NullScores
from phenojax.similarity.frequencies import target_frequencies
from phenojax.similarity.gene_likelihood import GeneScorer, gene_scorer
from phenojax.similarity.hits import Hits, as_keys, best_hits
from phenojax.similarity.likelihood import Gains, LikelihoodScorer
from phenojax.similarity.likelihood_matches import Carried, carried_column, carried_terms
from phenojax.similarity.rank_table import individual_ids, likelihood_table, with_undescribed
from phenojax.similarity.scorer import ScoredSets, scored_sets
from phenojax.similarity.targets import find_targets
from phenojax.similarity.term_sets import TermSets, check_anybody

# Scores held at a time: individuals are taken so many at once that they fit into this, whatever the cohort's size.
_TILE_BYTES = 1 << 26
# What terms add is computed once for all individuals where it fits into this, else for so many at once.
_GAINS_BYTES = 1 << 29

Progress = Callable[[int, int, str], None]


class _Found(NamedTuple):
    hits: Hits
    softmax: NDArray[np.float64]
    carried: Carried


def rank_by_likelihood(
    cohort: TermSets,
    targets: str | Iterable[str],
    k: int,
    ontology: Ontology,
    *,
    use_excluded: bool,
    n_null: int | None,
    seed: int,
    exclude_terms: tuple[str, ...],
    tell: Progress,
) -> pa.Table:
    """As `rank` says of ``method="likelihood"``; no p-values where `n_null` is None."""
    queries = scored_sets("cohort", cohort, ontology, exclude_terms)
    check_anybody("cohort", queries.terms)
    scorer = _scorer(ontology, targets, exclude_terms, use_excluded)
    n_terms = queries.terms.lengths
    described = np.flatnonzero(n_terms > 0)
    found = _all(scorer, queries.take(described), k, tell)
    hits = found.hits._replace(row=described[found.hits.row])
    p = None
    if n_null is not None:
        columns = ScoredSets(scorer.targets.sets)
        null = NullScores(scorer, _as_they_are, (), columns, n_null, seed, exclude_terms)
        p = null.p_values(n_terms[hits.row], hits.column, hits.key, lambda done, total: tell(done, total, "p-values"))
    ids = individual_ids(cohort, len(n_terms))
    matches = carried_column(ontology, found.carried)
    table = likelihood_table(ids, scorer.targets, hits, p, found.softmax, matches)
    return with_undescribed(table, ids, hits, queries.terms)


def _scorer(
    ontology: Ontology, targets: str | Iterable[str], exclude_terms: tuple[str, ...], use_excluded: bool
) -> LikelihoodScorer | GeneScorer:
    found = find_targets(ontology, targets)
    diseases = set(ontology.diseases())
    are_genes = {name not in diseases for name in found.ids}
    if len(are_genes) > 1:
        raise ConfigError("likelihood ranks diseases or genes, not both together; rank them one after the other")
    if True in are_genes:
        return gene_scorer(ontology, found, exclude_terms, use_excluded=use_excluded)
    frequencies = target_frequencies(ontology, found.ids, exclude_terms=exclude_terms)
    return LikelihoodScorer(ontology, frequencies, use_excluded=use_excluded)


def _as_they_are(scores: NDArray[np.float32], _sets: Csr) -> NDArray[np.float32]:
    return scores


def _all(scorer: LikelihoodScorer | GeneScorer, queries: ScoredSets, k: int, tell: Progress) -> _Found:
    n_queries = queries.terms.n_rows
    diseases = scorer.of_diseases if isinstance(scorer, GeneScorer) else scorer
    n_diseases = len(diseases.targets.ids)
    rows = max(1, _TILE_BYTES // (4 * n_diseases))
    terms = np.unique(queries.terms.indices)
    known = (terms, diseases.gains(terms)) if 8 * len(terms) * n_diseases <= _GAINS_BYTES else None
    tiles: list[_Found] = []
    for start in range(0, max(n_queries, 1), rows):
        tell(start, n_queries, "individuals")
        tile = _tile(scorer, queries.rows(slice(start, min(start + rows, n_queries))), k, known)
        tiles.append(tile._replace(hits=tile.hits._replace(row=tile.hits.row + start)))
    return _Found(
        Hits(*(np.concatenate(parts) for parts in zip(*(tile.hits for tile in tiles), strict=True))),
        np.concatenate([tile.softmax for tile in tiles]),
        Carried(*(np.concatenate(parts) for parts in zip(*(tile.carried for tile in tiles), strict=True))),
    )


def _tile(
    scorer: LikelihoodScorer | GeneScorer, queries: ScoredSets, k: int, known: tuple[NDArray[np.int32], Gains] | None
) -> _Found:
    """Score some individuals, and of the best of each say what carried the score before the scores are forgotten.

    `known`: ascending terms and their gains; None to compute those of these individuals alone.
    """
    diseases = scorer.of_diseases if isinstance(scorer, GeneScorer) else scorer
    terms = np.unique(queries.terms.indices) if known is None else known[0]
    gains = diseases.gains(terms) if known is None else known[1]
    column = np.searchsorted(terms, queries.terms.indices)
    by_disease = diseases.summed(queries, column, gains.nats)
    scores = scorer.summed(by_disease) if isinstance(scorer, GeneScorer) else by_disease
    total = _log_sum_exp(scores)
    hits = best_hits(as_keys(scores.copy()), k)
    softmax = np.exp(scores[hits.row, hits.column] - total[hits.row])
    speaks = scorer.best(by_disease, hits.row, hits.column) if isinstance(scorer, GeneScorer) else hits.column
    carried = carried_terms(queries.terms, column, gains, diseases.frequencies.matrix, hits.row, speaks)
    return _Found(hits, softmax, carried)


def _log_sum_exp(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    largest = scores.max(axis=1, keepdims=True)
    each = scores - largest
    np.exp(each, out=each)
    total: NDArray[np.float64] = np.log(each.sum(axis=1, dtype=np.float64)) + largest[:, 0]
    return total
