"""A model for every gene that was tested: fitted on the whole sample, saved, read, and exported without individuals."""

from phenojax.models.export import export_models
from phenojax.models.familiarity import Familiarity, find_familiarity
from phenojax.models.fit import TrainingSample, fit_gene_model
from phenojax.models.gene_model import BOTH, FACE, HPO, ExportCost, GeneModel, Jackknife, ModelFacts, Pattern
from phenojax.models.model_set import Individuals, ModelSet
from phenojax.models.reading import read_models
from phenojax.models.scoring import Scores, score
from phenojax.models.storage import write_models

__all__ = [
    "BOTH",
    "FACE",
    "HPO",
    "ExportCost",
    "Familiarity",
    "GeneModel",
    "Individuals",
    "Jackknife",
    "ModelFacts",
    "ModelSet",
    "Pattern",
    "Scores",
    "TrainingSample",
    "export_models",
    "find_familiarity",
    "fit_gene_model",
    "read_models",
    "score",
    "write_models",
]
