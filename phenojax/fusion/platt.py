"""Platt's sigmoid: from the decision values of a classifier to probabilities.

    P(case | f) = 1 / (1 + exp(slope f + offset))

It is written here because scikit-learn deprecates `SVC(probability=True)` in 1.9, and because that draws its folds at
random; this is the same on every release.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

# The constants of Lin, Lin & Weng. The fit stops at this gradient, whatever the scale of the decision values: where
# these are tiny, as those of a very small C, the slope stays 0 and the probability is a constant.
GRADIENT = 1e-5
RIDGE = 1e-12
SMALLEST_STEP = 1e-10
SUFFICIENT_DECREASE = 1e-4
MAX_STEPS = 100


class Sigmoid(NamedTuple):
    """A negative `slope` says that larger decision values are likelier cases."""

    slope: float
    offset: float

    def probabilities(self, decisions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of being a case, one for each decision value."""
        probabilities: NDArray[np.float64] = expit(-(self.slope * decisions + self.offset))
        return probabilities


def smoothed_targets(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What the sigmoid is fitted to, float64 ``(n,)``: (n_cases + 1) / (n_cases + 2) and 1 / (n_controls + 2).

    These are the posterior means under a uniform prior, so that separable decision values have a finite optimum.
    """
    n_cases = int(labels.sum())
    return np.where(labels, (n_cases + 1.0) / (n_cases + 2.0), 1.0 / (len(labels) - n_cases + 2.0))


def sigmoid_loss(sigmoid: Sigmoid, decisions: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """Cross-entropy of the sigmoid against soft targets, in nats, summed; never an overflow."""
    logit = sigmoid.slope * decisions + sigmoid.offset
    return float(np.sum(np.logaddexp(0.0, logit) - (1.0 - targets) * logit))


def fit_sigmoid(decisions: NDArray[np.float64], labels: NDArray[np.bool_]) -> Sigmoid:
    """Fit by Newton's method with halved steps, from the constant that the class sizes suggest.

    Args:
        decisions: float64 ``(n,)``; of individuals that the classifier was not trained on.
        labels: bool ``(n,)``; True for a case.

    Source: Platt, Advances in Large Margin Classifiers 1999:61-74; Lin, Lin & Weng, Machine Learning 2007;68:267-276.
    """
    targets = smoothed_targets(labels)
    n_cases = int(labels.sum())
    fitted = Sigmoid(0.0, float(np.log((len(labels) - n_cases + 1.0) / (n_cases + 1.0))))
    loss = sigmoid_loss(fitted, decisions, targets)
    for _ in range(MAX_STEPS):
        p = fitted.probabilities(decisions)
        slope_gradient, offset_gradient = float((targets - p) @ decisions), float(np.sum(targets - p))
        if abs(slope_gradient) < GRADIENT and abs(offset_gradient) < GRADIENT:
            break
        curvature = p * (1.0 - p)
        h11 = float(curvature @ decisions**2) + RIDGE
        h22 = float(curvature.sum()) + RIDGE
        h21 = float(curvature @ decisions)
        determinant = h11 * h22 - h21 * h21
        slope_step = -(h22 * slope_gradient - h21 * offset_gradient) / determinant
        offset_step = -(h11 * offset_gradient - h21 * slope_gradient) / determinant
        descent = slope_gradient * slope_step + offset_gradient * offset_step
        step = 1.0
        while step >= SMALLEST_STEP:
            candidate = Sigmoid(fitted.slope + step * slope_step, fitted.offset + step * offset_step)
            candidate_loss = sigmoid_loss(candidate, decisions, targets)
            if candidate_loss < loss + SUFFICIENT_DECREASE * step * descent:
                fitted, loss = candidate, candidate_loss
                break
            step /= 2.0
        else:
            break
    return fitted
