"""A small logistic regression with a Gaussian prior, fitted by Newton's method.

With a handful of coefficients the Hessian is tiny and the penalised loss strictly convex, so a fixed number of Newton
steps reaches the optimum to float32 precision; a first-order optimiser would need hundreds of steps and a schedule.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

NEWTON_STEPS = 15
# A full Newton step overshoots on separable data, so the best of these fractions of it is taken.
STEP_FRACTIONS = (1.0, 0.5, 0.25, 0.1, 0.03, 0.0)
# Losses, sums in float32 and never negative, that differ by less than this part of them are the same.
LOSS_ROUNDING = 1e-6


def with_intercept(x: Array) -> Array:
    """Append a column of ones to ``(n, f)``."""
    return jnp.concatenate([x, jnp.ones((x.shape[0], 1), x.dtype)], axis=1)


def fit_logistic(x: Array, y: Array, weight: Array, prior_mean: Array, prior_precision: Array) -> Array:
    """Fit the coefficients, the intercept last, float32 ``(f + 1,)``.

    They minimise

        sum_i weight_i * log-loss_i + 1/2 sum_j prior_precision_j (b_j - prior_mean_j)^2.

    Args:
        x: float32 ``(n, f)``.
        y: ``(n,)``, 0 or 1.
        weight: float32 ``(n,)``, not negative; 0 leaves an individual out.
        prior_mean: float32 ``(f + 1,)``.
        prior_precision: float32 ``(f + 1,)``, positive.
    """
    design = with_intercept(x)
    target = y.astype(design.dtype)
    fractions = jnp.asarray(STEP_FRACTIONS, design.dtype)

    def loss(b: Array) -> Array:
        logit = design @ b
        return jnp.sum(weight * (jax.nn.softplus(logit) - target * logit)) + 0.5 * jnp.sum(
            prior_precision * (b - prior_mean) ** 2
        )

    def step(_: int, b: Array) -> Array:
        p = jax.nn.sigmoid(design @ b)
        gradient = design.T @ (weight * (p - target)) + prior_precision * (b - prior_mean)
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + jnp.diag(prior_precision)
        candidates = b - fractions[:, None] * jnp.linalg.solve(hessian, gradient)
        losses = jax.vmap(loss)(candidates)
        # near the optimum rounding alone orders the losses: of those that are as low, the longest step
        as_low = losses <= losses.min() * (1 + LOSS_ROUNDING)
        return candidates[jnp.argmax(as_low)]

    # at 0 every probability is one half, where the curvature is largest and the first step safest
    return jax.lax.fori_loop(0, NEWTON_STEPS, step, jnp.zeros_like(prior_mean))


def balanced_weights(y: Array, train: Array) -> Array:
    """Weights ``(n,)`` that give both classes of the training set half of its size; 0 outside it."""
    case, control = y & train, ~y & train
    half = train.sum() / 2
    return half * (case / jnp.maximum(case.sum(), 1) + control / jnp.maximum(control.sum(), 1))
