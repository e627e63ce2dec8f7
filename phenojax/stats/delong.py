"""The variance of an AUC from the placements of its individuals, and the comparison of two scores on one sample.

The placement of a case is the share of controls it outscores, ties counting one half; that of a control is the share of
cases that outscore it. Without groups this is DeLong's estimate; with groups, whose members are not independent, it is
Obuchowski's, in which a group counts through the sum of its members' placements.

Sources: DeLong et al., Biometrics 1988;44:837-845. Obuchowski, Biometrics 1997;53:567-578.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from phenojax.stats.metrics import auc_interval


class AucDifference(NamedTuple):
    """What `delong_test` found.

    Attributes:
        difference: AUC of the first score minus that of the second.
        standard_error: of the difference; NaN where a class has one group only.
        p_value: two-sided; 1 where the two scores have the same placements, NaN where the standard error is 0 or
            NaN and the AUCs differ.
    """

    difference: float
    standard_error: float
    p_value: float


def auc_covariance(
    labels: NDArray[np.bool_], scores: NDArray[np.floating], groups: NDArray[np.integer] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AUCs of several scores of the same individuals, and how they vary together.

    Args:
        labels: bool ``(n,)``, both classes.
        scores: ``(k, n)``.
        groups: ``(n,)``; everybody is independent when not given.

    Returns:
        AUCs, float64 ``(k,)``, and their covariance, float64 ``(k, k)``; NaN where a class has one group only.
    """
    group = np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_cases, n_controls = int(labels.sum()), int((~labels).sum())
    to_group = np.zeros((len(labels), int(group.max()) + 1))
    to_group[np.arange(len(labels)), group] = 1.0
    placements = np.array([_placements(labels, row) for row in scores])
    aucs = placements[:, labels].mean(axis=1)
    # what each group adds to the mean placement of the cases, and of the controls, beyond its share
    centred = placements - aucs[:, None]
    of_cases = (centred * labels) @ to_group / n_cases
    of_controls = (centred * ~labels) @ to_group / n_controls
    with_case, with_control = (int(((to_group * of[:, None]).sum(axis=0) > 0).sum()) for of in (labels, ~labels))
    if with_case < 2 or with_control < 2:
        return aucs, np.full((len(scores), len(scores)), np.nan)
    n_groups = to_group.shape[1]
    # a mixed group's cases and controls vary together
    shared = of_cases @ of_controls.T * n_groups / (n_groups - 1)
    covariance = of_cases @ of_cases.T * with_case / (with_case - 1) + of_controls @ of_controls.T * with_control / (
        with_control - 1
    )
    return aucs, covariance + shared + shared.T


def delong_interval(
    labels: NDArray[np.bool_],
    scores: NDArray[np.floating],
    groups: NDArray[np.integer] | None = None,
    level: float = 0.95,
) -> tuple[float, float]:
    """Confidence interval of the AUC, symmetric in its log odds and so inside (0, 1).

    At AUC = 0 or 1 the variance of the placements is 0, and with one group in a class it is unknown: there, and
    wherever it is not positive, the interval is that of `auc_interval`, which has a positive width. NaN without both
    classes.
    """
    everybody = np.arange(len(labels)) if groups is None else groups
    if labels.all() or not labels.any():
        return float("nan"), float("nan")
    [area], [[variance]] = auc_covariance(labels, scores[None, :], groups)
    if not (variance > 0 and 0 < area < 1):
        return auc_interval(labels, scores, everybody, level)
    reach = norm.ppf((1 + level) / 2) * np.sqrt(variance) / (area * (1 - area))
    return float(expit(logit(area) - reach)), float(expit(logit(area) + reach))


def delong_test(
    labels: NDArray[np.bool_],
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    groups: NDArray[np.integer] | None = None,
) -> AucDifference:
    """Whether two scores of the same individuals, such as two models' out-of-fold scores, have the same AUC.

    The scores are taken as given: a score that was fitted to these labels has an AUC that this test cannot judge.
    """
    aucs, covariance = auc_covariance(labels, np.stack([first, second]), groups)
    difference = float(aucs[0] - aucs[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    error = float(np.sqrt(max(variance, 0.0))) if not np.isnan(variance) else float("nan")
    if error > 1e-12:
        return AucDifference(difference, error, float(2 * norm.sf(abs(difference) / error)))
    same = error <= 1e-12 and abs(difference) < 1e-12
    return AucDifference(difference, error, 1.0 if same else float("nan"))


def _placements(labels: NDArray[np.bool_], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Float64 ``(n,)``: for a case the controls below it, for a control the cases above it, as shares."""
    placements = np.empty(len(labels))
    for of in (True, False):
        others = np.sort(scores[labels != of])
        mine = scores[labels == of]
        below = (np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")) / (2 * len(others))
        placements[labels == of] = below if of else 1 - below
    return placements
