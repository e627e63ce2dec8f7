"""Diseases or genes for each individual, the most alike first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._inputs import TermWeights, as_terms, release_or_bundled
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.empirical import NullScores
from phenojax.similarity.hits import RESOLUTION, Hits, as_keys, best_hits
from phenojax.similarity.information_content import IcLike
from phenojax.similarity.matches import MATCH_TYPE, matched_terms, matches_column
from phenojax.similarity.measures import SetMeasure
from phenojax.similarity.normalize import Normalizer
from phenojax.similarity.scorer import ScoredSets, Scorer, make_scorer, scored_sets
from phenojax.similarity.targets import Targets, find_targets
from phenojax.similarity.term_sets import TermSets, at_or_below
from phenojax.similarity.weights import denied_terms, frequency_weights

RANK_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("target", pa.string()),
        ("label", pa.string()),
        ("score", pa.float64()),
        ("rank", pa.float64()),
        ("p_value", pa.float64()),
        ("matched_terms", pa.list_(MATCH_TYPE)),
    ]
)

# Scores held at a time: individuals are taken so many at once that they fit into this, whatever the cohort's size.
_TILE_BYTES = 1 << 26
_AVERAGES_TARGETS = (Combine.BMA, Combine.FUNSIM_AVG, Combine.FUNSIM_MAX, Combine.B_TO_A, Combine.MEAN)
_log = logging.getLogger("phenojax")

Progress = Callable[[int, int, str], None]


def rank(
    cohort: TermSets,
    targets: str | Iterable[str] = "diseases",
    k: int = 50,
    *,
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    combine: str = "a_to_b",
    ic: IcLike = "omim",
    term_weights: TermWeights | None = None,
    target_weights: str | None = None,
    excluded_penalty: float = 0.0,
    normalize: str | None = None,
    p_values: bool = True,
    n_null: int = 1000,
    seed: int = 0,
    without_references: Sequence[str] = (),
    exclude_terms: Iterable[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> pa.Table:
    """Rank diseases or genes for each individual by how alike their terms are.

    Args:
        cohort: individuals: a `Cohort`, lists of term ids or a `Csr`, as in `similarity`.
        targets: ``"diseases"`` (all of the release), ``"omim"``, ``"orpha"``, ``"decipher"``, ``"genes"``, or a list of
            disease ids and gene symbols. A target's terms are its most specific annotated phenotypes.
        k: at most so many targets for each individual.
        ontology: the release; None for the bundled one, which is then read anew.
        measure: see `similarity`.
        combine: see `similarity`, a being the individual and b the target. The default asks only whether the target
            explains the individual: most patients have a part of what is known of a disease.
        ic: see `information_content`.
        term_weights: how much each term counts, of individual and target, see `similarity`.
        target_weights: ``"frequency"`` lets the terms of a disease count by the share of its patients that have them
            (`frequency_weights`): what one patient in ten has is missed less than what all have. Not for genes, nor for
            a combiner that takes no average over the target's terms, such as the default. None: all count alike.
        excluded_penalty: from 0 to 1, see `similarity`: how much it takes that the disease has what was excluded in the
            individual, or the individual what the disease is said not to have. Random individuals exclude nothing, so
            that p-values err towards larger ones.
        normalize: None, ``"chance"``, ``"z"`` or ``"cosine"``, see `Normalize`; the first two take neither
            `target_weights` nor `excluded_penalty`.
        p_values: whether to compute them; the column is null otherwise.
        n_null: random individuals behind a p-value, whose smallest value is ``1 / (1 + n_null)``.
        seed: of the random individuals; the same seed gives the same numbers.
        without_references: publications whose annotations are left out, as `load_ontology` does: a cohort taken from
            the literature otherwise meets itself.
        exclude_terms: these terms and all below them are left out of individuals and targets.
        threads: None for all processors. The numbers do not depend on it.
        progress: called with how much is done, of how much, and what is being done.

    Returns:
        pyarrow Table with the columns of `RANK_SCHEMA`: individuals in their order, each with its `k` best targets by
        descending score, then by id.

        - ``id`` of the individual (its position where `cohort` is no `Cohort`), ``target``, ``label``.
        - ``score``: rounded to 1e-5, in nats or as `normalize` says.
        - ``rank`` among *all* targets; equal scores share the mean of their ranks.
        - ``p_value``: ``(1 + b) / (1 + n_null)``, ``b`` being how many of `n_null` random individuals with random
          diseases, described with as many terms, score at least as high against the same target (`random_sets`;
          above 20 terms: with the next smaller of 25, 30, 35, 40, 50, 60, 80, 100, 150, 200). Not corrected for the
          number of targets.
        - ``matched_terms``: for each term of the individual that shares something informative with the target, the
          term that it met, their most informative common ancestor, and its information content; the most informative
          first. By Resnik's similarity, whatever `measure` and `combine` are.

        An individual without terms has one row, with nothing but its id.

    Raises:
        ConfigError: an argument is out of its range, or the release lacks the annotations that it asks for.
        OntologyError, CohortError: a malformed or unknown id.

    Memory: 64 MB of scores at a time; up to 512 MB of null scores are kept with the ontology for the next call.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> table = pj.rank([["HP:0001166", "HP:0001083", "HP:0002616"]], "omim", k=8, ontology=onto)
        >>> "Marfan syndrome" in table["label"].to_pylist()
        True
        >>> set(table["rank"].to_pylist())  # eight diseases have all three terms, and share the first places
        {4.5}
    """
    for name, value in (("k", k), ("n_null", n_null)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ConfigError(f"{name} must be a positive integer, not {value!r}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ConfigError(f"seed must be an integer of at least 0, not {seed!r}")
    ontology = release_or_bundled(ontology)
    if without_references:
        ontology = ontology.without_references(without_references)
    left_out = as_terms("exclude_terms", exclude_terms)
    scorer = make_scorer(ontology, measure, combine, ic, threads, term_weights, excluded_penalty)
    _check_use(scorer, target_weights)
    queries = scored_sets("cohort", cohort, ontology, left_out)
    known = find_targets(ontology, targets)
    columns = _columns(ontology, known, target_weights, left_out, scorer)
    tell = progress or (lambda _done, _total, _label: None)
    normalizer = Normalizer(scorer, normalize, columns, seed)

    n_terms = queries.terms.lengths
    described = np.flatnonzero(n_terms > 0)
    hits = _all_hits(scorer, normalizer, queries.take(described), columns, int(k), tell)
    hits = hits._replace(row=described[hits.row])
    p = None
    if p_values:
        null = NullScores(scorer, normalizer, (normalize,), columns, int(n_null), int(seed))
        p = null.p_values(n_terms[hits.row], hits.column, hits.key, lambda done, total: tell(done, total, "p-values"))
    tell(0, 1, "matched terms")
    found = matched_terms(
        ontology, scorer.ic_values, queries.terms, columns.terms, hits.row, hits.column, threads=threads
    )
    ids = cohort.ids if isinstance(cohort, Cohort) else tuple(map(str, range(len(n_terms))))
    table = _table(ids, known, hits, p, matches_column(ontology, found))
    return _with_undescribed(table, ids, hits, queries.terms)


def _check_use(scorer: Scorer, target_weights: str | None) -> None:
    if isinstance(scorer.measure, SetMeasure) and scorer.combine != Combine.A_TO_B:
        raise ConfigError(f"{scorer.measure.value} compares closures: combine has no meaning")
    if target_weights is None:
        return
    if target_weights != "frequency":
        raise ConfigError(f'target_weights must be None or "frequency", not {target_weights!r}')
    if isinstance(scorer.measure, SetMeasure) or scorer.combine not in _AVERAGES_TARGETS:
        by = scorer.measure if isinstance(scorer.measure, SetMeasure) else scorer.combine
        raise ConfigError(
            f"target_weights has no effect on {by.value}; it needs combine to be one of {', '.join(_AVERAGES_TARGETS)}"
        )


def _columns(
    ontology: Ontology,
    targets: Targets,
    target_weights: str | None,
    exclude_terms: Iterable[str],
    scorer: Scorer,
) -> ScoredSets:
    sets = ScoredSets(targets.sets)
    if target_weights is not None:
        sets = frequency_weights(ontology, targets.ids)
    if scorer.excluded_penalty:
        sets = sets._replace(excluded=denied_terms(ontology, targets.ids))
    return sets.without(at_or_below(ontology, exclude_terms))


def _all_hits(
    scorer: Scorer, normalizer: Normalizer, queries: ScoredSets, targets: ScoredSets, k: int, tell: Progress
) -> Hits:
    """Score so many individuals at a time as fit into the tile, and keep the best of each."""
    n_queries, n_targets = queries.terms.n_rows, targets.terms.n_rows
    rows = max(1, _TILE_BYTES // (4 * n_targets))
    found: list[Hits] = [best_hits(np.empty((0, n_targets), dtype=np.int32), k)]
    for start in range(0, n_queries, rows):
        tell(start, n_queries, "individuals")
        tile = queries.rows(slice(start, min(start + rows, n_queries)))
        hits = best_hits(as_keys(normalizer(scorer(tile, targets), tile)), k)
        found.append(hits._replace(row=hits.row + start))
    return Hits(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _table(ids: Sequence[str], targets: Targets, hits: Hits, p: NDArray[np.float64] | None, matches: Any) -> pa.Table:
    column = pa.array(hits.column)
    values = [
        pa.array(ids, pa.string()).take(pa.array(hits.row)),
        pa.array(targets.ids).take(column),
        pa.array(targets.labels).take(column),
        pa.array(np.round(hits.key * RESOLUTION, 5)),
        pa.array(hits.rank),
        pa.nulls(len(column), pa.float64()) if p is None else pa.array(p),
        matches,
    ]
    return pa.Table.from_arrays(values, schema=RANK_SCHEMA)


def _with_undescribed(table: pa.Table, ids: Sequence[str], hits: Hits, queries: Csr) -> pa.Table:
    """Give individuals without terms a row of their own, in their place."""
    empty = np.flatnonzero(queries.lengths == 0)
    if not len(empty):
        return table
    names = [ids[row] for row in empty.tolist()]
    _log.warning(
        "%d of %d individuals have no term to rank by, such as %s; they have one empty row each",
        len(empty), len(ids), ", ".join(names[:3]),
    )  # fmt: skip
    nulls = [pa.nulls(len(empty), field.type) for field in list(RANK_SCHEMA)[1:]]
    rows = pa.Table.from_arrays([pa.array(names, pa.string()), *nulls], schema=RANK_SCHEMA)
    order = np.argsort(np.concatenate((hits.row, empty)), kind="stable")
    return pa.concat_tables([table, rows]).take(pa.array(order)).combine_chunks()
