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
    training = np.arange(n_folds)[:, None] != folds[None, :]
    padded = shape or Shape(n, int(training.sum(axis=1).max()), n_folds)
    weight = 1.0 / np.bincount(groups)[groups]
    inverse = _whole_sample(kernels.astype(np.float64), weight, config)
    out = Operators(
        rows=np.zeros((padded.folds, len(inverse), padded.n, padded.columns), np.float32),
        columns=np.zeros((padded.folds, padded.columns), np.int32),
        training=np.zeros((padded.folds, padded.n), bool),
        held_out=np.zeros((padded.folds, padded.n), bool),
        n_groups=np.zeros(padded.folds, np.float32),
    )
    for k in range(n_folds):
        inside, outside = np.flatnonzero(training[k]), np.flatnonzero(~training[k])
        if len(outside) == 0:
            continue
        residual, prediction = _one_fold(inverse, inside, outside, weight, groups)
        t = len(inside)
        of_fold = out.rows[k]
        of_fold[:, inside, :t] = residual
        of_fold[:, outside, :t] = prediction
        out.columns[k, :t] = inside
        out.training[k, inside] = True
        out.held_out[k, outside] = True
        out.n_groups[k] = weight[inside].sum()
    return out


def _whole_sample(
    kernels: NDArray[np.float64], weight: NDArray[np.float64], config: RidgeConfig
) -> NDArray[np.float64]:
    """G of the whole sample for each hyperparameter, ``(h, n, n)``."""
    n, share = len(weight), weight / weight.sum()
    found = np.empty((len(kernels), config.n_penalties, n, n))
    for kernel, of_kernel in zip(kernels, found, strict=True):
        to_mean = kernel @ share
        centred = kernel - to_mean[:, None] - to_mean[None, :] + share @ to_mean
        unit = _unit(float(share @ np.diag(centred)), float(np.abs(kernel).max()))
        for penalty, g in zip(config.penalties * unit, of_kernel, strict=True):
            m = np.linalg.inv(centred + np.diag(penalty / weight))
            row_sums = m.sum(axis=1)
            g[:] = m - np.outer(row_sums, row_sums / row_sums.sum())
    return found.reshape(-1, n, n)


def _unit(mean_square: float, largest: float) -> float:
    """The unit of the penalties; one for a kernel to whom all individuals are the same."""
    return mean_square if mean_square > 1e-6 * largest else 1.0


def _one_fold(
    inverse: NDArray[np.float64],
    inside: NDArray[np.int64],
    outside: NDArray[np.int64],
    weight: NDArray[np.float64],
    groups: NDArray[np.integer],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Residual operator ``(h, t, t)`` and prediction operator ``(h, n - t, t)`` of one fold."""
    rows = inverse[:, outside]
    across = rows[:, :, inside]
    prediction = -np.linalg.inv(rows[:, :, outside]) @ across
    g = across.swapaxes(1, 2) @ prediction
    g += inverse[:, inside[:, None], inside[None, :]]
    share = weight[inside] / weight[inside].sum()
    prediction -= share
    return _without_own_group(g, groups[inside], np.sqrt(share)), prediction


def _without_own_group(
    g: NDArray[np.float64], groups: NDArray[np.integer], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiply each group's rows by the inverse of its own block and by ``scale``; a single group leaves nothing."""
    sizes = np.unique(groups, return_counts=True)[1]
    if len(sizes) == 1:
        return np.zeros_like(g)
    if len(sizes) == len(groups):
        return g * (scale / np.diagonal(g, axis1=1, axis2=2))[:, :, None]
    order = np.argsort(groups, kind="stable")
    starts = np.cumsum(sizes) - sizes
    found = np.empty_like(g)
    for size in np.unique(sizes):
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        if size == 1:
            alone = members[:, 0]
            found[:, alone] = g[:, alone] * (scale[alone] / g[:, alone, alone])[:, :, None]
        else:
            blocks = np.linalg.inv(g[:, members[:, :, None], members[:, None, :]])
            found[:, members] = (blocks * scale[members][:, :, None]) @ g[:, members]
    return found


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
        unit = jnp.where(mean_square > 1e-6 * jnp.abs(known).max(), mean_square, 1.0)

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

        def one(g: Array) -> Array:
            across = jnp.where(outside[:, None] & inside[None, :], g, 0.0)
            block = jnp.where(outside[:, None] & outside[None, :], g, eye)
            prediction = -jnp.linalg.solve(block, across)
            rest = jnp.where(inside[:, None] & inside[None, :], g, 0.0) + jnp.matmul(
                across.T, prediction, precision="highest"
            )
            own = jnp.where(same_group & inside[:, None] & (n_groups > 1.5), rest, eye)
            residual = jnp.where(n_groups > 1.5, jnp.linalg.solve(own, rest), 0.0) * root[:, None]
            centred = prediction - jnp.where(inside, weight / n_groups, 0.0)[None, :]
            return jnp.where(inside[:, None], residual, jnp.where(outside[:, None], centred, 0.0))

        return Operators(
            jax.vmap(one)(inverse), jnp.arange(n, dtype=jnp.int32), inside, outside, n_groups.astype(jnp.float32)
        )

    return jax.lax.map(one_fold, jnp.arange(n_folds))
