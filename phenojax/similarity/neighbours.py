"""The most similar individuals of each, without the matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._core_calls import Progress, nearest_sets
from phenojax.similarity._inputs import TermWeights, as_terms, release_or_bundled
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike
from phenojax.similarity.measures import Measure, SetMeasure
from phenojax.similarity.scorer import make_scorer, scored_sets
from phenojax.similarity.term_sets import TermSets, check_anybody


def nearest(
    cohort: TermSets,
    other: TermSets | None = None,
    k: int = 10,
    *,
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    combine: str = "bma",
    ic: IcLike = "omim",
    exclude_terms: Iterable[str] = (),
    term_weights: TermWeights | None = None,
    excluded_penalty: float = 0.0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` most similar individuals of each.

    The numbers are those of `similarity`; its matrix is computed in tiles and never held, so that cohorts of 100,000
    fit in memory. Ctrl-C is heard within a fraction of a second.

    Args:
        cohort: ``n`` sets, as `similarity` takes them.
        other: ``m`` sets to search; None to search the others of `cohort`.
        k: how many; all there are where there are fewer.
        ontology: this and what follows: as for `similarity`.
        measure: one of `Measure`, or your own; not a `SetMeasure`.
        combine: one of `Combine`.
        ic: see `information_content`.
        exclude_terms: left out with their descendants.
        term_weights: by term.
        excluded_penalty: from 0 to 1.
        threads: None for all processors. Neither the rows nor the numbers depend on it.
        progress: called now and then with the number of tiles done and of all tiles.

    Returns:
        int64 ``(n, k')`` rows of `other` (of `cohort` without it) and float32 ``(n, k')`` similarities, the most
        similar first and equals by rising row; ``k' = min(k, candidates)``.

    Raises:
        ConfigError, OntologyError, CohortError: as for `similarity`.

    Example:
        >>> import phenojax as pj
        >>> rows, scores = pj.nearest([["HP:0001250"], ["HP:0001263"], ["HP:0011097"]], k=1)
        >>> rows.tolist()
        [[2], [0], [0]]
    """
    release = release_or_bundled(ontology)
    scorer = make_scorer(release, measure, combine, ic, threads, term_weights, excluded_penalty)
    if isinstance(scorer.measure, SetMeasure):
        raise ConfigError(
            f"nearest takes one of {', '.join(Measure)}, not {scorer.measure.value}; use similarity for it"
        )
    left_out = as_terms("exclude_terms", exclude_terms)
    a = scored_sets("cohort", cohort, release, left_out)
    b = None if other is None else scored_sets("other", other, release, left_out)
    check_anybody("cohort", a.terms)
    check_anybody("other", (b or a).terms)
    more = scorer.core_arguments(a, b)
    return nearest_sets(
        release, scorer.ic_values, a.terms, None if b is None else b.terms, k, **more, progress=progress
    )
