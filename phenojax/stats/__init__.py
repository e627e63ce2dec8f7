"""Exchangeable designs, folds, p-values and metrics: plain numpy on arrays."""

from phenojax.stats.design import Design, count_labellings, deal_folds, draw_folds, draw_labels, make_design, n_folds
from phenojax.stats.metrics import auc, auc_interval, auc_within, balanced_brier
from phenojax.stats.pvalues import benjamini_hochberg, permutation_p, smallest_p
from phenojax.stats.random import stream
from phenojax.stats.single_predictor import SinglePredictor, best_single_predictor

__all__ = [
    "Design",
    "SinglePredictor",
    "auc",
    "auc_interval",
    "auc_within",
    "balanced_brier",
    "benjamini_hochberg",
    "best_single_predictor",
    "count_labellings",
    "deal_folds",
    "draw_folds",
    "draw_labels",
    "make_design",
    "n_folds",
    "permutation_p",
    "smallest_p",
    "stream",
]
