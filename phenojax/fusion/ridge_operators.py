"""The label-free part of kernel ridge regression: one operator for each fold and hyperparameter.

Leaving a set S out of a fit with an unpenalised intercept needs no second fit. With K the kernel, W the weights (one
over the size of the group: groups weigh alike), lambda the penalty and

    M = (K + lambda W^-1)^-1,   G = M - M 1 1' M / (1' M 1),

the labels of S less their predictions from the others are G_SS^-1 (G y)_S, and the G of the others is the Schur
complement G_RR - G_RS G_SS^-1 G_SR. So a penalty takes one inverse for all folds; each fold takes the complement, and
in it each group the block that leaves it out. (Rasmussen & Williams, Gaussian Processes for Machine Learning, 5.4.2,
with a flat prior on the mean.)
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.fusion.ridge import Operators, RidgeConfig

# Predictions whose mean square under random labels is below this are none.
NOTHING = 1e-10
# A centred kernel with less of a diagonal than this part of the kernel's largest value is rounding.
ALIKE = 1e-6


class Shape(NamedTuple):
    """What the arrays of a sample are padded to.

    Attributes:
        n: individuals.
        columns: training individuals of a fold.
        folds: folds.
    """

    n: int
    columns: int
    folds: int


def ridge_operators(
    kernels: NDArray[np.floating],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    config: RidgeConfig,
    shape: Shape | None = None,
) -> Operators:
    """The operators of one sample, in float64 on the host, given in float32 and padded.

    Args:
        kernels: ``(a, n, n)``, symmetric; one for each mix; hyperparameters are (mix, penalty), the penalty faster.
        folds: ``(n,)``, 0 .. number of folds - 1; at least two.
        groups: ``(n,)``, 0 .. number of groups - 1; a group lies in one fold.
        config: the grid of penalties.
        shape: at least the sample's own, which is taken when not given.

    Cost: a x penalties inverses of n x n, and as much again in matrix products for all folds together.
    """
    n, n_folds = len(folds), int(folds.max()) + 1
    parts = {k: training_fold(folds != k, groups) for k in np.unique(folds).tolist()}
    padded = shape or Shape(n, max(len(fold.inside) for fold in parts.values()), n_folds)
    n_hyper = len(kernels) * config.n_penalties
    rows = np.zeros((padded.folds, n_hyper, padded.n, padded.columns), np.float32)
    columns = np.zeros((padded.folds, padded.columns), np.int32)
    inside, outside = np.zeros((2, padded.folds, padded.n), bool)
    n_groups = np.zeros(padded.folds, np.float32)
    units = np.ones((padded.folds, n_hyper), np.float32)
    weight = 1.0 / np.bincount(groups)[groups]
    for place, kernel in enumerate(kernels.astype(np.float64)):
        inverse = whole_sample_inverses(kernel, weight, config.penalties)
        here = slice(place * config.n_penalties, (place + 1) * config.n_penalties)
        for k, fold in parts.items():
            units[k, here] = _write_rows(rows[k, here, :, : len(fold.inside)], inverse, fold)
    for k, fold in parts.items():
        columns[k, : len(fold.inside)] = fold.inside
        inside[k, fold.inside] = outside[k, fold.outside] = True
        n_groups[k] = fold.n_groups
    return Operators(rows, columns, inside, outside, n_groups, units)


class Fold(NamedTuple):
    """Who is where in one fold.

    Attributes:
        inside: int64 ``(t,)``; who is trained on.
        outside: int64; who is held out.
        share: float64 ``(t,)``; weights that sum to 1, groups weighing alike.
        n_groups: training groups.
        blocks: the groups of each size, ``(count, size)`` places in ``inside``.
        indicator: float64 ``(t, n_groups)``, 1 where an individual belongs to a group; None where all are alone.
    """

    inside: NDArray[np.int64]
    outside: NDArray[np.int64]
    share: NDArray[np.float64]
    n_groups: int
    blocks: list[NDArray[np.int64]]
    indicator: NDArray[np.float64] | None


def training_fold(training: NDArray[np.bool_], groups: NDArray[np.integer]) -> Fold:
    """The fold that trains on ``training``, bool ``(n,)``; ``groups`` ``(n,)`` are whole inside it or outside."""
    inside = np.flatnonzero(training)
    order = np.argsort(groups[inside], kind="stable")
    _, of_each, sizes = np.unique(groups[inside], return_inverse=True, return_counts=True)
    starts = np.cumsum(sizes) - sizes
    blocks = [order[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]
    indicator = None if len(sizes) == len(inside) else np.eye(len(sizes))[of_each]
    share = 1.0 / (sizes[of_each] * len(sizes))
    return Fold(inside, np.flatnonzero(~training), share, len(sizes), blocks, indicator)


def whole_sample_inverses(
    kernel: NDArray[np.float64], weight: NDArray[np.float64], penalties: NDArray[np.float64]
) -> NDArray[np.float64]:
    """G of the whole sample for each penalty, ``(h, n, n)``."""
    share = weight / weight.sum()
    to_mean = kernel @ share
    centred = kernel - to_mean[:, None] - to_mean[None, :] + share @ to_mean
    unit = float(share @ np.diag(centred))
    if unit <= ALIKE * float(np.abs(kernel).max()):  # rounding: to this kernel all individuals are the same
        centred, unit = np.zeros_like(centred), 1.0
    g = np.linalg.inv(centred + (penalties * unit)[:, None, None] * np.diag(1.0 / weight))
    sums = g.sum(axis=2)
    g -= sums[:, :, None] * (sums / sums.sum(axis=1, keepdims=True))[:, None, :]
    return g


def root_of_square(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """The unit of predictions; one where the kernel predicts nothing."""
    return np.sqrt(np.where(square > NOTHING, square, 1.0))


def _write_rows(rows: NDArray[np.float32], inverse: NDArray[np.float64], fold: Fold) -> NDArray[np.float64]:
    """Fill in the operators ``(h, n, t)`` of one fold from G, ``(h, n, n)``; the units of its predictions, ``(h,)``."""
    g, prediction = without_outside(inverse, fold)
    prediction -= fold.share
    rows[:, fold.outside] = prediction
    if fold.n_groups == 1:
        return np.ones(len(rows))  # without its own group nothing is left to predict it from
    square = np.zeros(len(rows))
    for members in fold.blocks:
        residual = group_residuals(g, members)
        rows[:, fold.inside[members]] = residual * np.sqrt(fold.share[members])[:, :, None]
        square += random_square(residual, members, fold)
    unit = root_of_square(square)
    rows[:, fold.outside] /= unit[:, None, None].astype(np.float32)
    return unit


def without_outside(inverse: NDArray[np.float64], fold: Fold) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """G of those inside, ``(h, t, t)``, and the rows ``(h, outside, t)`` that predict the others from their labels."""
    of_outside = inverse[:, fold.outside]
    across = of_outside[:, :, fold.inside]
    prediction = -np.linalg.inv(of_outside[:, :, fold.outside]) @ across
    g = across.swapaxes(1, 2) @ prediction
    g += inverse[:, fold.inside[:, None], fold.inside[None, :]]
    return g, prediction


def group_residuals(g: NDArray[np.float64], members: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows ``(h, count, size, t)`` from labels to what each of these groups has beyond what the others predict."""
    if members.shape[1] == 1:
        alone = members[:, 0]
        return np.asarray((g[:, alone] / g[:, alone, alone][:, :, None])[:, :, None])
    return np.asarray(np.linalg.inv(g[:, members[:, :, None], members[:, None, :]]) @ g[:, members])


