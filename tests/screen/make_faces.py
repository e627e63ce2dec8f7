"""Embeddings for hand-made cohorts: vectors that nobody computed, in which some genes share a direction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from face.embedding.make_embeddings import embeddings_of
from numpy.typing import NDArray

from phenojax.cohort import Cohort
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.photographs.failure import FailureReason

WIDTH = 12


def make_vectors(
    cohort: Cohort, alike: Collection[str] = (), seed: int = 0, missing: float = 0.0
) -> NDArray[np.float32]:
    """A vector for each individual, float32 ``(n, WIDTH)``, NaN for a share; genes in ``alike`` share a direction."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(len(cohort), WIDTH)) + 1.0  # any two faces are somewhat alike
    direction = {gene: rng.normal(size=WIDTH) for gene in sorted(alike)}
    for row, individual in enumerate(cohort):
        if individual.gene in direction:
            vectors[row] += 1.5 * direction[individual.gene]
    vectors[rng.random(len(cohort)) < missing] = np.nan
    return vectors.astype(np.float32)


def as_embeddings(ids: Sequence[str], vectors: NDArray[np.float32]) -> FaceEmbeddings:
    """What `phenojax.embed_faces` would have given, had it found these vectors."""
    failed = dict.fromkeys(np.flatnonzero(np.isnan(vectors).any(axis=1)).tolist(), FailureReason.NO_FACE)
    made = embeddings_of(failed, len(ids), vectors.shape[1])
    return replace(
        made,
        ids=tuple(ids),
        vectors=vectors,
        quality=np.linalg.norm(vectors, axis=1),
        failures=tuple(replace(failure, id=ids[row]) for row, failure in zip(failed, made.failures, strict=True)),
    )
