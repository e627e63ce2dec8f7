"""Kernel ridge regression under cross-validation, for many labellings at once.

Folds and groups do not look at labels, so neither does anything that costs time: one linear operator for each fold and
hyperparameter takes labels to the residuals of the training individuals, each predicted without its own group, and to
the predictions of those held out. The hyperparameters are not chosen but averaged, each weighing as much as its
residuals are likely: an argmax would rest on a handful of individuals.

    weight_h ~ (weighted mean squared residual_h) ^ (- sharpness * number of training groups / 2)

A prediction counts as its distance from the mean training label, in units of the root mean square that the same fold
and hyperparameter would give training groups under random labels. Otherwise whatever is held out decides how far its
scores spread: an individual whose label contradicts its like leaves a training set that looks predictable and is then
predicted wrong, with conviction, so that the mean AUC of random labels falls to .45.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

# Squared residuals below this part of the labels' square are the same: perfect.
PERFECT = 1e-8
PARTS = 8


@dataclass(frozen=True)
class RidgeConfig:
    """The grid of penalties, and how sharply the residuals choose among them.

    Attributes:
        lowest: smallest penalty, in units of the centred kernel's mean squared distance from the mean.
        highest: largest penalty.
        n_penalties: how many, evenly spaced in the logarithm.
        sharpness: 1 is the likelihood of independent groups; 0 weighs all alike; large comes near an argmax.
    """

    lowest: float = 0.1
    highest: float = 100.0
    n_penalties: int = 8
    sharpness: float = 1.0

    @property
    def penalties(self) -> NDArray[np.float64]:
        """Float64 ``(n_penalties,)``."""
        return np.geomspace(self.lowest, self.highest, self.n_penalties)


class Operators(NamedTuple):
    """What all labellings of one sample share; f folds, h hyperparameters, n individuals, t training columns.

    Attributes:
        rows: float32 ``(f, h, n, t)``; from the labels of fold f's training individuals to, in a training row, its
            residual without its group, times the root of its weight (the weights sum to 1); in a held-out row, its
            prediction less the mean training label, in units of what random labels give. 0 on padding.
        columns: int32 ``(f, t)``; which individual a column is; columns without one are 0 in ``rows``.
        training: bool ``(f, n)``.
        held_out: bool ``(f, n)``; neither on padding.
        n_groups: float32 ``(f,)``; training groups.
        units: float32 ``(f, h)``; what random labels give: predictions were divided by it.
    """

    rows: Array | NDArray[np.float32]
    columns: Array | NDArray[np.int32]
    training: Array | NDArray[np.bool_]
    held_out: Array | NDArray[np.bool_]
    n_groups: Array | NDArray[np.float32]
    units: Array | NDArray[np.float32]


def ridge_scores(operators: Operators, labels: Array, sharpness: float = 1.0) -> Array:
    """Out-of-fold scores, float32 ``(p, n)``; 1 is what random labels give on average.

    0 on padding, and where the training individuals are all cases or all controls.

    Args:
        operators: of `ridge_operators`, or of `solved_operators` for gradients.
        labels: bool ``(p, n)``; True for a case.
        sharpness: see `RidgeConfig`.
    """
    signs = plus_minus(labels).T

    def one_fold(scores: Array, fold: Operators) -> tuple[Array, None]:
        return fold_scores(fold, signs, scores, sharpness), None

    return jax.lax.scan(one_fold, jnp.zeros_like(signs), operators)[0].T


def plus_minus(labels: Array) -> Array:
    """Cases 1, controls -1, float32."""
    return jnp.where(labels, 1.0, -1.0).astype(jnp.float32)


def fold_scores(fold: Operators, signs: Array, scores: Array, sharpness: float) -> Array:
    """Fill in the scores of those whom one fold holds out; ``signs`` and ``scores`` are ``(n, p)``.

    Labellings are the minor dimension: every step is a matrix product or a sweep over whole vectors.
    """
    product, weight = _weighed(fold, signs, sharpness)
    return jnp.where(jnp.asarray(fold.held_out)[:, None], _mean(product, weight), scores)


def fold_scores_and_shares(
    fold: Operators, signs: Array, found: tuple[Array, Array], mixes: tuple[float, ...], sharpness: float
) -> tuple[Array, Array]:
    """Fill in scores and, as much as it weighs with those hyperparameters, the first modality's share, both ``(n, p)``.

    So one weighing of the training individuals' residuals says how much a modality counts here and in the prototype.

    Args:
        fold: of one fold.
        signs: ``(n, p)``.
        found: so far.
        mixes: the first modality's share of each mixed kernel; hyperparameters are (mix, penalty).
        sharpness: see `RidgeConfig`.
    """
    product, weight = _weighed(fold, signs, sharpness)
    of_mix = weight.reshape(len(mixes), -1, weight.shape[1]).sum(axis=1)
    share = sum((of_mix[k] * mixes[k] for k in range(1, len(mixes))), of_mix[0] * mixes[0])
    held_out = jnp.asarray(fold.held_out)[:, None]
    return jnp.where(held_out, _mean(product, weight), found[0]), jnp.where(held_out, share, found[1])


def _mean(product: Array, weight: Array) -> Array:
    # term by term: a reduction over the first axis is compiled to something far slower
    return sum((product[k] * weight[k] for k in range(1, len(weight))), product[0] * weight[0])


def _weighed(fold: Operators, signs: Array, sharpness: float) -> tuple[Array, Array]:
    """Residuals and predictions ``(h, n, p)`` and weights ``(h, p)``, which are 0 where one class alone is training."""
    h, n, t = fold.rows.shape
    product = jnp.matmul(fold.rows.reshape(h * n, t), signs[fold.columns], precision="highest").reshape(h, n, -1)
    training = jnp.asarray(fold.training)
    squares = _sum_of_rows(jnp.where(training[None, :, None], product * product, 0.0))
    evidence = -0.5 * sharpness * fold.n_groups * jnp.log(jnp.maximum(squares, PERFECT))
    weight = jax.nn.softmax(evidence, axis=0)
    # both classes are there when the signs of the training individuals do not add up to their number
    one_sided = jnp.abs(jnp.sum(jnp.where(training[:, None], signs, 0.0), axis=0)) > training.sum() - 0.5
    return product, jnp.where(one_sided, 0.0, weight)


def _sum_of_rows(squares: Array) -> Array:
    """Sum ``(h, n, p)`` over n in `PARTS` parts: the likelihood raises the rounding of one long sum to a power."""
    h, n, p = squares.shape
    parts = PARTS if n % PARTS == 0 else 1
    each = jnp.sum(squares.reshape(h, parts, n // parts, p), axis=2)
    while each.shape[1] > 1:
        half = each.shape[1] // 2
        each = each[:, :half] + each[:, half:]
    return each[:, 0]
