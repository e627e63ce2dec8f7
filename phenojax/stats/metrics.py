"""How well a score separates cases from controls, with an interval that knows of groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

BESIDE = 1e-9


def auc(labels: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    """Area under the ROC curve, ties counting one half; NaN without both classes."""
    n_cases = int(labels.sum())
    n_controls = len(labels) - n_cases
    if n_cases == 0 or n_controls == 0:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[labels].sum() - n_cases * (n_cases + 1) / 2) / (n_cases * n_controls))


def roc_points(
    labels: NDArray[np.bool_], scores: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the ROC curve: shares of false and of true positives, both from 0 to 1; ties make a slanted step.

    Args:
        labels: bool ``(n,)``; True for a case; both classes are there.
        scores: ``(n,)``; larger where a case is likelier.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # where a run of ties ends
    true_positive = np.cumsum(labels[order])[ends]
    false_positive = ends + 1 - true_positive
    x = np.append(0, false_positive) / max(1, int(false_positive[-1]))
    y = np.append(0, true_positive) / max(1, int(true_positive[-1]))
    corner = np.ones(len(x), dtype=bool)  # points inside a straight run say nothing
    corner[1:-1] = (np.diff(x)[:-1] * np.diff(y)[1:]) != (np.diff(y)[:-1] * np.diff(x)[1:])
    return x[corner], y[corner]


def auc_within(labels: NDArray[np.bool_], scores: NDArray[np.floating], folds: NDArray[np.integer]) -> float:
    """Mean AUC inside the folds that hold both classes; NaN when none does."""
    inside = [auc(labels[folds == k], scores[folds == k]) for k in np.unique(folds)]
    inside = [value for value in inside if not np.isnan(value)]
    return float(np.mean(inside)) if inside else float("nan")


def balanced_brier(labels: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> float:
    """Mean of the two classes' mean squared errors, in [0, 1]; a constant one half scores .25.

    Cases and controls weigh alike because the number of controls is the design's choice, not nature's.
    """
    error = (probabilities - labels) ** 2
    return float((error[labels].mean() + error[~labels].mean()) / 2)


def auc_interval(
    labels: NDArray[np.bool_], scores: NDArray[np.floating], groups: NDArray[np.integer], level: float = 0.95
) -> tuple[float, float]:
    """Confidence interval of the AUC, inside [0, 1] and of positive width even at AUC = 1.

    Newcombe's method 5 (Stat Med 2006;25:559-573) on effective sample sizes: each class counts as many individuals as
    its groups are worth, by the clustered variance of Obuchowski (Biometrics 1997;53:567-578) over the unclustered one.
    """
    estimate = auc(labels, scores)
    if np.isnan(estimate):
        return float("nan"), float("nan")
    effective = effective_sizes(labels, scores, groups)
    z = norm.ppf((1 + level) / 2)

    def excess(theta: float) -> float:
        return float((estimate - theta) ** 2 - z**2 * _newcombe_variance(theta, *effective))

    # at 0 and 1 the variance vanishes, so a bound is sought from just beside the estimate
    low = brentq(excess, 0.0, estimate - BESIDE) if estimate > BESIDE else 0.0
    high = brentq(excess, estimate + BESIDE, 1.0) if estimate < 1 - BESIDE else 1.0
    return float(low), float(high)


def effective_sizes(
    labels: NDArray[np.bool_], scores: NDArray[np.floating], groups: NDArray[np.integer]
) -> tuple[float, float]:
    """How many independent cases and controls the classes are worth, by the clustered variance of their placements.

    Between the number of groups and the number of individuals of each class. Source: Obuchowski, Biometrics
    1997;53:567-578.
    """
    return _effective_size(labels, scores, groups, True), _effective_size(labels, scores, groups, False)


def _newcombe_variance(theta: float, n_cases: float, n_controls: float) -> float:
    mean_size = (n_cases + n_controls) / 2
    spread = 1 + (mean_size - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
    return float(theta * (1 - theta) * spread / (n_cases * n_controls))


def _effective_size(
    labels: NDArray[np.bool_], scores: NDArray[np.floating], groups: NDArray[np.integer], of: bool
) -> float:
    """N / design effect of one class; as many as its groups when the members of a group cannot be told apart."""
    mine, other = scores[labels == of], np.sort(scores[labels != of])
    placement = (np.searchsorted(other, mine, "left") + np.searchsorted(other, mine, "right")) / (2 * len(other))
    centred = placement - placement.mean()
    group = np.unique(groups[labels == of], return_inverse=True)[1]
    n_groups = int(group.max()) + 1
    single = float((centred**2).sum())
    if n_groups == len(mine):
        return float(n_groups)
    if single == 0:
        return float(n_groups)
    if n_groups == 1:
        return 1.0
    n = len(mine)
    between = float((np.bincount(group, weights=centred) ** 2).sum()) * n_groups / (n_groups - 1)
    return float(np.clip(n * single * n / (n - 1) / max(between, 1e-300), min(n_groups, len(mine)), len(mine)))
