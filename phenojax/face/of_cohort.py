"""Whose face is known, and its direction: embeddings put into the order of a cohort and checked once."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.storage import read_embeddings

Embeddings = FaceEmbeddings | str | os.PathLike[str] | ArrayLike

# A vector this short has no direction.
SHORTEST = 1e-12
# Rows are scaled so many at a time, in float64, so that no second copy of a large cohort is held.
ROWS_AT_ONCE = 8192
GIVEN_AS_ARRAY = "an array of the caller's; of which models is not known"


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces of a cohort, a row for each individual in its order.

    Attributes:
        unit: float32 ``(n, d)``, of length 1; 0 in the rows of individuals without a face.
        present: bool ``(n,)``.
        about: what run.json says of them; plain JSON values, and nothing of any face.
        notes: what else a reader should know, whole sentences.
        quality: float64 ``(n,)``, as the encoder gives it, NaN without a face; None of an array of the caller's.
    """

    unit: NDArray[np.float32]
    present: NDArray[np.bool_]
    about: dict[str, Any]
    notes: tuple[str, ...] = ()
    quality: NDArray[np.float64] | None = None

    def kernel(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines of the individuals at ``rows``, float32 ``(len(rows), len(rows))``; 0 with who has no face.

        Made for each sample: a cohort's own matrix would not fit, and a sample's is one small product. It is computed
        in float64, so that its bits do not depend on how the product was cut up.
        """
        unit = self.unit[rows].astype(np.float64)
        cosines = (unit @ unit.T).astype(np.float32)
        np.fill_diagonal(cosines, self.present[rows].astype(np.float32))
        return cosines

    def take(self, rows: list[int]) -> Faces:
        """Of the individuals at ``rows`` alone."""
        present = self.present[rows]
        about = self.about | {"n_individuals": int(present.sum())}
        quality = None if self.quality is None else self.quality[rows]
        return Faces(self.unit[rows], present, about, self.notes, quality)


def faces_of(cohort: Cohort, embeddings: Embeddings) -> Faces:
    """Put embeddings into the order of a cohort.

    Args:
        cohort: n individuals.
        embeddings: a `FaceEmbeddings`, or the path of its parquet file, matched by id in any order; or floats
            ``(n, d)`` in the order of the cohort. A row of NaN is an individual without a face.

    Raises:
        ConfigError: no id is the cohort's, an id stands twice, another number of rows, a value that is infinite or
            NaN beside numbers, no face at all, or vectors of length 0.
        ResultError: the file is none that ``phenojax embed`` wrote.
    """
    if isinstance(embeddings, str | os.PathLike):
        embeddings = read_embeddings(embeddings)
    made_by: dict[str, Any]
    quality = None
    vectors: NDArray[np.floating[Any]]
    if isinstance(embeddings, FaceEmbeddings):
        vectors, quality, notes = _in_order(cohort, embeddings)
        made_by = {"models": [_model(card.to_dict()) for card in embeddings.cards], "versions": embeddings.versions}
    else:
        vectors, notes = _array(cohort, embeddings), []
        made_by = {"models": GIVEN_AS_ARRAY}
    unit, present, n_short = _directions(cohort, vectors)
    if n_short:
        notes.append(f"{n_short} embeddings are all zeros and count as no photograph")
    if not present.any():
        raise ConfigError("embeddings: no individual of the cohort has a vector; every photograph failed or is absent")
    about = {**made_by, "width": vectors.shape[1], "n_individuals": int(present.sum())}
    return Faces(unit, present, about, tuple(notes), quality)


def _model(card: dict[str, Any]) -> dict[str, Any]:
    """What identifies a model: version and SHA-256 are those of its files."""
    kept = ("name", "role", "architecture", "source", "licence_code", "licence_weights", "training_data")
    return {name: card[name] for name in kept} | {"sha256": {file["name"]: file["sha256"] for file in card["files"]}}


def _in_order(cohort: Cohort, embeddings: FaceEmbeddings) -> tuple[NDArray[np.float32], NDArray[np.float64], list[str]]:
    """The vector of each individual and its quality, NaN where there is none."""
    if twice := [id_ for id_, count in Counter(embeddings.ids).items() if count > 1]:
        raise ConfigError(f"embeddings: id {twice[0]!r} has several rows; expected one for each individual")
    if len(embeddings.vectors) != len(embeddings.ids):
        raise ConfigError(f"embeddings: {len(embeddings.ids)} ids for {len(embeddings.vectors)} vectors")
    row_of = {id_: row for row, id_ in enumerate(embeddings.ids)}
    rows = np.array([row_of.get(id_, -1) for id_ in cohort.ids], np.int64)
    known = rows >= 0
    if not known.any():
        example = f", such as {embeddings.ids[0]!r}," if embeddings.ids else ""
        raise ConfigError(
            f"embeddings: none of their {len(embeddings.ids)} ids{example} is one of {cohort.source}, whose first is "
            f"{cohort.ids[0]!r}; embed the photographs of this cohort"
        )
    vectors = np.full((len(rows), embeddings.vectors.shape[1]), np.nan, np.float32)
    vectors[known] = embeddings.vectors[rows[known]]
    n_unknown = len(embeddings.ids) - int(known.sum())
    quality = np.full(len(rows), np.nan)
    quality[known] = embeddings.quality[rows[known]]
    return (
        vectors,
        quality,
        [f"{n_unknown} embeddings of ids that the cohort does not know left out"] if n_unknown else [],
    )


def _array(cohort: Cohort, values: ArrayLike) -> NDArray[np.floating[Any]]:
    try:
        array = np.asarray(values)
    except ValueError:  # lists of unequal length
        raise ConfigError("embeddings must be a regular array; its rows have unequal lengths") from None
    if array.dtype.kind not in "fiu":
        raise ConfigError(f"embeddings must hold real numbers, not {array.dtype}")
    if array.ndim != 2 or len(array) != len(cohort):
        raise ConfigError(
            f"embeddings must have shape ({len(cohort)}, width), a row for each individual of {cohort.source}, "
            f"not {array.shape}"
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _directions(
    cohort: Cohort, vectors: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], int]:
    """Unit vectors, who has one, and how many have a vector without a direction."""
    if vectors.shape[1] == 0:
        raise ConfigError("embeddings have width 0; expected at least one number for each face")
    unit = np.zeros(vectors.shape, np.float32)
    present = np.zeros(len(vectors), bool)
    n_short = 0
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        block = vectors[part].astype(np.float64)
        absent = np.isnan(block).all(axis=1)
        bad = ~np.isfinite(block).all(axis=1) & ~absent
        if bad.any():
            row = int(np.argmax(bad))
            place = int(np.argmin(np.isfinite(block[row])))
            raise ConfigError(
                f"embeddings: individual {cohort.ids[start + row]!r} has {block[row, place]} at position {place} of "
                f"{block.shape[1]}; expected finite numbers, or NaN throughout where there is no face"
            )
        block[absent] = 0.0
        largest = np.abs(block).max(axis=1)
        present[part] = largest > SHORTEST
        n_short += int((~absent & ~present[part]).sum())
        block /= np.where(present[part], largest, np.inf)[:, None]  # squares of what is huge would overflow
        unit[part] = block / np.maximum(np.linalg.norm(block, axis=1), 1.0)[:, None]
    return unit, present, n_short
