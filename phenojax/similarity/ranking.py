"""Diseases or genes for each individual, the most alike first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa

from phenojax._validate import as_thread_count
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._inputs import TermWeights, as_terms, release_or_bundled
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.empirical import NullScores
from phenojax.similarity.hits import Hits, as_keys, best_hits
from phenojax.similarity.information_content import IcLike
from phenojax.similarity.likelihood_ranking import rank_by_likelihood
from phenojax.similarity.matches import matched_terms, matches_column
from phenojax.similarity.measures import SetMeasure
from phenojax.similarity.normalize import Normalizer
from phenojax.similarity.rank_table import individual_ids, rank_table, with_undescribed
from phenojax.similarity.scorer import ScoredSets, Scorer, make_scorer, scored_sets
from phenojax.similarity.targets import Targets, find_targets
from phenojax.similarity.term_sets import TermSets, at_or_below, check_anybody
from phenojax.similarity.weights import denied_terms, frequency_weights

# Scores held at a time: individuals are taken so many at once that they fit into this, whatever the cohort's size.
_TILE_BYTES = 1 << 26
_AVERAGES_TARGETS = (Combine.BMA, Combine.FUNSIM_AVG, Combine.FUNSIM_MAX, Combine.B_TO_A, Combine.MEAN)

Progress = Callable[[int, int, str], None]


def rank(
    cohort: TermSets,
    targets: str | Iterable[str] = "diseases",
    k: int = 50,
    *,
    method: str = "similarity",
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    combine: str = "a_to_b",
    ic: IcLike = "omim",
    term_weights: TermWeights | None = None,
    target_weights: str | None = None,
    excluded_penalty: float = 0.0,
    normalize: str | None = None,
    use_excluded: bool = False,
    p_values: bool = True,
    n_null: int = 1000,
    seed: int = 0,
    without_references: Sequence[str] = (),
    exclude_terms: Iterable[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> pa.Table:
    """Rank diseases or genes for each individual by how alike their terms are, or how likely the individual's are.

    Args:
        cohort: individuals: a `Cohort`, lists of term ids or a `Csr`, as in `similarity`.
        targets: ``"diseases"`` (all of the release), ``"omim"``, ``"orpha"``, ``"decipher"``, ``"genes"``, or a list of
            disease ids and gene symbols. A target's terms are its most specific annotated phenotypes.
        k: at most so many targets for each individual.
        method: ``"similarity"`` compares terms with the most specific ones of a target. ``"likelihood"`` asks how much
            likelier they are in the target than in targets on the whole, by how often patients have them
            (`target_frequencies`, `LikelihoodScorer`): it finds more of the diseases of published individuals. It has
            one form; `measure` to `normalize` belong to similarity, and are refused.
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
        use_excluded: likelihood only: let a term that was excluded in the individual count by how many patients of the
            target lack it. Off by default: what publications exclude is what they looked for, and counting it made the
            ranking of published individuals worse. Random individuals exclude nothing, so that p-values err towards
            larger ones.
        p_values: whether to compute them; the column is null otherwise.
        n_null: random individuals behind a p-value, whose smallest value is ``1 / (1 + n_null)``.
        seed: of the random individuals; the same seed gives the same numbers.
        without_references: publications whose annotations are left out, as `load_ontology` does: a cohort taken from
            the literature otherwise meets itself.
        exclude_terms: these terms and all below them are left out of individuals, targets and random individuals.
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

        With ``method="likelihood"`` the columns are those of `LIKELIHOOD_SCHEMA`: ``score`` is a log likelihood ratio
        in nats, which may be negative; ``softmax`` is the target's share if scores were log likelihoods of independent
        terms and all targets equally frequent: terms are not independent, the largest share is too large, and it is no
        probability of the disease. ``matched_terms`` has, for each term of the individual, the term ``met`` at which
        the target's ``frequency`` was read (itself or an ancestor; null for none, and of a term that the release says
        the target does not have) and the ``contribution`` to the score, the largest first. Of a disease they sum to it,
        but for excluded terms; of a gene they are those of its likeliest disease, and sum to the score of that.

        An individual without terms has one row, with nothing but its id.

    Raises:
        ConfigError: an argument is out of its range, or the release lacks the annotations that it asks for.
        OntologyError, CohortError: a malformed or unknown id; nobody has a term.

    Memory: 64 MB of scores at a time, by likelihood up to 512 MB of what terms add; up to 512 MB of null scores are
    kept with the ontology for the next call.

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
    by_likelihood = _is_likelihood(
        method,
        use_excluded,
        measure=measure != "resnik",
        combine=combine != "a_to_b",
        ic=not (isinstance(ic, str) and ic == "omim"),
        term_weights=term_weights is not None,
        target_weights=target_weights is not None,
        excluded_penalty=excluded_penalty != 0,
        normalize=normalize is not None,
    )
    ontology = release_or_bundled(ontology)
    if without_references:
        ontology = ontology.without_references(without_references)
    as_thread_count(threads)  # the likelihood would not look at it
    left_out = as_terms("exclude_terms", exclude_terms)
    tell = progress or (lambda _done, _total, _label: None)
    if by_likelihood:
        return rank_by_likelihood(
            cohort, targets, int(k), ontology, use_excluded=use_excluded, n_null=int(n_null) if p_values else None,
            seed=int(seed), exclude_terms=left_out, tell=tell,
        )  # fmt: skip
    scorer = make_scorer(ontology, measure, combine, ic, threads, term_weights, excluded_penalty)
    _check_use(scorer, target_weights)
    queries = scored_sets("cohort", cohort, ontology, left_out)
    check_anybody("cohort", queries.terms)
    known = find_targets(ontology, targets)
    columns = _columns(ontology, known, target_weights, left_out, scorer)
    normalizer = Normalizer(scorer, normalize, columns, seed)

    n_terms = queries.terms.lengths
    described = np.flatnonzero(n_terms > 0)
    hits = _all_hits(scorer, normalizer, queries.take(described), columns, int(k), tell)
    hits = hits._replace(row=described[hits.row])
    p = None
    if p_values:
        null = NullScores(scorer, normalizer, (normalize,), columns, int(n_null), int(seed), left_out)
        p = null.p_values(n_terms[hits.row], hits.column, hits.key, lambda done, total: tell(done, total, "p-values"))
    tell(0, 1, "matched terms")
    found = matched_terms(
        ontology, scorer.ic_values, queries.terms, columns.terms, hits.row, hits.column, threads=threads
    )
    ids = individual_ids(cohort, len(n_terms))
    table = rank_table(ids, known, hits, p, matches_column(ontology, found))
    return with_undescribed(table, ids, hits, queries.terms)


def _is_likelihood(method: str, use_excluded: bool, **given: bool) -> bool:
    """Whether the method is "likelihood"; `given` says which settings of similarity are not as they are by default."""
    if method not in ("similarity", "likelihood"):
        raise ConfigError(f'method must be "similarity" or "likelihood", not {method!r}')
    if method == "similarity" and use_excluded:
        raise ConfigError('use_excluded belongs to method="likelihood"; similarity has excluded_penalty')
    for name, other in given.items():
        if method == "likelihood" and other:
            raise ConfigError(f'{name} belongs to method="similarity"; the likelihood has one form')
    return method == "likelihood"


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
