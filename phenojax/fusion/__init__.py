"""From kernels and labels to out-of-fold scores and probabilities: pure JAX functions of arrays."""

from phenojax.fusion.calibration import calibrated_probabilities
from phenojax.fusion.modalities import standardised
from phenojax.fusion.model import Model, score_labellings
from phenojax.fusion.phenoscore import PhenoscoreTest, phenoscore_permutations, phenoscore_probabilities
from phenojax.fusion.prototype import prototype_scores
from phenojax.fusion.ranks import RankSums, rank_sums

__all__ = [
    "Model",
    "PhenoscoreTest",
    "RankSums",
    "calibrated_probabilities",
    "phenoscore_permutations",
    "phenoscore_probabilities",
    "prototype_scores",
    "rank_sums",
    "score_labellings",
    "standardised",
]
