"""What two faces say on whether two individuals have the same cause, measured on the cohort itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.neighbours import check_same_encoder
from phenojax.face.of_cohort import Embeddings, Faces, faces_of
from phenojax.matchmaking.alike_anyway import SharedCodes
from phenojax.similarity.tiles import Tile, best_in_tiles

PAIRS = 200_000
"""How many pairs, drawn at random, tell how alike any two faces are."""
DOUBT = 2.0
"""Standard errors that are taken from what the faces of the nearest by terms have in common, so that faces which say
nothing count for nothing."""


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """Log likelihood ratios of pairs of faces.

    The cosine of two faces, less its mean and by its spread over pairs of the cohort, is taken to be normal with
    variance 1 around 0 for any two individuals and around `shift` for two of one cause: ``shift z - shift^2 / 2`` nats.

    Attributes:
        queries: float32 ``(n, d)`` of length 1, 0 without a face.
        candidates: float32 ``(m, d)``.
        has_query: bool ``(n,)``.
        has_candidate: bool ``(m,)``.
        mean: of the cosine of any two.
        spread: standard deviation of the same.
        shift: 0 or more, in units of `spread`.
    """

    queries: NDArray[np.float32]
    candidates: NDArray[np.float32]
    has_query: NDArray[np.bool_]
    has_candidate: NDArray[np.bool_]
    mean: float
    spread: float
    shift: float

    def both(self, rows: slice, columns: slice) -> NDArray[np.bool_]:
        """Which pairs have two faces."""
        return self.has_query[rows, None] & self.has_candidate[columns]

    def __call__(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """Nats of evidence for one cause, float32 ``(rows, columns)``; exactly 0 where a face is lacking."""
        # in float64 and back, so that the bits do not depend on how the product was cut up
        cosine = self.queries[rows].astype(np.float64) @ self.candidates[columns].astype(np.float64).T
        evidence = self.shift * ((cosine - self.mean) / self.spread - self.shift / 2)
        return np.where(self.both(rows, columns), np.round(evidence, 6), 0.0).astype(np.float32)


def faces_of_both(
    cohort: object, other: object, embeddings: Embeddings | None, other_embeddings: Embeddings | None
) -> tuple[Faces, Faces]:
    """Find the faces of queries and candidates.

    Args:
        cohort: whose neighbours are wanted.
        other: who is searched; None for the others of `cohort`.
        embeddings: of `cohort`, and of `other` too where `other_embeddings` is None.
        other_embeddings: of `other`.

    Raises:
        ConfigError: what is no `Cohort`; vectors of two encoders or widths; else as `faces_of` says.
        ResultError: a file that ``phenojax embed`` did not write.
    """
    if embeddings is None:
        raise ConfigError("other_embeddings go with embeddings, the faces of cohort, and there are none")
    if not isinstance(cohort, Cohort) or not (other is None or isinstance(other, Cohort)):
        name = "other" if isinstance(cohort, Cohort) else "cohort"
        raise ConfigError(f"embeddings belong to the individuals of a Cohort, and {name} is none")
    queries = faces_of(cohort, embeddings)
    if other is None:
        if other_embeddings is not None:
            raise ConfigError("other_embeddings belong to other, and there is none")
        return queries, queries
    theirs = embeddings if other_embeddings is None else other_embeddings
    if isinstance(embeddings, FaceEmbeddings) and isinstance(theirs, FaceEmbeddings):
        check_same_encoder(embeddings, theirs)
    candidates = faces_of(other, theirs)
    if queries.unit.shape[1] != candidates.unit.shape[1]:
        widths = f"{queries.unit.shape[1]} and {candidates.unit.shape[1]}"
        raise ConfigError(f"the embeddings have widths {widths}; embed both with one model")
    return queries, candidates


def face_evidence(queries: Faces, candidates: Faces, shared: SharedCodes, nearest: NDArray[np.int64]) -> FaceEvidence:
    """Measure how alike faces are, of any two individuals and of those that are nearest by terms.

    No gene is asked for. If terms and faces tell of one cause, the faces of the nearest by terms are more alike than
    others; `shift` is by how much on the mean, less `DOUBT` standard errors, and 0 if that is less. As the nearest by
    terms often has another cause, `shift` errs on the small side.

    Args:
        queries: their faces.
        candidates: their faces.
        shared: who is not compared.
        nearest: int64 ``(n,)``, for each query with a face the nearest candidate by terms that has one, -1 for none.
    """
    found = np.flatnonzero(nearest >= 0)
    neutral = FaceEvidence(queries.unit, candidates.unit, queries.present, candidates.present, 0.0, 1.0, 0.0)
    rng = np.random.default_rng(0)
    rows = rng.choice(np.flatnonzero(queries.present), PAIRS)
    columns = rng.choice(np.flatnonzero(candidates.present), PAIRS)
    compared = shared.compared_pairs(rows, columns)
    others = _cosines(queries, candidates, rows[compared], columns[compared])
    if len(found) < 2 or len(others) < 2 or others.std() == 0:
        return neutral
    mean, spread = float(others.mean()), float(others.std())
    z = (_cosines(queries, candidates, found, nearest[found]) - mean) / spread
    shift = z.mean() - DOUBT * z.std(ddof=1) / np.sqrt(len(z))
    return FaceEvidence(
        queries.unit, candidates.unit, queries.present, candidates.present, mean, spread, max(0.0, float(shift))
    )


def with_faces(
    cohort: object,
    other: object,
    embeddings: Embeddings | None,
    other_embeddings: Embeddings | None,
    shared: SharedCodes,
    by_terms: Tile,
) -> Tile:
    """Add what faces say to the scores of terms.

    Args:
        cohort: as `faces_of_both` takes it, and so the next three.
        other: who is searched.
        embeddings: of `cohort`.
        other_embeddings: of `other`.
        shared: who is not compared.
        by_terms: the scores of terms, in nats. A pair counts by them, or because both have a face.

    Raises:
        ConfigError, ResultError: as `faces_of_both` says.
    """
    queries, candidates = faces_of_both(cohort, other, embeddings, other_embeddings)

    def among_faces(rows: slice, columns: slice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        scores, counts = by_terms(rows, columns)
        return scores, counts & queries.present[rows, None] & candidates.present[columns]

    nearest, _ = best_in_tiles(len(queries.present), len(candidates.present), 1, among_faces)
    evidence = face_evidence(queries, candidates, shared, nearest[:, 0])

    def tile(rows: slice, columns: slice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        scores, counts = by_terms(rows, columns)
        scores += evidence(rows, columns)
        return scores, counts | (shared.compared(rows, columns) & evidence.both(rows, columns))

    return tile


def _cosines(
    queries: Faces, candidates: Faces, rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Of pairs, a block at a time."""
    out = np.empty(len(rows))
    for start in range(0, len(rows), 8192):
        part = slice(start, start + 8192)
        one, two = queries.unit[rows[part]], candidates.unit[columns[part]]
        out[part] = np.einsum("pd,pd->p", one.astype(np.float64), two.astype(np.float64))
    return out
