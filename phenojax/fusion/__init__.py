"""From kernels and labels to out-of-fold scores and probabilities: functions of arrays, the heavy ones in JAX."""

from phenojax.fusion.calibration import calibrated_probabilities, fit_calibration, score_unit
from phenojax.fusion.classifier import Classifier
from phenojax.fusion.ensemble import EnsembleConfig, prepare_sample, score_labellings
from phenojax.fusion.fitted import FittedPattern, FittedSample, WithoutGroups, fit_sample
from phenojax.fusion.kernels import centre_kernels, kernel_spread, mix_kernels, sharpen_kernel
from phenojax.fusion.phenoscore import (
    PhenoscoreTest,
    phenoscore_folds,
    phenoscore_permutations,
    phenoscore_probabilities,
)
from phenojax.fusion.ranks import RankSums, rank_sums
from phenojax.fusion.ridge import RidgeConfig
from phenojax.fusion.training_scores import training_scores

__all__ = [
    "Classifier",
    "EnsembleConfig",
    "FittedPattern",
    "FittedSample",
    "PhenoscoreTest",
    "RankSums",
    "RidgeConfig",
    "WithoutGroups",
    "calibrated_probabilities",
    "centre_kernels",
    "fit_calibration",
    "fit_sample",
    "kernel_spread",
    "mix_kernels",
    "phenoscore_folds",
    "phenoscore_permutations",
    "phenoscore_probabilities",
    "prepare_sample",
    "rank_sums",
    "score_labellings",
    "score_unit",
    "sharpen_kernel",
    "training_scores",
]
