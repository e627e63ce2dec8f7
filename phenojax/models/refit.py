"""The samples of saved models again, from the individuals that are saved with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.errors import ResultError
from phenojax.fusion import Classifier, EnsembleConfig, FittedSample, fit_sample
from phenojax.models.fit import TrainingSample
from phenojax.models.gene_model import FACE, HPO, GeneModel
from phenojax.models.model_set import Individuals, ModelSet
from phenojax.ontology import Ontology
from phenojax.similarity import closure_kernel

# Scores of the same fit differ by no more than the kernels' rounding.
SAME_SCORE = 1e-3


def training_sample(models: ModelSet, model: GeneModel, ontology: Ontology | None) -> TrainingSample:
    """Whom a model was fitted on.

    Args:
        models: with individuals.
        model: one of them.
        ontology: their release; may be None for a model that looks at faces alone.

    Raises:
        ResultError: the models hold no individuals.
        ValueError: no ontology for a model that looks at terms.
    """
    individuals, rows = models.individuals, model.rows
    if individuals is None or rows is None or model.groups is None or model.is_case is None:
        raise ResultError("these models hold no individuals, so they cannot be fitted again; use those of the screen")
    kernels, present, closures, faces = [], [], None, None
    if model.modality != FACE:
        if ontology is None:
            raise ValueError("a model that looks at terms needs the ontology")
        terms = individuals.terms.take(rows)
        kernels.append(closure_kernel(ontology, models.weights, terms))
        present.append(terms.lengths > 0)
        closures = Csr(*ontology.graph.closures(*terms))
    if model.modality != HPO:
        faces = _faces(individuals, rows)
        has = np.abs(faces).max(axis=1) > 0
        cosines = (faces.astype(np.float64) @ faces.astype(np.float64).T).astype(np.float32)
        np.fill_diagonal(cosines, has)
        kernels.append(cosines)
        present.append(has)
    return TrainingSample(np.stack(kernels), np.stack(present), model.groups, model.is_case, closures, faces)


def refit(models: ModelSet, model: GeneModel, sample: TrainingSample) -> FittedSample:
    """The fit that a model was made of, and without each training group.

    Raises:
        ResultError: it does not give the scores that were saved.
    """
    fitted = fit_sample(
        sample.kernels,
        sample.present,
        sample.groups,
        sample.labels,
        classifier=Classifier(models.config["classifier"]),
        config=EnsembleConfig(),
        jackknife=True,
    )
    saved = model.training_scores
    if saved is None or not np.allclose(fitted.training, saved, atol=SAME_SCORE, equal_nan=True):
        raise ResultError(
            f"model of {model.gene} ({model.modality}): fitted again it gives other scores, so this phenojax is not "
            f"the one that made it ({models.created['versions'].get('phenojax')}); run the screen again"
        )
    return fitted


def _faces(individuals: Individuals, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    if individuals.faces is None:
        raise ResultError("a model looks at faces, and no embeddings are saved with it; run the screen again")
    return individuals.faces[rows]
