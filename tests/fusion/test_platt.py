"""Platt's sigmoid: the optimum of the published objective, whatever the decision values are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from phenojax.fusion.platt import Sigmoid, fit_sigmoid, sigmoid_loss, smoothed_targets


def decisions_and_labels(seed: int, n: int = 30, signal: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) < n // 3)
    return rng.normal(size=n) + signal * labels, labels


def cross_entropy(parameters: NDArray[np.float64], decisions: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Platt's objective as he writes it, with his targets."""
    p = 1 / (1 + np.exp(parameters[0] * decisions + parameters[1]))
    n_cases, n_controls = labels.sum(), (~labels).sum()
    target = np.where(labels, (n_cases + 1) / (n_cases + 2), 1 / (n_controls + 2))
    return float(-np.sum(target * np.log(p) + (1 - target) * np.log(1 - p)))


@pytest.mark.parametrize("signal", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_the_optimum_of_the_published_objective(seed: int, signal: float) -> None:
    decisions, labels = decisions_and_labels(seed, signal=signal)
    found = fit_sigmoid(decisions, labels)
    best = minimize(cross_entropy, [0.0, 0.0], args=(decisions, labels), method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(found, best.x, atol=2e-4)
    assert cross_entropy(np.array(found), decisions, labels) <= best.fun + 1e-8
    assert sigmoid_loss(found, decisions, smoothed_targets(labels)) == pytest.approx(best.fun, abs=1e-8)


def test_separable_decision_values_have_a_finite_slope() -> None:
    labels = np.arange(20) < 10
    found = fit_sigmoid(np.where(labels, 1.0, -1.0), labels)
    np.testing.assert_allclose(found.probabilities(np.array([1.0, -1.0])), [11 / 12, 1 / 12], atol=1e-5)


def test_decision_values_of_nothing_give_the_share_of_cases() -> None:
    labels = np.arange(16) < 4
    p = fit_sigmoid(np.zeros(16), labels).probabilities(np.array([0.0, 3.0]))
    targets_mean = (4 * 5 / 6 + 12 * 1 / 14) / 16
    np.testing.assert_allclose(p, targets_mean, atol=1e-5)


def test_huge_decision_values_overflow_nothing() -> None:
    decisions, labels = decisions_and_labels(5)
    found = fit_sigmoid(decisions * 1e6, labels)
    assert np.isfinite(found).all()
    p = found.probabilities(np.array([-1e9, 1e9]))
    np.testing.assert_allclose(p, [0.0, 1.0], atol=1e-6)
    assert np.isfinite(sigmoid_loss(Sigmoid(1e6, 0.0), decisions, smoothed_targets(labels)))


def test_larger_decision_values_are_likelier_cases() -> None:
    decisions, labels = decisions_and_labels(6, signal=2.0)
    found = fit_sigmoid(decisions, labels)
    assert found.slope < 0
    assert (np.diff(found.probabilities(np.sort(decisions))) > 0).all()
