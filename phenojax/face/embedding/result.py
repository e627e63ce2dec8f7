"""What an embedding run gives."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phenojax.face.embedding.faces import Faces, Failure
from phenojax.face.embedding.settings import EmbeddingSettings
from phenojax.face.weights.card import ModelCard

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class FaceEmbeddings:
    """One row for each individual or photograph, in the order in which they were given; no row is ever missing.

    These are personal data: whoever holds them can recognise the people. What `write` makes only its owner can read.

    Attributes:
        ids: unique.
        photos: path of each photograph as it was given; None where an individual has none.
        vectors: float32 (n, d), as the encoder gives them; NaN in the rows of what failed.
        quality: float32 (n,): length of the vector before it is normalised. Encoders of the MagFace family are trained
            to make it a measure of quality; others are not (see ``faces.sharpness``). NaN where it failed.
        faces: what was found in each photograph.
        failures: what has no vector and why, in the order of the rows.
        card: of the encoder.
        other_cards: of the detector and the landmarks that were used.
        settings: what was asked for.
        versions: of phenojax and jax, by name.
    """

    ids: tuple[str, ...]
    photos: tuple[str | None, ...]
    vectors: NDArray[np.float32]
    quality: NDArray[np.float32]
    faces: Faces
    failures: tuple[Failure, ...]
    card: ModelCard
    other_cards: tuple[ModelCard, ...]
    settings: EmbeddingSettings
    versions: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """Of everything that was used, the encoder first."""
        return (self.card, *self.other_cards)

    @property
    def embedded(self) -> NDArray[np.bool_]:
        """Which rows have a vector, bool (n,)."""
        return ~np.isnan(self.quality)

    @property
    def table(self) -> pa.Table:
        """One row each: what stands in the file, `vector` last."""
        from phenojax.face.embedding.storage import to_table

        return to_table(self)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a parquet file that `read_embeddings` reads; only its owner may read it (mode 0600).

        Args:
            path: ``NAME.parquet``; the file appears whole or not at all.

        Raises:
            ConfigError: another suffix, or a folder that does not exist.
        """
        from phenojax.face.embedding.storage import write_embeddings

        write_embeddings(self, path)


__all__ = ["FaceEmbeddings", "Faces", "Failure"]
