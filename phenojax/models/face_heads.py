"""What a gene's model goes by in each training individual's face: the model without that individual and its group.

A model that was fitted on a face finds this very face in it; a map of it would show where the encoder looks, not what
the gene's carriers share. So each training individual is explained by the model that its own group had no part in, as
its training score is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ResultError
from phenojax.fusion import Classifier, EnsembleConfig, fit_sample
from phenojax.models.gene_model import FACE, GeneModel
from phenojax.models.model_set import ModelSet

# Scores of the same fit differ by no more than the rounding of cosines.
_SAME_SCORE = 1e-3


class FaceHeads(NamedTuple):
    """Linear functions of unit embeddings, one for each training individual.

    Attributes:
        directions: float64 (n, d); NaN where nothing is left without the individual's group.
        intercepts: float64 (n,); likewise.
        is_case: bool (n,).
        rows: int64 (n,), of the set's individuals.
    """

    directions: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    is_case: NDArray[np.bool_]
    rows: NDArray[np.int64]


def face_heads(models: ModelSet, gene: str) -> FaceHeads:
    """The face model of a gene without each training individual's group.

    Args:
        models: of a screen, with individuals.
        gene: that has a model of modality ``face``.

    Raises:
        ResultError: the models hold no individuals or embeddings, or do not give the scores that were saved.
    """
    model = models.models[gene, FACE]
    individuals, rows = models.individuals, model.rows
    if individuals is None or rows is None or model.groups is None or model.is_case is None:
        raise ResultError(
            "these models hold no individuals, so nobody can be left out of them; use those of the screen"
        )
    if individuals.faces is None:
        raise ResultError("the models look at faces, but no embeddings are saved with them; run the screen again")
    unit = individuals.faces[rows].astype(np.float64)
    kernel = (unit @ unit.T).astype(np.float32)
    np.fill_diagonal(kernel, 1.0)
    fitted = fit_sample(
        kernel[None],
        np.ones((1, len(rows)), bool),
        model.groups,
        model.is_case,
        classifier=Classifier(models.config["classifier"]),
        config=EnsembleConfig(),
        jackknife=True,
    )
    _check(models, model, fitted.training)
    without = fitted.without[True,]
    place = np.full(int(model.groups.max()) + 1, -1)
    place[without.groups] = np.arange(len(without.groups))
    mine = place[model.groups]
    return FaceHeads(without.coefficients[mine, 0] @ unit, without.intercepts[mine], model.is_case, rows)


def _check(models: ModelSet, model: GeneModel, training: NDArray[np.float64]) -> None:
    saved = model.training_scores
    if saved is None or not np.allclose(training, saved, atol=_SAME_SCORE, equal_nan=True):
        raise ResultError(
            f"model of {model.gene} ({model.modality}): fitted again it gives other scores, so this phenojax is not "
            f"the one that made it ({models.created['versions'].get('phenojax')}); run the screen again"
        )
