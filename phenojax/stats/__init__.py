"""Exchangeable designs, folds, p-values and metrics: plain numpy on arrays."""

from phenojax.stats.bootstrap import bootstrap_interval
from phenojax.stats.calibration_error import CalibrationError, calibration_error
from phenojax.stats.delong import AucDifference, auc_covariance, delong_interval, delong_test
from phenojax.stats.design import (
    LEAVE_ONE_GROUP_OUT,
    Design,
    count_labellings,
    deal_folds,
    draw_labels,
    has_mirror,
    make_design,
)
from phenojax.stats.enumerate import all_labels, exact_p
from phenojax.stats.metrics import auc, auc_interval, auc_within, balanced_brier, effective_sizes, roc_points
from phenojax.stats.mmd import mmd_statistic
from phenojax.stats.power import power, smallest_n
from phenojax.stats.pvalues import benjamini_hochberg, benjamini_yekutieli, permutation_p, smallest_p
from phenojax.stats.random import stream
from phenojax.stats.sequential import Sequential, enough_exceedances, start_sequential, update
from phenojax.stats.single_predictor import SinglePredictor, best_single_predictor
from phenojax.stats.tail import TailFit, TailRefusal, tail_p

__all__ = [
    "LEAVE_ONE_GROUP_OUT",
    "AucDifference",
    "CalibrationError",
    "Design",
    "Sequential",
    "SinglePredictor",
    "TailFit",
    "TailRefusal",
    "all_labels",
    "auc",
    "auc_covariance",
    "auc_interval",
    "auc_within",
    "balanced_brier",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "best_single_predictor",
    "bootstrap_interval",
    "calibration_error",
    "count_labellings",
    "deal_folds",
    "delong_interval",
    "delong_test",
    "draw_labels",
    "effective_sizes",
    "enough_exceedances",
    "exact_p",
    "has_mirror",
    "make_design",
    "mmd_statistic",
    "permutation_p",
    "power",
    "roc_points",
    "smallest_n",
    "smallest_p",
    "start_sequential",
    "stream",
    "tail_p",
    "update",
]
