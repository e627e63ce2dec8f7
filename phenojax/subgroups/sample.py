"""The individuals of one gene: how far apart they are, and how far apart they would be were there no subgroups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax import fusion
from phenojax._csr import Csr
from phenojax.ontology import PHENOTYPIC_ABNORMALITY, Ontology
from phenojax.screen.config import Modality
from phenojax.screen.prepare import Prepared
from phenojax.similarity import closure_kernel
from phenojax.subgroups.face_null import null_kernel
from phenojax.subgroups.partition import squared_distances
from phenojax.subgroups.term_null import Mentions, mentions_of, null_sets


@dataclass(frozen=True)
class Individuals:
    """The n individuals that are divided.

    Attributes:
        rows: int64 ``(n,)``, of the cohort.
        groups: int64 ``(n,)``; a number each where nobody is grouped.
        ontology: the release.
        weights: float64 ``(n_terms,)`` of the kernel of terms.
        sets: their terms; None where terms are not looked at.
        mentions: the same by publication, of those who have terms.
        faces: cosines, float64 ``(n, n)``; None where faces are not looked at.
        has_terms: bool ``(n,)``.
        has_face: bool ``(n,)``.
    """

    rows: NDArray[np.int64]
    groups: NDArray[np.int64]
    ontology: Ontology
    weights: NDArray[np.float64]
    sets: Csr | None
    mentions: Mentions | None
    faces: NDArray[np.float64] | None
    has_terms: NDArray[np.bool_]
    has_face: NDArray[np.bool_]

    def observed(self) -> NDArray[np.float64]:
        """Squared distances ``(n, n)``."""
        return self._squared(self.sets, self.faces)

    def null(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Squared distances of a null set: each modality is drawn by itself."""
        sets = None if self.mentions is None else null_sets(rng, self.mentions)
        faces = self.faces
        if faces is not None:
            has = np.flatnonzero(self.has_face)
            faces = faces.copy()
            faces[np.ix_(has, has)] = null_kernel(rng, faces[np.ix_(has, has)], self.groups[has])
        return self._squared(sets, faces)

    def _squared(self, sets: Csr | None, faces: NDArray[np.float64] | None) -> NDArray[np.float64]:
        kernels = []
        if sets is not None:
            terms = closure_kernel(self.ontology, self.weights, sets, threads=1)
            kernels.append(terms.astype(np.float64))
        if faces is not None:
            kernels.append(faces)
        if len(kernels) == 1:
            return squared_distances(kernels[0])
        present = np.stack([self.has_terms, self.has_face])
        centred = fusion.centre_kernels(np.stack(kernels), present, self.groups)
        unit = fusion.kernel_spread(centred, present, self.groups)
        mixed = fusion.mix_kernels(centred / unit[:, None, None], present, np.ones(2))
        return squared_distances(np.asarray(mixed, dtype=np.float64))


def organ_systems(ontology: Ontology, sets: Csr) -> dict[int, int]:
    """Number each term of the sets by the children of HP:0000118 that it is at or under."""
    tops = ontology.indices(ontology.children(PHENOTYPIC_ABNORMALITY))
    terms = np.unique(sets.indices)
    above = Csr(*ontology.graph.closures(np.arange(len(terms) + 1, dtype=np.int64), terms))
    names = [tuple(np.intersect1d(part, tops).tolist()) for part in np.split(above.indices, above.offsets[1:-1])]
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return {term: numbers[name] for term, name in zip(terms.tolist(), names, strict=True)}


def individuals_of(
    prepared: Prepared, rows: NDArray[np.int64], modality: Modality, *, keep_systems: bool = True
) -> Individuals:
    """What a modality shows of the individuals at ``rows`` of a cohort, all of whom have it.

    Args:
        prepared: the cohort.
        rows: int64 ``(n,)``.
        modality: not `auto`.
        keep_systems: in null sets publications, where there are any, keep how much they say of each organ system.
    """
    groups = np.arange(len(rows)) if prepared.groups is None else prepared.groups[rows]
    sets, mentions = None, None
    if modality is not Modality.FACE:
        sets = prepared.observed.take(rows)
        kept = keep_systems and prepared.groups is not None
        mentions = mentions_of(sets, groups, organ_systems(prepared.ontology, sets) if kept else None)
    faces = None
    if modality is not Modality.HPO and prepared.faces is not None:
        faces = prepared.faces.kernel(rows).astype(np.float64)
    return Individuals(
        rows=rows,
        groups=groups,
        ontology=prepared.ontology,
        weights=prepared.weights,
        sets=sets,
        mentions=mentions,
        faces=faces,
        has_terms=prepared.has_terms[rows],
        has_face=prepared.has_face[rows],
    )
