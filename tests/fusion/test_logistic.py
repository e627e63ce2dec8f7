"""The logistic regression reaches the optimum of its penalised loss, on separable data and on none."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from phenojax.fusion.logistic import balanced_weights, fit_logistic, with_intercept

N, F = 40, 2
fit = jax.jit(fit_logistic)


def _data(seed: int, slope: float) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(N, F)).astype(np.float32)
    y = rng.random(N) < expit(slope * x[:, 0] - 0.5)
    y[:2] = [True, False]
    return x, y, rng.uniform(0, 2, N).astype(np.float32)


def _separable(seed: int) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    x, _, weight = _data(seed, 0)
    y = x[:, 0] > 0
    x[:, 0] += np.where(y, 2, -2)
    return x, y, weight


def _fit(x: NDArray[np.float32], y: NDArray[np.bool_], weight: NDArray[np.float32], mean, precision):  # type: ignore[no-untyped-def]
    arrays = (x, y, weight, np.asarray(mean, np.float32), np.asarray(precision, np.float32))
    return np.asarray(fit(*map(jnp.asarray, arrays)), dtype=np.float64)


def _loss_and_slope(b, x, y, weight, mean, precision):  # type: ignore[no-untyped-def]
    """In float64."""
    design = np.column_stack([x, np.ones(len(x))]).astype(np.float64)
    logit, off = design @ b, b - np.asarray(mean)
    loss = (weight * (np.logaddexp(0, logit) - y * logit)).sum() + 0.5 * (precision * off**2).sum()
    return loss, design.T @ (weight * (expit(logit) - y)) + precision * off


@pytest.mark.parametrize("data", [_data(0, 1.0), _data(1, 4.0), _separable(2)], ids=["weak", "strong", "separable"])
@pytest.mark.parametrize("penalty", [0.3, 1.0, 10.0])
def test_the_coefficients_are_those_of_scikit_learn(data, penalty: float) -> None:  # type: ignore[no-untyped-def]
    x, y, weight = data
    found = _fit(x, y, weight, np.zeros(F + 1), np.full(F + 1, penalty))
    # scikit-learn leaves its own intercept unpenalised, so the column of ones is a feature here
    peer = LogisticRegression(C=1 / penalty, fit_intercept=False, tol=1e-10, max_iter=2000)
    peer.fit(np.asarray(with_intercept(jnp.asarray(x)), dtype=np.float64), y, sample_weight=weight)
    np.testing.assert_allclose(found, peer.coef_[0], atol=2e-4)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 2.0, 100.0]),
    st.lists(st.floats(-3, 3), min_size=F + 1, max_size=F + 1),
    st.lists(st.floats(1e-3, 10), min_size=F + 1, max_size=F + 1),
)
def test_the_fit_is_an_optimum_and_never_worse_than_nothing(
    seed: int, slope: float, mean: list[float], precision: list[float]
) -> None:
    problem = (*_data(seed, slope), np.array(mean), np.array(precision))
    b = _fit(*problem)
    loss, gradient = _loss_and_slope(b, *problem)
    assert loss <= _loss_and_slope(np.zeros(F + 1), *problem)[0] + 1e-4
    assert np.abs(gradient).max() < 5e-3


def test_separable_data_with_hardly_a_penalty_stays_finite_and_improves() -> None:
    problem = (*_separable(3), np.zeros(F + 1), np.full(F + 1, 1e-4))
    b = _fit(*problem)
    assert np.isfinite(b).all()
    assert _loss_and_slope(b, *problem)[0] < 0.05 * _loss_and_slope(np.zeros(F + 1), *problem)[0]


@given(st.lists(st.floats(-5, 5, width=32), min_size=F + 1, max_size=F + 1))
@settings(deadline=None, max_examples=25)
def test_without_data_the_prior_is_the_answer(mean: list[float]) -> None:
    x, y, weight = _data(0, 1.0)
    np.testing.assert_allclose(_fit(x, y, weight * 0, mean, [1.0, 10.0, 0.3]), mean, atol=1e-5)


def test_an_individual_of_weight_0_is_not_there() -> None:
    x, y, weight = _data(4, 1.0)
    weight[:10] = 0
    prior = (np.zeros(F + 1), np.ones(F + 1))
    changed = x.copy()
    changed[:10] = 50
    np.testing.assert_allclose(
        _fit(changed, ~y & (weight == 0) | y & (weight > 0), weight, *prior), _fit(x, y, weight, *prior), atol=1e-5
    )


def test_balanced_weights_give_each_class_half_of_the_training_set() -> None:
    y, train = np.arange(10) < 3, np.arange(10) % 4 != 0
    weight = np.asarray(balanced_weights(jnp.asarray(y), jnp.asarray(train)))
    np.testing.assert_array_equal(weight[~train], 0)
    assert weight[y].sum() == pytest.approx(weight[~y].sum()) == pytest.approx(train.sum() / 2)
    assert len(set(weight[y & train].tolist())) == 1
