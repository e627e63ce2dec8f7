"""The one jitted program that a sample needs: scores and rank sums of many labellings.

The labels alone differ between labellings, so they are the minor dimension of every array: a tile of them goes through
all folds and into the rank sums while it is in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.fusion.classifier import Classifier
from phenojax.fusion.kernels import centre_kernels, kernel_spread, mix_kernels
from phenojax.fusion.prototype import PrototypeParts, prototype_parts, shared_fold_scores
from phenojax.fusion.ranks import RankSums, rank_sums_of_columns
from phenojax.fusion.ridge import Operators, RidgeConfig, fold_scores, fold_scores_and_shares, plus_minus
from phenojax.fusion.ridge_operators import Shape, ridge_operators

# Sample sizes and numbers of folds are padded to the next of these: few programs, each compiled once.
SIZES = (24, 32, 48, 64, 80, 104, 128, 160, 208, 256, 384, 512, 768, 1024)
FOLDS = (5, 10, 32, 128)
# Labellings of a tile: what a fold's products take should fit a core's second-level cache.
WIDEST_TILE = 128
NARROWEST_TILE = 32
TILE_BYTES = 1 << 20


@dataclass(frozen=True)
class EnsembleConfig:
    """How kernels and scores are mixed; nothing here looks at labels.

    Attributes:
        ridge: the penalties and their weighing.
        mixes: shares of the first of two modalities in the mixed kernels; averaged over like the penalties.
        prototype: how much the prototype score counts beside the ridge score, both in units of what random labels give.
        prototype_mix: weight of the first of two modalities in the prototype alone; in the ensemble it is the mean of
            `mixes` as the ridge weighs them, in each fold and labelling.
    """

    ridge: RidgeConfig = field(default_factory=RidgeConfig)
    mixes: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
    prototype: float = 1.0
    prototype_mix: float = 0.5


class Prepared(NamedTuple):
    """The label-free arrays of one sample, padded.

    Attributes:
        valid: bool ``(n,)``; False on padding.
        n_folds: int32 ``()``; folds beyond it are padding.
        operators: of the ridge; None for the prototype alone.
        parts: of the prototype; None for the ridge alone.
    """

    valid: Array | NDArray[np.bool_]
    n_folds: Array | np.int32
    operators: Operators | None
    parts: PrototypeParts | None


def padded_shape(folds: NDArray[np.integer]) -> Shape:
    """What a sample with these folds is padded to.

    Training columns are as many as folds of one size would leave; a sample whose smallest fold is much smaller than
    that takes the next size.
    """
    counts = np.bincount(folds)
    n, most_training = len(folds), len(folds) - int(counts[counts > 0].min())
    n_folds = _next(len(counts), FOLDS, 128)

    def columns(size: int) -> int:
        return min(-(-(size * (n_folds - 1)) // (8 * n_folds)) * 8, size)

    size = _next(n, SIZES, 512)
    while columns(size) < most_training:
        size = _next(size + 1, SIZES, 512)
    return Shape(size, columns(size), n_folds)


def _next(wanted: int, steps: tuple[int, ...], beyond: int) -> int:
    return next((step for step in steps if step >= wanted), -(-wanted // beyond) * beyond)


def prepare_sample(
    kernels: NDArray[np.floating],
    present: NDArray[np.bool_],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    *,
    classifier: Classifier,
    config: EnsembleConfig,
) -> Prepared:
    """Everything of a sample that its labels do not change, computed in float64 on the host.

    Args:
        kernels: ``(m, n, n)``, m one or two; symmetric, positive semidefinite.
        present: bool ``(m, n)``; each individual has a modality.
        folds: ``(n,)``, 0 .. number of folds - 1, at least two.
        groups: ``(n,)``, 0 .. number of groups - 1; a group lies in one fold.
        classifier: what will score.
        config: how kernels and scores are mixed.
    """
    shape = padded_shape(folds)
    operators = parts = None
    centred: NDArray[np.floating] = centre_kernels(kernels.astype(np.float64), present, groups)
    if classifier is not Classifier.PROTOTYPE:
        mixed = np.stack([mix_kernels(centred, present, share) for share in modality_shares(len(kernels), config)])
        operators = ridge_operators(mixed, folds, groups, config.ridge, shape)
    if classifier is not Classifier.KERNEL:
        compared = compared_kernels(kernels, centred, present, groups)
        parts = prototype_parts(compared, present, folds, groups, prototype_shares(len(kernels), config), shape.n)
    return Prepared(np.arange(shape.n) < len(folds), np.int32(folds.max() + 1), operators, parts)


def modality_shares(m: int, config: EnsembleConfig) -> NDArray[np.float64]:
    """Shares of the modalities in each mixed kernel, ``(a, m)``."""
    return np.array([[1.0]] if m == 1 else [[a, 1 - a] for a in config.mixes])


def prototype_shares(m: int, config: EnsembleConfig) -> NDArray[np.float64]:
    """Weights of the modalities in the prototype alone, ``(m,)``."""
    return np.array([1.0] if m == 1 else [config.prototype_mix, 1 - config.prototype_mix])


def prototype_units(
    centred: NDArray[np.floating], present: NDArray[np.bool_], groups: NDArray[np.integer]
) -> NDArray[np.float64]:
    """What random labels give a prototype of each modality, ``(m,)``."""
    n_groups = np.array([len(np.unique(groups[has])) for has in present])
    return np.asarray(2 * kernel_spread(centred, present, groups) / np.sqrt(np.maximum(n_groups, 1)))


def compared_kernels(
    kernels: NDArray[np.floating],
    centred: NDArray[np.floating],
    present: NDArray[np.bool_],
    groups: NDArray[np.integer],
) -> NDArray[np.float64]:
    """What the prototype looks at, ``(m, n, n)``: in units of what random labels give.

    Of one kernel the origin moves a fold's scores alike; of several, who lacks one is to stand at its average (one
    number less on all pairs changes no score, and spares digits).
    """
    compared = kernels - kernels.mean(dtype=np.float64) if len(kernels) == 1 else centred
    return np.asarray(compared / prototype_units(centred, present, groups)[:, None, None])


@partial(jax.jit, static_argnames=("classifier", "config"))
def score_labellings(
    prepared: Prepared, labels: Array, n_labellings: Array | int, *, classifier: Classifier, config: EnsembleConfig
) -> tuple[RankSums, Array]:
    """Rank sums of ``p`` labellings, and the out-of-fold scores ``(n,)`` of the first one.

    Args:
        prepared: of `prepare_sample`, for the same classifier and config.
        labels: bool ``(p, n)``; True for a case; anything on padding.
        n_labellings: int32 ``()``, not static; those beyond it cost nothing, and mean nothing.
        classifier: static.
        config: static.
    """
    p, n = labels.shape
    tile = _tile(prepared, p)
    n_tiles = -(-jnp.asarray(n_labellings) // tile)
    columns = jnp.pad(labels, [(0, -p % tile), (0, 0)]).T
    scores, shares = jnp.zeros(columns.shape, jnp.float32), None
    if prepared.operators is not None:
        weighed = prepared.parts is not None and len(prepared.parts.weights) == 2
        empty = (scores, scores) if weighed else (scores,)
        scores, *rest = _ridge_columns(prepared.operators, columns, empty, prepared.n_folds, n_tiles, tile, config)
        shares = rest[0] if weighed else None

    def one_tile(i: Array, found: tuple[Array, Array]) -> tuple[Array, Array]:
        cases, here = _columns(columns, i, tile), _columns(scores, i, tile)
        if prepared.parts is not None:
            share = config.prototype if classifier is Classifier.ENSEMBLE else 1.0
            first = None if shares is None else _columns(shares, i, tile)
            here = here + share * shared_fold_scores(prepared.parts, cases.astype(jnp.float32), first)
        wins = rank_sums_of_columns(here, cases, jnp.asarray(prepared.valid)).twice_wins
        of_first = jnp.where(i == 0, here[:, 0], found[1])
        return jax.lax.dynamic_update_slice_in_dim(found[0], wins, i * tile, 0), of_first

    start = jnp.zeros(columns.shape[1], jnp.int32), jnp.zeros(n, jnp.float32)
    wins, of_first = jax.lax.fori_loop(0, n_tiles, one_tile, start)
    case, control = labels & prepared.valid, ~labels & prepared.valid
    sums = RankSums(wins[:p], case.sum(axis=1, dtype=jnp.int32), control.sum(axis=1, dtype=jnp.int32))
    return sums, of_first


def _ridge_columns(
    operators: Operators,
    columns: Array,
    empty: tuple[Array, ...],
    n_folds: Array | np.int32,
    n_tiles: Array,
    tile: int,
    config: EnsembleConfig,
) -> tuple[Array, ...]:
    """Scores, and shares where they are wanted, fold by fold, so that an operator is fetched once, tile by tile."""
    sharpness = config.ridge.sharpness

    def one_fold(k: Array, found: tuple[Array, ...]) -> tuple[Array, ...]:
        fold = jax.tree.map(lambda array: array[k], operators)

        def one_tile(i: Array, found: tuple[Array, ...]) -> tuple[Array, ...]:
            signs, here = plus_minus(_columns(columns, i, tile)), [_columns(array, i, tile) for array in found]
            filled: tuple[Array, ...]
            if len(here) == 2:
                filled = fold_scores_and_shares(fold, signs, (here[0], here[1]), config.mixes, sharpness)
            else:
                filled = (fold_scores(fold, signs, here[0], sharpness),)
            update = jax.lax.dynamic_update_slice_in_dim
            return tuple(update(array, part, i * tile, axis=1) for array, part in zip(found, filled, strict=True))

        return jax.lax.fori_loop(0, n_tiles, one_tile, found)

    return jax.lax.fori_loop(0, n_folds, one_fold, empty)


def _columns(array: Array, i: Array, tile: int) -> Array:
    return jax.lax.dynamic_slice_in_dim(array, i * tile, tile, axis=1)


def _tile(prepared: Prepared, p: int) -> int:
    tile = WIDEST_TILE
    if prepared.operators is not None:
        _, h, n, _ = prepared.operators.rows.shape
        while tile > NARROWEST_TILE and 4 * h * n * tile > TILE_BYTES:
            tile //= 2
    return min(tile, p)
