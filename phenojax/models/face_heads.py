"""What a gene's model goes by in each training individual's face: the model without that individual and its group.

A model that was fitted on a face finds this very face in it; a map of it would show where the encoder looks, not what
the gene's carriers share. So each training individual is explained by the model that its own group had no part in, as
its training score is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.models.gene_model import FACE
from phenojax.models.model_set import ModelSet
from phenojax.models.refit import refit, training_sample


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
    sample = training_sample(models, model, None)
    without = refit(models, model, sample).without[True,]
    assert sample.faces is not None
    assert model.rows is not None
    place = np.full(int(sample.groups.max()) + 1, -1)
    place[without.groups] = np.arange(len(without.groups))
    mine = place[sample.groups]
    directions = without.coefficients[mine, 0] @ sample.faces.astype(np.float64)
    return FaceHeads(directions, without.intercepts[mine], sample.labels, model.rows)
