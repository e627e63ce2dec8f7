"""Many models for many individuals at once: their linear functions side by side, so that all is one sparse product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from phenojax._csr import Csr
from phenojax.models.gene_model import Jackknife, Pattern

Floats = NDArray[np.float64]


class Functions(NamedTuple):
    """The score functions of k models for individuals who have the same modalities, and their r jackknife rows.

    Attributes:
        place_of_term: int32 ``(n_terms,)``; the row of a term in ``terms``, -1 where it is worth nothing to all.
        intercepts: float64 ``(k,)``.
        hpo_bases: float64 ``(k,)``.
        face_bases: float64 ``(k,)``.
        terms: float64 ``(t, k)``.
        faces: float32 ``(d, k)``; None where nobody looks at a face.
        row_model: int64 ``(r,)``; whose the jackknife rows are, ascending.
        row_intercepts: float32 ``(r,)``.
        row_terms: float32 ``(t, r)``.
        row_faces: float32 ``(d, r)``; None as for ``faces``.
    """

    place_of_term: NDArray[np.int32]
    intercepts: Floats
    hpo_bases: Floats
    face_bases: Floats
    terms: Floats
    faces: NDArray[np.float32] | None
    row_model: NDArray[np.int64]
    row_intercepts: NDArray[np.float32]
    row_terms: NDArray[np.float32]
    row_faces: NDArray[np.float32] | None


class Evaluated(NamedTuple):
    """Of n individuals by k models, float64 ``(n, k)`` each; ``hpo`` and ``face`` are parts of ``score``.

    What is left of the score belongs to neither. ``variance`` is 0 where a model has no jackknife.
    """

    score: Floats
    hpo: Floats
    face: Floats
    variance: Floats


def stack_functions(patterns: Sequence[Pattern], n_terms: int) -> Functions:
    """Put the functions of k models side by side; the patterns of all of them are those of the same modalities."""
    k = len(patterns)
    used = np.zeros(n_terms, dtype=bool)
    for pattern in patterns:
        used[pattern.term_idx] = True
    place = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    terms = np.zeros((int(used.sum()), k))
    kept = [(i, pattern.jackknife) for i, pattern in enumerate(patterns) if pattern.jackknife is not None]
    row_model = np.repeat([i for i, _ in kept], [len(j.intercepts) for _, j in kept]).astype(np.int64)
    row_terms = np.zeros((len(terms), len(row_model)), np.float32)
    start = 0
    for i, pattern in enumerate(patterns):
        rows = place[pattern.term_idx]
        terms[rows, i] = pattern.term_values
        if pattern.jackknife is not None:
            r = len(pattern.jackknife.intercepts)
            row_terms[rows, start : start + r] = pattern.jackknife.terms.T
            start += r
    return Functions(
        place,
        np.array([p.intercept for p in patterns]),
        np.array([p.hpo_base for p in patterns]),
        np.array([p.face_base for p in patterns]),
        terms,
        _faces([p.face for p in patterns]),
        row_model,
        np.concatenate([np.zeros(0, np.float32), *(j.intercepts for _, j in kept)]),
        row_terms,
        _row_faces([j for _, j in kept]),
    )


def evaluate(
    functions: Functions, closures: Csr | None, weight: Floats, unit_faces: NDArray[np.float32] | None
) -> Evaluated:
    """Score n individuals who all have the modalities of the functions.

    Args:
        functions: of k models.
        closures: of their observed terms; None where they have none.
        weight: float64 ``(n,)``, closure weights, positive where there are closures.
        unit_faces: float32 ``(n, d)``, of length 1; None where they have none.

    Cost: one multiplication a closure term and column; columns are models and jackknife rows.
    """
    n, k = len(weight), len(functions.intercepts)
    hpo, face = np.zeros((2, n, k))
    rows = np.broadcast_to(functions.row_intercepts, (n, len(functions.row_intercepts))).copy()
    if closures is not None and len(functions.terms):
        matrix = _scaled(closures, weight, functions.place_of_term, len(functions.terms))
        hpo = matrix @ functions.terms
        rows += matrix.astype(np.float32) @ functions.row_terms
    if unit_faces is not None and functions.faces is not None:
        face = unit_faces.astype(np.float64) @ functions.faces.astype(np.float64)
        if functions.row_faces is not None:
            rows += unit_faces @ functions.row_faces
    variance = np.zeros((n, k))
    models, starts = np.unique(functions.row_model, return_index=True)
    if len(models):
        variance[:, models] = np.add.reduceat(np.square(rows, out=rows), starts, axis=1)
    score = functions.intercepts + hpo + face
    hpo += functions.hpo_bases if closures is not None else 0.0
    face += functions.face_bases if unit_faces is not None else 0.0
    return Evaluated(score, hpo, face, variance)


def _scaled(closures: Csr, weight: Floats, place: NDArray[np.int32], width: int) -> csr_matrix:
    """One over the root of the closure weight on every term that is worth something, sparse float64 ``(n, width)``."""
    columns = place[closures.indices]
    kept = columns >= 0
    before = np.zeros(len(columns) + 1, dtype=np.int64)
    np.cumsum(kept, out=before[1:])
    offsets = before[closures.offsets]
    values = np.repeat(1.0 / np.sqrt(weight), np.diff(offsets))
    return csr_matrix((values, columns[kept], offsets), shape=(len(weight), width))


def _faces(faces: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
    """Side by side, ``(d, k)``, 0 for who looks at none; None where nobody does."""
    known = next((face for face in faces if face is not None), None)
    if known is None:
        return None
    return np.stack([np.zeros_like(known) if face is None else face for face in faces], axis=1)


def _row_faces(jackknives: Sequence[Jackknife]) -> NDArray[np.float32] | None:
    """The same of jackknife rows, ``(d, r)``."""
    rows = [(len(j.intercepts), j.faces) for j in jackknives]
    width = next((faces.shape[1] for _, faces in rows if faces is not None), None)
    if width is None:
        return None
    filled = [np.zeros((r, width), np.float32) if faces is None else faces for r, faces in rows]
    return np.ascontiguousarray(np.concatenate(filled).T)
