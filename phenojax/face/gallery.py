"""A gallery of embedded faces: who looks most alike, and which gene's carriers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float32
from phenojax.errors import ConfigError
from phenojax.face.nearest_vectors import nearest_rows, nearest_to_labels
from phenojax.face.weights.card import Distance

if TYPE_CHECKING:
    from phenojax.cohort import Cohort
    from phenojax.face.embedding.result import FaceEmbeddings

Groups = Sequence[str | None]

_NOBODY = -1
# Cosine needs no more than the direction; a vector this short has none.
_SHORTEST = 1e-12


class NearestFaces(NamedTuple):
    """The nearest faces of each query, nearest first and equals by rising row.

    Attributes:
        rows: int64 (q, k) rows of the gallery; -1 where there are fewer candidates, or the query has no embedding.
        distances: float32 (q, k); NaN where there is no row. Cosine distance (0 to 2) or Euclidean distance.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]


class NearestGenes(NamedTuple):
    """The genes whose carriers look most like each query, nearest first and equals in order of the names.

    Attributes:
        genes: per query, at most k names.
        distances: float32 (q, k): to the nearest carrier of the gene; NaN where there are fewer genes.
        rows: int64 (q, k): that carrier's row in the gallery; -1 where there are fewer genes.
    """

    genes: tuple[tuple[str, ...], ...]
    distances: NDArray[np.float32]
    rows: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FaceGallery:
    """Embedded faces to search: exact nearest neighbours, computed on the device in tiles.

    Attributes:
        vectors: float32 (n, d); a row with NaN is a photograph that failed, and is never found.
        ids: one per row.
        genes: one per row or None; needed for `nearest_genes`.
        groups: what must not be compared with itself (individual, family or publication), one per row or None.
        distance: of the encoder's model card, ``cosine`` or ``euclidean``.

    Two faces with the same id are never compared, and with `groups` no two of one group: photographs of one person, of
    siblings, or of one publication resemble each other for reasons that are not the gene.

    Example:
        >>> gallery = FaceGallery([[0, 1], [1, 0], [1, 0.1]], ids=["a", "b", "c"], genes=["G", "G", "H"])
        >>> gallery.nearest(k=1).rows[:, 0].tolist()
        [2, 2, 1]
        >>> gallery.nearest_genes([[1, 0.05]], k=2).genes
        (('H', 'G'),)
    """

    vectors: NDArray[np.float32]
    ids: Sequence[str]
    genes: Groups | None = None
    groups: Groups | None = None
    distance: Distance = Distance.COSINE

    def __init__(
        self,
        vectors: ArrayLike,
        ids: Sequence[str],
        genes: Groups | None = None,
        groups: Groups | None = None,
        distance: Distance | str = Distance.COSINE,
    ) -> None:
        checked = _vectors("vectors", vectors)
        for name, column in (("ids", ids), ("genes", genes), ("groups", groups)):
            if column is not None and len(column) != len(checked):
                raise ConfigError(f"{name} has {len(column)} values for {len(checked)} vectors")
        try:
            kind = Distance(distance)
        except ValueError:
            raise ConfigError(f"distance must be one of {', '.join(Distance)}; not {str(distance)!r}") from None
        object.__setattr__(self, "vectors", checked)
        object.__setattr__(self, "ids", tuple(ids))
        object.__setattr__(self, "genes", None if genes is None else tuple(genes))
        object.__setattr__(self, "groups", None if groups is None else tuple(groups))
        object.__setattr__(self, "distance", kind)

    @classmethod
    def from_embeddings(
        cls, embeddings: FaceEmbeddings, cohort: Cohort | None = None, *, group: str | None = "group"
    ) -> FaceGallery:
        """Make a gallery of what `phenojax.embed_faces` gave, with the distance of the encoder's card.

        Args:
            embeddings: one row for each face; those that failed are never found.
            cohort: tells the gene and the group of each id. Whom it does not know has neither; whom it alone knows has
                no face, and is left out.
            group: its column of what must not be compared with itself; None for nothing but the same id.

        Raises:
            CohortError: the cohort has no such column.
        """
        genes: Groups | None = None
        groups: Groups | None = None
        if cohort is not None:
            genes = _looked_up(embeddings.ids, cohort.ids, cohort.values("gene"))
            groups = None if group is None else _looked_up(embeddings.ids, cohort.ids, cohort.values(group))
        return cls(embeddings.vectors, embeddings.ids, genes, groups, embeddings.card.distance or Distance.COSINE)

    def __len__(self) -> int:
        return len(self.vectors)

    def nearest(
        self,
        queries: ArrayLike | None = None,
        k: int = 10,
        *,
        ids: Sequence[str] | None = None,
        groups: Groups | None = None,
    ) -> NearestFaces:
        """Find the `k` nearest faces of each query.

        Args:
            queries: float32 (q, d); None for the gallery's own faces, each against all others.
            k: at least 1; all there are where there are fewer.
            ids: of the queries; one that equals a gallery face's id is not compared with it.
            groups: of the queries, likewise.

        Raises:
            ConfigError: another width than the gallery's, k below 1, or columns of another length.
        """
        own, codes, gallery_codes = self._prepare(queries, ids, groups)
        kept = min(_positive("k", k), len(self))
        if kept == 0:
            return NearestFaces(np.zeros((len(own), 0), np.int64), np.zeros((len(own), 0), np.float32))
        rows, distances = nearest_rows(own, self._scaled(self.vectors), codes, gallery_codes, kept)
        return NearestFaces(rows, self._as_distance(distances))

    def nearest_genes(
        self,
        queries: ArrayLike | None = None,
        k: int = 10,
        *,
        ids: Sequence[str] | None = None,
        groups: Groups | None = None,
    ) -> NearestGenes:
        """Find the genes of which some carrier looks most like each query; arguments as for `nearest`.

        Raises:
            ConfigError: the gallery has no genes; else as for `nearest`.
        """
        if self.genes is None:
            raise ConfigError("this gallery has no genes: give one per face")
        own, codes, gallery_codes = self._prepare(queries, ids, groups)
        names = sorted({gene for gene in self.genes if gene is not None})
        kept = min(_positive("k", k), len(names))
        if kept == 0:
            empty = np.zeros((len(own), 0))
            return NearestGenes(((),) * len(own), empty.astype(np.float32), empty.astype(np.int64))
        number = {name: at for at, name in enumerate(names)}
        label = np.array([_NOBODY if gene is None else number[gene] for gene in self.genes], np.int32)
        found, rows, distances = nearest_to_labels(
            own, self._scaled(self.vectors), codes, gallery_codes, label, len(names), kept
        )
        genes = tuple(tuple(names[at] for at in line if at != _NOBODY) for line in found.tolist())
        return NearestGenes(genes, self._as_distance(distances), rows)

    def _prepare(
        self, queries: ArrayLike | None, ids: Sequence[str] | None, groups: Groups | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
        """Scale the queries, and number ids and groups alike in queries and gallery."""
        if queries is None:
            own, ids, groups = self.vectors, self.ids, self.groups
        else:
            own = _vectors("queries", queries)
            if own.shape[1] != self.vectors.shape[1]:
                raise ConfigError(f"queries have width {own.shape[1]}, the gallery {self.vectors.shape[1]}")
        codes, gallery_codes = [], []
        for name, theirs, ours in (("ids", ids, self.ids), ("groups", groups, self.groups)):
            if theirs is not None and len(theirs) != len(own):
                raise ConfigError(f"{name} has {len(theirs)} values for {len(own)} queries")
            known: dict[str | None, int] = {None: _NOBODY}
            gallery_codes.append([known.setdefault(value, len(known)) for value in ours or (None,) * len(self)])
            codes.append([known.get(value, _NOBODY) for value in theirs or (None,) * len(own)])
        return self._scaled(own), np.array(codes, np.int32).T, np.array(gallery_codes, np.int32).T

    def _scaled(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors for the cosine: half their squared Euclidean distance is the cosine distance."""
        if self.distance is Distance.EUCLIDEAN:
            return vectors
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = vectors / np.maximum(length, np.float32(_SHORTEST))
        return np.where(length > _SHORTEST, unit, np.float32(np.nan)).astype(np.float32)

    def _as_distance(self, squared: NDArray[np.float32]) -> NDArray[np.float32]:
        return squared / np.float32(2) if self.distance is Distance.COSINE else np.sqrt(squared)


def _looked_up(ids: Sequence[str], known: Sequence[str], values: Groups) -> Groups:
    """The value of each id; None where it is not known."""
    value_of = dict(zip(known, values, strict=True))
    return tuple(value_of.get(id_) for id_ in ids)


def _vectors(name: str, values: ArrayLike) -> NDArray[np.float32]:
    """Float32 (n, d), where whole rows may be NaN."""
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[1] == 0:
        raise ConfigError(f"{name} must have shape (faces, width), not {array.shape}")
    missing = np.isnan(array).any(axis=1) if array.dtype.kind == "f" else np.zeros(len(array), bool)
    checked = as_float32(name, np.where(missing[:, None], 0, array), (None, None))
    return np.where(missing[:, None], np.float32(np.nan), checked)


def _positive(name: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{name} must be a whole number of at least 1, not {value!r}")
    return value


__all__ = ["FaceGallery", "NearestFaces", "NearestGenes"]