def random_square(residual: NDArray[np.float64], members: NDArray[np.int64], fold: Fold) -> NDArray[np.float64]:
    """What these groups add, ``(h,)``, to the mean square that random labels of groups give predictions.

    The residual is own label - prediction, so that adding the others' mean label leaves the prediction's distance from
    it; a group's own label adds `own` to the square of that.
    """
    others = fold.share * fold.n_groups / (fold.n_groups - 1)
    own = (fold.n_groups / (fold.n_groups - 1)) ** 2
    by_group = (residual + others).reshape(-1, len(others))
    if fold.indicator is not None:
        by_group = by_group @ fold.indicator
    beside = np.einsum("ik,ik->i", by_group, by_group) - own
    return np.asarray(beside.reshape(len(residual), -1) @ fold.share[members].ravel())


def solved_operators(
    kernels: Array, folds: Array, groups: Array, valid: Array, config: RidgeConfig, n_folds: int
) -> Operators:
    """The same operators by masked solves in JAX, float32: slower, but the gradient flows to ``kernels``.

    A gradient through an eigendecomposition is undefined where eigenvalues repeat; that of a linear solve is not.

    Args:
        kernels: float32 ``(a, n, n)``.
        folds: int8 ``(n,)``.
        groups: int32 ``(n,)``, in 0 .. n - 1.
        valid: bool ``(n,)``; False on padding.
        config: static.
        n_folds: static.
    """
    n = valid.shape[0]
    pair = valid[:, None] & valid[None, :]
    same_group = pair & (groups[:, None] == groups[None, :])
    size = jnp.maximum(same_group.sum(axis=1), 1).astype(jnp.float32)
    weight = valid / size
    share = weight / weight.sum()
    eye = jnp.eye(n, dtype=jnp.float32)

    def whole_sample(kernel: Array) -> Array:
        known = jnp.where(pair, kernel, 0.0)
        to_mean = jnp.matmul(known, share, precision="highest")
        centred = jnp.where(pair, known - to_mean[:, None] - to_mean[None, :] + share @ to_mean, 0.0)
        mean_square = share @ jnp.diagonal(centred)
        differ = mean_square > ALIKE * jnp.abs(known).max()
        centred, unit = jnp.where(differ, centred, 0.0), jnp.where(differ, mean_square, 1.0)

        def one_penalty(penalty: Array) -> Array:
            m = jnp.linalg.inv(centred + jnp.diag(penalty * unit * size))
            row_sums = jnp.where(valid, m @ valid.astype(jnp.float32), 0.0)
            return jnp.where(pair, m - jnp.outer(row_sums, row_sums / row_sums.sum()), 0.0)

        return jax.vmap(one_penalty)(jnp.asarray(config.penalties, jnp.float32))

    inverse = jax.vmap(whole_sample)(kernels).reshape(-1, n, n)

    def one_fold(k: Array) -> Operators:
        inside, outside = (folds != k) & valid, (folds == k) & valid
        n_groups = (weight * inside).sum()
        root = jnp.sqrt(jnp.where(inside, weight / n_groups, 1.0))

        def one(g: Array) -> tuple[Array, Array]:
            across = jnp.where(outside[:, None] & inside[None, :], g, 0.0)
            block = jnp.where(outside[:, None] & outside[None, :], g, eye)
            prediction = -jnp.linalg.solve(block, across)
            rest = jnp.where(inside[:, None] & inside[None, :], g, 0.0) + jnp.matmul(
                across.T, prediction, precision="highest"
            )
            own = jnp.where(same_group & inside[:, None] & (n_groups > 1.5), rest, eye)
            residual = jnp.where(n_groups > 1.5, jnp.linalg.solve(own, rest), 0.0)
            # what is predicted for a training group by the others, less their mean label
            others = jnp.where(inside, weight / jnp.maximum(n_groups - 1, 1), 0.0)
            beside = jnp.where(same_group | ~inside[:, None], 0.0, residual + others[None, :])
            by_group = jnp.matmul(beside, same_group.astype(jnp.float32), precision="highest")
            square = jnp.sum(jnp.outer(weight / n_groups, weight) * by_group**2) * (n_groups > 1.5)
            unit = jnp.sqrt(jnp.where(square > NOTHING, square, 1.0))
            centred = (prediction - jnp.where(inside, weight / n_groups, 0.0)[None, :]) / unit
            rows = jnp.where(inside[:, None], residual * root[:, None], jnp.where(outside[:, None], centred, 0.0))
            return rows, unit

        rows, units = jax.vmap(one)(inverse)
        columns = jnp.arange(n, dtype=jnp.int32)
        return Operators(rows, columns, inside, outside, n_groups.astype(jnp.float32), units)

    return jax.lax.map(one_fold, jnp.arange(n_folds))
