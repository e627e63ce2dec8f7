"""A model for every gene that was tested: fitted on the whole sample, saved, read, and exported without individuals."""

from phenojax.models.export import export_models
from phenojax.models.fit import TrainingSample, fit_gene_model
from phenojax.models.gene_model import BOTH, FACE, HPO, ExportCost, GeneModel, Jackknife, ModelFacts, Pattern
from phenojax.models.model_set import Individuals, ModelSet
from phenojax.models.reading import read_models
from phenojax.models.storage import write_models

__all__ = [
    "BOTH",
    "FACE",
    "HPO",
    "ExportCost",
    "GeneModel",
    "Individuals",
    "Jackknife",
    "ModelFacts",
    "ModelSet",
    "Pattern",
    "TrainingSample",
    "export_models",
    "fit_gene_model",
    "read_models",
    "write_models",
]
