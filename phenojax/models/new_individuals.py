"""New individuals, resolved against what the models know: closures, faces, and whether they are new at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.cohort import Cohort
from phenojax.cohort.encode import encode
from phenojax.errors import CohortError
from phenojax.face.of_cohort import Faces
from phenojax.models.collapse import closure_weights
from phenojax.models.compatibility import is_same_encoder
from phenojax.models.familiarity import unseen_shares
from phenojax.models.gene_model import BOTH, FACE, HPO
from phenojax.models.model_set import ModelSet
from phenojax.ontology import Ontology

# Who has terms (1) and a face (2): the pattern that scores them, by modality of the model.
PATTERN_OF_KIND = {
    HPO: {1: HPO, 3: HPO},
    FACE: {2: FACE, 3: FACE},
    BOTH: {1: HPO, 2: FACE, 3: BOTH},
}


# Two embeddings of one photograph are at least so alike (cosine).
SAME_FACE = 0.99


@dataclass(frozen=True, eq=False)
class NewIndividuals:
    """Those to be scored, in the order of their cohort.

    Attributes:
        ids: of each.
        observed: their observed terms.
        closures: the ancestor closures.
        weight: float64 ``(n,)``, closure weights.
        strange: bool ``(n,)``; see `Familiarity.is_strange`.
        little: bool ``(n,)``; whose closure weighs less than that of anybody familiar.
        much: bool ``(n,)``; whose closure weighs more.
        faces: of length 1, 0 where there is none; None without embeddings.
        kinds: int64 ``(n,)``; 1 terms, 2 a face, 3 both, 0 neither.
        learnt_from: int64 ``(n,)``; the row in the models' individuals of the same id, whose terms weigh the same
            and whose face, where both have one, is the same; -1 for who is new.
        namesake: int64 ``(n,)``; the row of the same id with other terms or another face, -1 where there is none.
        groups: int64 ``(n,)``; the number of the group among the models' individuals' groups, -1 where it is none.
    """

    ids: tuple[str, ...]
    observed: Csr
    closures: Csr
    weight: NDArray[np.float64]
    strange: NDArray[np.bool_]
    little: NDArray[np.bool_]
    much: NDArray[np.bool_]
    faces: NDArray[np.float32] | None
    kinds: NDArray[np.int64]
    learnt_from: NDArray[np.int64]
    namesake: NDArray[np.int64]
    groups: NDArray[np.int64]


def resolve_individuals(
    models: ModelSet, cohort: Cohort, faces: Faces | None, ontology: Ontology, on_unknown: str
) -> NewIndividuals:
    """Resolve a cohort against models of this ontology.

    Raises:
        CohortError: none of its individuals has a term or a face; or as `encode`.
    """
    left_out = models.config.get("exclude_terms") or ()
    observed = encode(cohort, ontology, on_unknown=on_unknown, exclude_terms=left_out).observed
    closures = Csr(*ontology.graph.closures(*observed))
    weight = closure_weights(closures, models.weights)
    has_face = np.zeros(len(cohort), bool) if faces is None else faces.present
    kinds = (weight > 0) + 2 * has_face.astype(np.int64)
    if not kinds.any():
        raise CohortError(
            f"{cohort.source}: none of the {len(cohort)} individuals has an observed term or a face; nothing to score"
        )
    strange, little, much = np.zeros((3, len(cohort)), bool)
    if (known := models.familiarity) is not None:
        strange = known.is_strange(weight, unseen_shares(closures, models.weights, known.terms, weight))
        little, much = weight < known.lowest, weight > known.highest
    row = _of_same_id(models, cohort)
    is_same = _are_same(models, row, closures, faces, ontology)
    return NewIndividuals(
        ids=cohort.ids,
        observed=observed,
        closures=closures,
        weight=weight,
        strange=strange,
        little=little,
        much=much,
        faces=None if faces is None else faces.unit,
        kinds=kinds,
        learnt_from=np.where(is_same, row, -1),
        namesake=np.where(is_same, -1, row),
        groups=_groups(models, cohort),
    )


def _of_same_id(models: ModelSet, cohort: Cohort) -> NDArray[np.int64]:
    known = {} if models.individuals is None else {id_: row for row, id_ in enumerate(models.individuals.ids)}
    return np.array([known.get(id_, -1) for id_ in cohort.ids], dtype=np.int64)


def _are_same(
    models: ModelSet, row: NDArray[np.int64], closures: Csr, faces: Faces | None, ontology: Ontology
) -> NDArray[np.bool_]:
    """Whether each is the models' individual at ``row`` ``(n,)``, by terms and, where both have one, by face.

    Of the closures those terms are compared that weigh something: the models see nothing else, and a release that they
    were carried over to may have more.
    """
    known, same = models.individuals, row >= 0
    if known is None:
        return same
    for place in np.flatnonzero(same).tolist():
        theirs = ontology.graph.closures(*known.terms.take(row[place : place + 1]))[1]
        mine = closures.row(place)
        weigh = [np.sort(closure[models.weights[closure] > 0]) for closure in (mine, theirs)]
        same[place] = np.array_equal(weigh[0], weigh[1])
    if faces is not None and known.faces is not None and is_same_encoder(models, faces.about):
        face = known.faces[row]
        both = faces.present & (np.abs(face).max(axis=1) > 0)
        same &= ~both | ((faces.unit * face).sum(axis=1) > SAME_FACE)
    return same


def _groups(models: ModelSet, cohort: Cohort) -> NDArray[np.int64]:
    """The number of each individual's group in `group_numbers`; -1 for another or none."""
    column = models.config.get("group")
    known = group_numbers(models)
    if not known or column is None or not (column == "group" or column in cohort.columns):
        return np.full(len(cohort), -1, dtype=np.int64)
    return np.array([known.get(value or "", -1) for value in cohort.values(column)], dtype=np.int64)


def group_numbers(models: ModelSet) -> dict[str, int]:
    """Number the groups of the models' individuals in the order of their names."""
    groups = () if models.individuals is None else models.individuals.groups
    return {name: number for number, name in enumerate(sorted({group for group in groups if group}))}
