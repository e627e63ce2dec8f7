"""The nearest individuals of each, by similarity or by how likely they have the same cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.matchmaking.alike_anyway import SharedCodes, shared_codes
from phenojax.ontology import Ontology
from phenojax.similarity import Measure, SetMeasure
from phenojax.similarity import nearest as nearest_by_similarity
from phenojax.similarity._core_calls import Progress
from phenojax.similarity._inputs import TermWeights, as_terms, release_or_bundled
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike
from phenojax.similarity.matchmaking import Matchmaker, Profiles
from phenojax.similarity.scorer import ScoredSets, Scorer, make_scorer, scored_sets
from phenojax.similarity.term_sets import TermSets, check_anybody
from phenojax.similarity.tiles import Tile, best_in_tiles

if TYPE_CHECKING:
    from phenojax.face.of_cohort import Embeddings


class Method(StrEnum):
    """How two individuals are compared."""

    SIMILARITY = "similarity"
    """By `measure` and `combine`."""
    MATCHMAKING = "matchmaking"
    """By `Matchmaker`: what their terms have in common, and which diseases and genes these point to."""


def nearest(
    cohort: TermSets,
    other: TermSets | None = None,
    k: int = 10,
    *,
    method: str = "similarity",
    exclude_same: str | Sequence[str] | None = None,
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    combine: str = "bma",
    ic: IcLike = "omim",
    exclude_terms: Iterable[str] = (),
    term_weights: TermWeights | None = None,
    excluded_penalty: float = 0.0,
    embeddings: Embeddings | None = None,
    other_embeddings: Embeddings | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` most similar individuals of each.

    The matrix of all pairs is computed in tiles and never held, so that cohorts of 100,000 fit in memory. Research use
    only: a neighbour is no diagnosis.

    Args:
        cohort: ``n`` sets, as `similarity` takes them.
        other: ``m`` sets to search; None to search the others of `cohort`.
        k: how many; all there are where there are fewer.
        method: ``"similarity"``: the numbers of `similarity` with `measure` and `combine`. ``"matchmaking"``: made to
            find who has the same cause (`Matchmaker`); it takes neither `measure` nor `combine`, `term_weights` and
            `excluded_penalty`, and needs a release with annotations. Genes and diseases of individuals are not used.
        exclude_same: a column of the cohorts (``"group"``: publication, family or site; ``"id"``), or several: who
            shares a value is not compared. Individuals of one publication or family are alike for reasons that are not
            the gene. None to compare everybody.
        ontology: this and what follows: as for `similarity`.
        measure: one of `Measure`, or your own; not a `SetMeasure`.
        combine: one of `Combine`.
        ic: see `information_content`.
        exclude_terms: left out with their descendants.
        term_weights: by term.
        excluded_penalty: from 0 to 1.
        embeddings: with ``"matchmaking"``: faces of `cohort`, as `phenojax.screen` takes them (what `embed_faces`
            gives, its file, or floats ``(n, d)`` with NaN where there is no face). Where both have one, what their
            cosine says is added, on the scale of the cohort (`FaceEvidence`): how much more alike the faces of the
            nearest by terms are than any two. If no more, faces change nothing. Where one lacks a face, terms alone
            count.
        other_embeddings: of `other`, where its faces are not in `embeddings`.
        threads: None for all processors. Neither the rows nor the numbers depend on it.
        progress: called now and then with the number of tiles done and of all tiles.

    Returns:
        int64 ``(n, k')`` rows of `other` (of `cohort` without it) and float32 ``(n, k')`` scores, the most similar
        first and equals by rising row; ``k' = min(k, candidates)``. With ``"matchmaking"`` or `exclude_same`, scores
        are rounded to 1e-5, and where fewer can be compared the row is -1 and the score NaN; with ``"matchmaking"`` who
        has nothing in common is not compared.

    Raises:
        ConfigError: an argument is out of its range, does not go with `method`, or needs annotations that the release
            does not hold; embeddings of nobody, or of two encoders.
        OntologyError, CohortError: as for `similarity`; a cohort has no such column.

    Example:
        >>> import phenojax as pj
        >>> rows, scores = pj.nearest([["HP:0001250"], ["HP:0001263"], ["HP:0011097"]], k=1)
        >>> rows.tolist()
        [[2], [0], [0]]
    """
    try:
        chosen = Method(method)
    except ValueError:
        raise ConfigError(f"method must be one of {', '.join(Method)}, not {method!r}") from None
    release = release_or_bundled(ontology)
    settings: dict[str, Any] = {
        "measure": measure,
        "combine": combine,
        "term_weights": term_weights,
        "excluded_penalty": excluded_penalty,
    }
    if chosen is Method.MATCHMAKING:
        _refuse(settings)
    elif embeddings is not None or other_embeddings is not None:
        raise ConfigError('embeddings go with method="matchmaking"; phenojax.FaceGallery compares faces alone')
    elif exclude_same is None:
        more: dict[str, Any] = {"ic": ic, "exclude_terms": exclude_terms, "threads": threads, "progress": progress}
        return nearest_by_similarity(cohort, other, k, ontology=release, **settings, **more)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ConfigError(f"k must be a positive integer, not {k!r}")
    left_out = as_terms("exclude_terms", exclude_terms)
    a = scored_sets("cohort", cohort, release, left_out)
    b = None if other is None else scored_sets("other", other, release, left_out)
    if embeddings is None and other_embeddings is None:
        check_anybody("cohort", a.terms)
        check_anybody("other", (b or a).terms)
    n, m = a.terms.n_rows, (b or a).terms.n_rows
    shared = shared_codes(cohort, other, n, m, exclude_same)
    if chosen is Method.SIMILARITY:
        tile = _by_similarity(make_scorer(release, ic=ic, threads=threads, **settings), a, b or a, shared)
    else:
        matchmaker = Matchmaker(release, ic, threads=threads)
        profiles = matchmaker.profiles(a.terms)
        tile = _by_terms(matchmaker, profiles, profiles if b is None else matchmaker.profiles(b.terms), shared)
        if embeddings is not None or other_embeddings is not None:
            from phenojax.matchmaking.faces import with_faces  # JAX comes with it

            tile = with_faces(cohort, other, embeddings, other_embeddings, shared, tile)
    return best_in_tiles(n, m, min(int(k), max(m - shared.same, 0)), tile, progress)


def _by_similarity(scorer: Scorer, a: ScoredSets, b: ScoredSets, shared: SharedCodes) -> Tile:
    if isinstance(scorer.measure, SetMeasure):
        raise ConfigError(
            f"nearest takes one of {', '.join(Measure)}, not {scorer.measure.value}; use similarity for it"
        )

    def tile(rows: slice, columns: slice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        return scorer(a.rows(rows), b.rows(columns)), shared.compared(rows, columns)

    return tile


def _by_terms(matchmaker: Matchmaker, queries: Profiles, candidates: Profiles, shared: SharedCodes) -> Tile:
    def tile(rows: slice, columns: slice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        scores = matchmaker(queries.rows(rows), candidates.rows(columns))
        return scores, shared.compared(rows, columns) & (scores > 0)

    return tile


def _refuse(settings: Mapping[str, object]) -> None:
    """Refuse what says how terms are compared, where matchmaking compares them."""
    defaults = {"measure": "resnik", "combine": "bma", "term_weights": None, "excluded_penalty": 0.0}
    for name, value in settings.items():
        if value is not defaults[name] and value != defaults[name]:
            raise ConfigError(f'{name} has no meaning for method="matchmaking"; leave it out')
