"""The nearest faces, or the nearest genes, of each individual of a cohort, as a table in which nobody is missing."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.face.gallery import FaceGallery
from phenojax.face.weights.card import Distance

if TYPE_CHECKING:
    from phenojax.cohort import Cohort
    from phenojax.face.embedding.result import FaceEmbeddings

FOUND = "ok"
NOT_EMBEDDED = "not_embedded"
"""The status of an individual of whom the embeddings have no row."""
NO_NEIGHBOUR = "no_neighbour"
"""The status of an individual with a face and nobody to compare it with."""


class Of(StrEnum):
    """What is looked for: the individuals that look most like each, or the genes whose carriers do."""

    INDIVIDUAL = "individual"
    GENE = "gene"


def nearest_faces(
    cohort: Cohort,
    embeddings: FaceEmbeddings,
    other: Cohort | None = None,
    other_embeddings: FaceEmbeddings | None = None,
    *,
    k: int = 10,
    by: Of | str = Of.INDIVIDUAL,
    group: str | None = "group",
) -> pa.Table:
    """Find whose face is most like that of each individual.

    Args:
        cohort: whose neighbours are wanted.
        embeddings: of their faces, by id; ids that the cohort does not know are passed over.
        other: who is searched; None for the others of `cohort`.
        other_embeddings: of the faces of `other`; None where they stand in `embeddings` too.
        k: at most so many for each.
        by: ``individual``, or ``gene``: each gene once, as near as its nearest carrier.
        group: the column of what is not compared with itself (publication, site, family); None for nothing but the
            same id.

    Returns:
        A table of ``id neighbour gene rank distance status``, by gene ``id gene neighbour rank distance status``, in
        the order of the cohort, nearest first. ``gene`` is the neighbour's. Who has no neighbour has one row with
        nothing but a status: why the photograph failed (`FailureReason`), ``not_embedded`` or ``no_neighbour``.

    Raises:
        ConfigError: embeddings of different encoders, a `by` that is none, or k below 1.
        CohortError: no such column.
    """
    try:
        kind = Of(by)
    except ValueError:
        raise ConfigError(f"by must be one of {', '.join(Of)}; not {str(by)!r}") from None
    searched = cohort if other is None else other
    theirs = embeddings if other_embeddings is None else other_embeddings
    check_same_encoder(embeddings, theirs)
    vectors, status = _of_cohort(cohort, embeddings)
    genes = searched.values("gene")
    gallery = FaceGallery(
        _of_cohort(searched, theirs)[0],
        searched.ids,
        genes,
        None if group is None else searched.values(group),
        theirs.card.distance or Distance.COSINE,
    )
    search = gallery.nearest if kind is Of.INDIVIDUAL else gallery.nearest_genes
    found = search(vectors, k, ids=cohort.ids, groups=None if group is None else cohort.values(group))
    return _table(cohort.ids, status, searched.ids, genes, found.rows, found.distances, kind)


def check_same_encoder(one: FaceEmbeddings, other: FaceEmbeddings) -> None:
    """Refuse to compare vectors that mean different things.

    Raises:
        ConfigError: another encoder, or faces that were found, aligned or flipped in another way.
    """
    if one.card != other.card or one.settings.flip != other.settings.flip:
        names = [f"{each.card.name}{' with flip' if each.settings.flip else ''}" for each in (one, other)]
        what = f"{names[0]} and {names[1]}" if names[0] != names[1] else f"two different models called {names[0]}"
        raise ConfigError(f"the embeddings were made by {what}, and cannot be compared; embed both with one model")
    found = [each.settings.faces for each in (one, other)]
    if (found[0].template, found[0].scheme, found[0].detector) != (
        found[1].template,
        found[1].scheme,
        found[1].detector,
    ):
        how = " and ".join(each.detector or f"{each.points} points" for each in found)
        raise ConfigError(
            f"the faces were found and aligned in two ways ({how}), which moves their vectors; embed both in one way"
        )


def _of_cohort(cohort: Cohort, embeddings: FaceEmbeddings) -> tuple[NDArray[np.float32], list[str]]:
    """The vector of each individual, float32 (n, d), NaN where there is none; and FOUND, or why there is none."""
    row_of = {id_: row for row, id_ in enumerate(embeddings.ids)}
    rows = np.array([row_of.get(id_, -1) for id_ in cohort.ids], np.int64)
    vectors = np.full((len(rows), embeddings.vectors.shape[1]), np.nan, np.float32)
    vectors[rows >= 0] = embeddings.vectors[rows[rows >= 0]]
    reasons = {failure.id: failure.reason.value for failure in embeddings.failures}
    status = [reasons.get(id_, FOUND) if id_ in row_of else NOT_EMBEDDED for id_ in cohort.ids]
    return vectors, status


def _table(
    ids: tuple[str, ...],
    status: list[str],
    neighbours: tuple[str, ...],
    genes: tuple[str | None, ...],
    rows: NDArray[np.int64],
    distances: NDArray[np.float32],
    kind: Of,
) -> pa.Table:
    """Put one neighbour on a row, and who has none on a row of their own."""
    alone = ~(rows >= 0).any(axis=1)
    of, place = np.nonzero(rows >= 0)
    order = np.argsort(np.concatenate((of, np.flatnonzero(alone))), kind="stable")
    found, lonely = rows[of, place], np.flatnonzero(alone).tolist()
    why = [NO_NEIGHBOUR if status[row] == FOUND else status[row] for row in lonely]

    def column(values: pa.Array) -> pa.Array:
        return pa.concat_arrays([values, pa.nulls(len(lonely), values.type)])

    columns = {
        "id": pa.array(ids, pa.string()).take(pa.array(np.concatenate((of, np.flatnonzero(alone))))),
        "neighbour": column(pa.array(neighbours, pa.string()).take(pa.array(found))),
        "gene": column(pa.array(genes, pa.string()).take(pa.array(found))),
        "rank": column(pa.array((place + 1).astype(np.int32))),
        "distance": column(pa.array(distances[of, place])),
        "status": pa.array([FOUND] * len(of) + why, pa.string()),
    }
    table = pa.table(columns).take(pa.array(order)).combine_chunks()
    if kind is Of.GENE:
        table = table.select(["id", "gene", "neighbour", "rank", "distance", "status"])
    return table


__all__ = ["FOUND", "NOT_EMBEDDED", "NO_NEIGHBOUR", "Of", "check_same_encoder", "nearest_faces"]
