"""Each of many logistic regressions reaches the optimum of its penalised loss, on separable data and on none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from phenojax.fusion.logistic import fit_logistic, laplace_covariance, with_intercept

K, N, F = 3, 40, 2
Floats = NDArray[np.float64]


class Data(NamedTuple):
    """K regressions on the same labels."""

    x: Floats
    y: NDArray[np.bool_]
    weight: Floats


def _data(seed: int, slope: float) -> Data:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(K, N, F))
    y = rng.random(N) < expit(slope * x[0, :, 0] - 0.5)
    y[:2] = [True, False]
    return Data(x, y, rng.uniform(0, 2, (K, N)))


def _separable(seed: int) -> Data:
    x, y, weight = _data(seed, 1.0)
    x[:, :, 0] = np.where(y, 2, -2) + np.where(y, 1, -1) * np.abs(x[:, :, 0])
    return Data(x, y, weight)


def _loss_and_slope(k: int, b: Floats, data: Data, mean: Floats, precision: Floats) -> tuple[float, Floats]:
    """Of regression k."""
    design = np.column_stack([data.x[k], np.ones(N)])
    logit, off = design @ b, b - mean
    loss = (data.weight[k] * (np.logaddexp(0, logit) - data.y * logit)).sum() + 0.5 * (precision * off**2).sum()
    return float(loss), design.T @ (data.weight[k] * (expit(logit) - data.y)) + precision * off


@pytest.mark.parametrize("data", [_data(0, 1.0), _data(1, 4.0), _separable(2)], ids=["weak", "strong", "separable"])
@pytest.mark.parametrize("penalty", [0.3, 1.0, 10.0])
def test_the_coefficients_are_those_of_scikit_learn(data: Data, penalty: float) -> None:
    found = fit_logistic(*data, np.zeros(F + 1), np.full(F + 1, penalty))
    for x, weight, b in zip(data.x, data.weight, found, strict=True):
        # scikit-learn leaves its own intercept unpenalised, so the column of ones is a feature here
        peer = LogisticRegression(C=1 / penalty, fit_intercept=False, tol=1e-10, max_iter=2000)
        peer.fit(with_intercept(x), data.y, sample_weight=weight)
        np.testing.assert_allclose(b, peer.coef_[0], atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 2.0, 100.0]),
    st.lists(st.floats(-3, 3), min_size=F + 1, max_size=F + 1),
    st.lists(st.floats(1e-3, 10), min_size=F + 1, max_size=F + 1),
)
def test_the_fit_is_an_optimum_and_never_worse_than_nothing(
    seed: int, slope: float, mean: list[float], precision: list[float]
) -> None:
    data, prior = _data(seed, slope), (np.array(mean), np.array(precision))
    for k, b in enumerate(fit_logistic(*data, *prior)):
        loss, gradient = _loss_and_slope(k, b, data, *prior)
        assert loss <= _loss_and_slope(k, np.zeros(F + 1), data, *prior)[0]
        assert np.abs(gradient).max() < 1e-6


def test_separable_data_with_hardly_a_penalty_stays_finite_and_improves() -> None:
    data, prior = _separable(3), (np.zeros(F + 1), np.full(F + 1, 1e-4))
    for k, b in enumerate(fit_logistic(*data, *prior)):
        assert np.isfinite(b).all()
        assert _loss_and_slope(k, b, data, *prior)[0] < 0.05 * _loss_and_slope(k, np.zeros(F + 1), data, *prior)[0]


def test_where_a_full_step_overshoots_the_optimum_is_reached_all_the_same() -> None:
    x, y = np.array([-300.0, 40_000.0, -1700.0]), np.array([True, True, False])
    weight, mean, precision = np.array([45.0, 0.4, 0.01]), np.array([-1.3, -0.2]), np.array([2e-3, 5e-4])
    [b] = fit_logistic(x[None, :, None], y, weight[None], mean, precision)
    off = weight * (expit(b[0] * x + b[1]) - y)
    np.testing.assert_allclose([off @ x, off.sum()] + precision * (b - mean), 0, atol=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=F + 1, max_size=F + 1))
@settings(deadline=None, max_examples=25)
def test_without_data_the_prior_is_the_answer(mean: list[float]) -> None:
    x, y, weight = _data(0, 1.0)
    found = fit_logistic(x, y, weight * 0, np.array(mean), np.array([1.0, 10.0, 0.3]))
    np.testing.assert_allclose(found, np.tile(mean, (K, 1)), atol=1e-12)


def test_an_individual_of_weight_0_is_not_there() -> None:
    x, y, weight = _data(4, 1.0)
    weight[:, :10] = 0
    prior = (np.zeros(F + 1), np.ones(F + 1))
    changed, flipped = x.copy(), y ^ (np.arange(N) < 10)
    changed[:, :10] = 50
    without = fit_logistic(x[:, 10:], y[10:], weight[:, 10:], *prior)
    np.testing.assert_allclose(fit_logistic(changed, flipped, weight, *prior), without, atol=1e-9)


def test_a_regression_does_not_depend_on_those_beside_it() -> None:
    x, y, weight = _data(5, 3.0)
    prior = (np.ones(F + 1), np.full(F + 1, 0.2))
    together = fit_logistic(x, y, weight, *prior)
    for k in range(K):
        np.testing.assert_allclose(fit_logistic(x[[k]], y, weight[[k]], *prior)[0], together[k], atol=1e-9)


def test_the_covariance_is_the_inverse_curvature_of_the_loss() -> None:
    rng = np.random.default_rng(5)
    x, y, weight = rng.normal(size=(1, 30, 1)), rng.random(30) < 0.4, rng.random((1, 30))
    mean, precision = np.array([1.0, 0.0]), np.array([3.0, 0.3])
    b = fit_logistic(x, y, weight, mean, precision)

    def loss(at: NDArray[np.float64]) -> float:
        z = at[0] * x[0, :, 0] + at[1]
        return float((weight[0] * (np.logaddexp(0, z) - y * z)).sum() + (precision * (at - mean) ** 2).sum() / 2)

    step = 1e-4
    e = step * np.eye(2)
    curvature = [
        [(loss(b[0] + e[i] + e[j]) - loss(b[0] + e[i]) - loss(b[0] + e[j]) + loss(b[0])) / step**2 for j in range(2)]
        for i in range(2)
    ]
    np.testing.assert_allclose(laplace_covariance(x, weight, b, precision)[0], np.linalg.inv(curvature), rtol=1e-3)
