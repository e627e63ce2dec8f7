"""Diseases or genes for each individual, those first in which its terms are likeliest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import logsumexp

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.empirical import NullScores
from phenojax.similarity.frequencies import target_frequencies
from phenojax.similarity.hits import Hits, as_keys, best_hits
from phenojax.similarity.likelihood import LikelihoodScorer
from phenojax.similarity.likelihood_matches import Carried, carried_column, carried_terms
from phenojax.similarity.rank_table import individual_ids, likelihood_table, with_undescribed
from phenojax.similarity.scorer import ScoredSets, scored_sets
from phenojax.similarity.term_sets import TermSets

# Scores held at a time: individuals are taken so many at once that they fit into this, whatever the cohort's size.
_TILE_BYTES = 1 << 26

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
    frequencies = target_frequencies(ontology, targets, exclude_terms=exclude_terms)
    scorer = LikelihoodScorer(ontology, frequencies, use_excluded=use_excluded)
    n_terms = queries.terms.lengths
    described = np.flatnonzero(n_terms > 0)
    found = _all(scorer, queries.take(described), k, tell)
    hits = found.hits._replace(row=described[found.hits.row])
    p = None
    if n_null is not None:
        columns = ScoredSets(frequencies.targets.sets)
        null = NullScores(scorer, _as_they_are, (), columns, n_null, seed)
        p = null.p_values(n_terms[hits.row], hits.column, hits.key, lambda done, total: tell(done, total, "p-values"))
    ids = individual_ids(cohort, len(n_terms))
    matches = carried_column(ontology, found.carried)
    table = likelihood_table(ids, frequencies.targets, hits, p, found.softmax, matches)
    return with_undescribed(table, ids, hits, queries.terms)


def _as_they_are(scores: NDArray[np.float32], _sets: Csr) -> NDArray[np.float32]:
    return scores


def _all(scorer: LikelihoodScorer, queries: ScoredSets, k: int, tell: Progress) -> _Found:
    n_queries, n_targets = queries.terms.n_rows, scorer.frequencies.matrix.shape[0]
    rows = max(1, _TILE_BYTES // (4 * n_targets))
    tiles = [_tile(scorer, queries.rows(slice(0, 0)), k)]
    for start in range(0, n_queries, rows):
        tell(start, n_queries, "individuals")
        tile = _tile(scorer, queries.rows(slice(start, min(start + rows, n_queries))), k)
        tiles.append(tile._replace(hits=tile.hits._replace(row=tile.hits.row + start)))
    parts: list[Any] = list(zip(*tiles, strict=True))
    return _Found(
        Hits(*map(np.concatenate, zip(*parts[0], strict=True))),
        np.concatenate(parts[1]),
        Carried(*map(np.concatenate, zip(*parts[2], strict=True))),
    )


def _tile(scorer: LikelihoodScorer, queries: ScoredSets, k: int) -> _Found:
    """Score some individuals, and of the best of each say what carried the score before the gains are forgotten."""
    terms, column = np.unique(queries.terms.indices, return_inverse=True)
    gains = scorer.gains(terms)
    scores = scorer.summed(queries, column, gains.nats)
    total = logsumexp(scores, axis=1) if len(scores) else np.empty(0)
    hits = best_hits(as_keys(scores.copy()), k)
    softmax = np.exp(scores[hits.row, hits.column].astype(np.float64) - total[hits.row])
    return _Found(hits, softmax, carried_terms(queries.terms, column, gains, scorer.frequencies.matrix, hits))
