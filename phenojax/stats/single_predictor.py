"""How well one thing alone, such as the number of terms, tells cases from controls: what a phenotype has to beat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from phenojax.stats.design import Design, draw_labels
from phenojax.stats.pvalues import permutation_p


class SinglePredictor(NamedTuple):
    """The one of several features that predicts the label best.

    Attributes:
        feature: its column.
        auc: of that feature, turned so that it is at least one half.
        p_value: two-sided, under the design's own relabellings, for the best of the features.
    """

    feature: int
    auc: float
    p_value: float


def best_single_predictor(
    rng: np.random.Generator, design: Design, features: NDArray[np.float64], permutations: int, at_least: float
) -> SinglePredictor | None:
    """Find the feature that alone predicts the label best, or None where its AUC is below ``at_least``.

    The statistic is the largest |AUC - 1/2| over the features, in the observed labelling and in every drawn one, so
    that a column of many categories is no predictor because one of many is. Nothing is drawn when it is small.

    Args:
        rng: draws the relabellings.
        design: the labels, and with what they swap.
        features: float64 ``(n, f)`` without NaN; only their order counts.
        permutations: how many relabellings are drawn.
        at_least: between one half and 1.
    """
    ranks = rankdata(features, axis=0)
    directed = _aucs(design.labels[None, :], ranks)[0]
    observed = np.abs(directed - 0.5)
    # of two that say the same, such as the two sexes, the one that cases have more of
    best = int(np.lexsort((directed, np.round(observed, 9)))[-1])
    if 0.5 + observed[best] < at_least:
        return None
    null = np.abs(_aucs(draw_labels(rng, design, permutations), ranks) - 0.5).max(axis=1)
    return SinglePredictor(best, float(0.5 + observed[best]), permutation_p(float(observed[best]), null))


def _aucs(labels: NDArray[np.bool_], ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(p, f)``; the AUC of every feature under every labelling, one half without both classes."""
    n_cases = labels.sum(axis=1, keepdims=True).astype(np.float64)
    pairs = n_cases * (labels.shape[1] - n_cases)
    wins = labels.astype(np.float64) @ ranks - n_cases * (n_cases + 1) / 2
    aucs: NDArray[np.float64] = np.where(pairs > 0, wins / np.maximum(pairs, 1.0), 0.5)
    return aucs
