"""Who is held out for validation: whole groups, so that nobody stands on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phenojax.face.training.config import TrainingConfig
from phenojax.stats.random import stream


def joined_groups(n: int, *columns: Sequence[str | None]) -> NDArray[np.int32]:
    """Number the sets of faces that must stay together: those that share a value of any column, and so on in chains.

    Args:
        n: number of faces.
        *columns: each n values (publication, individual, digest of the pixels ...); None joins nothing.

    Returns:
        int32 (n,), from 0, in the order of first appearance.
    """
    ends: list[tuple[int, int]] = []
    for column in columns:
        first: dict[str, int] = {}
        ends += [(first.setdefault(value, row), row) for row, value in enumerate(column) if value is not None]
    one, other = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    raw = connected_components(graph, directed=False)[1]
    _, first_row, inverse = np.unique(raw, return_index=True, return_inverse=True)
    rank = np.empty(len(first_row), dtype=np.int32)
    rank[np.argsort(first_row)] = np.arange(len(first_row), dtype=np.int32)
    return rank[inverse]


def digests(chips: NDArray[np.uint8]) -> list[str]:
    """SHA-256 of each chip: the same photograph twice is one photograph."""
    return [hashlib.sha256(chip.tobytes()).hexdigest() for chip in chips]


def held_out(
    labels: NDArray[np.int32], groups: NDArray[np.int32], config: TrainingConfig, least: int
) -> NDArray[np.bool_]:
    """Choose the faces of validation.

    Groups are taken in an order drawn from the seed, until their faces are the share asked for; a group is passed over
    where it would leave one of its classes fewer than `least` training faces, or is larger than what is still wanted.

    Args:
        labels: int32 (n,).
        groups: int32 (n,), from `joined_groups`.
        config: its `validation` and `seed`.
        least: training faces that every class keeps.

    Returns:
        bool (n,), True for validation; all False where no group can be spared.
    """
    wanted = round(config.validation * len(labels))
    held = np.zeros(len(labels), dtype=np.bool_)
    left = np.bincount(labels)
    order = stream(config.seed, "validation").permutation(int(groups.max()) + 1)
    for group in order:
        members = groups == group
        taken = np.bincount(labels[members], minlength=len(left))
        if members.sum() <= wanted - held.sum() and np.all((left - taken >= least) | (taken == 0)):
            held |= members
            left = left - taken
    return held
