"""Small logistic regressions with a Gaussian prior, many at once, fitted by Newton's method.

With a handful of coefficients the Hessian is tiny and the penalised loss strictly convex, so a fixed number of Newton
steps reaches the optimum; a first-order optimiser would need hundreds of steps and a schedule.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

NEWTON_STEPS = 25
# A full Newton step overshoots on separable data, so the best of these fractions of it is taken.
STEP_FRACTIONS = (1.0, 0.5, 0.25, 0.1, 0.03, 0.0)

Floats = NDArray[np.float64]


def with_intercept(x: Floats) -> Floats:
    """Append a column of ones to ``(..., n, f)``."""
    return np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)


def fit_logistic(
    x: Floats, y: NDArray[np.bool_], weight: Floats, prior_mean: Floats, prior_precision: Floats
) -> Floats:
    """Fit the coefficients of ``k`` regressions, the intercept last, float64 ``(k, f + 1)``.

    They minimise, each,

        sum_i weight_i * log-loss_i + 1/2 sum_j prior_precision_j (b_j - prior_mean_j)^2.

    Args:
        x: ``(k, n, f)``, finite.
        y: bool ``(n,)``, the same for all.
        weight: ``(k, n)``, not negative; 0 leaves an individual out.
        prior_mean: ``(f + 1,)``.
        prior_precision: ``(f + 1,)``, positive.
    """
    design = with_intercept(x)
    target = y.astype(np.float64)

    def loss(b: Floats) -> Floats:
        """Of candidates ``(k, c, f + 1)``: ``(k, c)``."""
        logit = np.einsum("knf,kcf->kcn", design, b)
        misfit = np.einsum("kn,kcn->kc", weight, np.logaddexp(0.0, logit) - target * logit)
        return np.asarray(misfit + 0.5 * (prior_precision * (b - prior_mean) ** 2).sum(axis=-1))

    # at 0 every probability is one half, where the curvature is largest and the first step safest
    b = np.zeros((len(x), design.shape[-1]))
    for _ in range(NEWTON_STEPS):
        p = expit(np.einsum("knf,kf->kn", design, b))
        gradient = np.einsum("knf,kn->kf", design, weight * (p - target)) + prior_precision * (b - prior_mean)
        hessian = np.einsum("knf,kn,kng->kfg", design, weight * p * (1 - p), design) + np.diag(prior_precision)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        candidates = b[:, None, :] - np.asarray(STEP_FRACTIONS)[None, :, None] * step[:, None, :]
        best = np.argmin(loss(candidates), axis=1)
        b = np.take_along_axis(candidates, best[:, None, None], axis=1)[:, 0]
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    return b


def laplace_covariance(x: Floats, weight: Floats, coefficients: Floats, prior_precision: Floats) -> Floats:
    """Inverse curvature of the loss of `fit_logistic` at ``coefficients``, float64 ``(k, f + 1, f + 1)``.

    That is the covariance of the normal distribution that is nearest to the posterior at its mode (Laplace).
    """
    design = with_intercept(x)
    p = expit(np.einsum("knf,kf->kn", design, coefficients))
    hessian = np.einsum("knf,kn,kng->kfg", design, weight * p * (1 - p), design) + np.diag(prior_precision)
    return np.asarray(np.linalg.inv(hessian), dtype=np.float64)
