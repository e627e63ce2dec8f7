"""Embeddings that nobody computed, for tests of what is done with them."""

from __future__ import annotations

import numpy as np

from phenojax.face.embedding.faces import Faces, Failure
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.settings import EmbeddingSettings, FaceSettings
from phenojax.face.photographs.failure import FailureReason
from phenojax.face.weights.catalogue import BUNDLED


def embeddings_of(failed: dict[int, FailureReason], n: int = 4, width: int = 3) -> FaceEmbeddings:
    """Rows a0, a1 ..., of which the given ones failed."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(n, width)).astype(np.float32)
    faces = Faces(
        np.ones(n, np.int32),
        rng.normal(size=n).astype(np.float32),
        rng.normal(size=(n, 4)).astype(np.float32),
        rng.normal(size=(n, 5, 2)).astype(np.float32),
        rng.normal(size=n).astype(np.float32),
        tuple("the first of 3 pictures in the file was used" if row == 0 else None for row in range(n)),
    )
    ids, photos = tuple(f"a{row}" for row in range(n)), tuple(f"folder/a{row}.jpg" for row in range(n))
    quality = np.linalg.norm(vectors, axis=1)
    for row in failed:
        vectors[row], quality[row] = np.nan, np.nan
        faces.n_faces[row] = -1
        for column in (faces.scores, faces.boxes, faces.landmarks, faces.sharpness):
            column[row] = np.nan
    failures = tuple(Failure(ids[row], photos[row], reason, "as a test wants") for row, reason in failed.items())
    return FaceEmbeddings(
        ids,
        photos,
        vectors,
        quality,
        faces,
        failures,
        BUNDLED["dlib-resnet"].card,
        (BUNDLED["dlib-mmod"].card, BUNDLED["dlib-shape-5"].card),
        EmbeddingSettings("dlib-resnet", FaceSettings("dlib-150", detector="dlib-mmod")),
        {"phenojax": "1.2.3", "jax": "4.5.6"},
    )
