"""Samples without any signal: profiles, faces, labels and folds at random."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.fusion.ensemble import Classifier, EnsembleConfig, Prepared, prepare_sample, score_labellings
from phenojax.fusion.ranks import RankSums

N_TERMS, EMBEDDING_WIDTH, FOLDS = 40, 512, 5
# Labellings go to the engine so many at a time.
PER_CALL = 1024


class Drawn(NamedTuple):
    """n individuals, m kernels, p labellings."""

    kernels: NDArray[np.float64]
    labels: NDArray[np.bool_]
    folds: NDArray[np.int8]
    groups: NDArray[np.int32]


def draw(seed: int, n: int, m: int, p: int, n_groups: int | None = None, n_folds: int = FOLDS) -> Drawn:
    """Every individual a group of its own where no number of groups is given; two of five are cases."""
    rng = np.random.default_rng(seed)
    k = n_groups or n
    groups = np.concatenate([np.arange(k), rng.integers(0, k, n - k)]).astype(np.int32)
    kernels = []
    for width, shift in ((N_TERMS, 0.5), (EMBEDDING_WIDTH, 0.2))[:m]:
        x = rng.normal(size=(n, width)) + shift
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        kernels.append(x @ x.T)
    labels = rng.permuted(np.tile(np.arange(n) % 5 < 2, (p, 1)), axis=1)
    return Drawn(np.stack(kernels), labels, (rng.permutation(k) % n_folds)[groups].astype(np.int8), groups)


def prepared(drawn: Drawn, classifier: Classifier, config: EnsembleConfig) -> Prepared:
    """On the device."""
    present = np.ones(drawn.kernels.shape[:2], dtype=bool)
    found = prepare_sample(
        drawn.kernels, present, drawn.folds, drawn.groups, classifier=classifier, config=config
    )  # fmt: skip
    return jax.tree.map(jnp.asarray, found)


def padded_labels(drawn: Drawn, n_padded: int) -> list[tuple[Array, int]]:
    """The labellings, call by call, and how many each call holds."""
    calls = []
    for start in range(0, len(drawn.labels), PER_CALL):
        part = drawn.labels[start : start + PER_CALL]
        block = np.zeros((PER_CALL, n_padded), dtype=bool)
        block[: len(part), : part.shape[1]] = part
        calls.append((jnp.asarray(block), len(part)))
    return calls


def score(
    sample: Prepared, calls: list[tuple[Array, int]], classifier: Classifier, config: EnsembleConfig
) -> list[tuple[RankSums, Array]]:
    """All calls, one after the other."""
    return [score_labellings(sample, labels, p, classifier=classifier, config=config) for labels, p in calls]
