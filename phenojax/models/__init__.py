"""A model for every gene that was tested: fitted on the whole sample, saved, read, and exported without individuals."""

from phenojax.models.gene_model import BOTH, FACE, HPO, ExportCost, GeneModel, Jackknife, ModelFacts, Pattern
from phenojax.models.model_set import Individuals, ModelSet

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
]
