"""Which relabellings are as likely as the observed one when the label means nothing.

Individuals of one group (publication, site, family) resemble each other, so they are exchangeable only together: a
group whose members share one label moves as a whole; inside a group that holds both labels, its members swap. Without
groups every individual is a group of its own. Controls that were matched to a case swap with that case's group only:
they are more like it than two case groups are like each other. Without matching all groups swap freely.

Source: restricted permutation for exchangeability blocks, Winkler et al., NeuroImage 2015;123:253-268.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Design(NamedTuple):
    """The exchangeable units of one labelled sample.

    Attributes:
        labels: bool ``(n,)``; True for a case.
        groups: int32 ``(n,)``; dense, 0 .. n_groups - 1.
        n_groups: number of distinct groups.
        is_mixed: bool ``(n_groups,)``; the group holds cases and controls.
        has_case: bool ``(n_groups,)``.
        blocks: int64 ``(n_groups,)``; groups that are not mixed swap labels inside a block only.
    """

    labels: NDArray[np.bool_]
    groups: NDArray[np.int32]
    n_groups: int
    is_mixed: NDArray[np.bool_]
    has_case: NDArray[np.bool_]
    blocks: NDArray[np.int64]


def make_design(
    labels: NDArray[np.bool_],
    groups: NDArray[np.int64] | None = None,
    matched_sets: NDArray[np.int64] | None = None,
) -> Design:
    """Describe a labelled sample.

    Args:
        labels: bool ``(n,)``.
        groups: int64 ``(n,)``; every individual is its own group when not given.
        matched_sets: int64 ``(n,)``; one case and the controls matched to it share a number; one block when not given.
    """
    codes = np.arange(len(labels)) if groups is None else groups
    dense = np.unique(codes, return_inverse=True)[1].astype(np.int32)
    n_groups = int(dense.max(initial=-1)) + 1
    cases = np.bincount(dense, weights=labels, minlength=n_groups)
    size = np.bincount(dense, minlength=n_groups)
    blocks = np.zeros(n_groups, dtype=np.int64)
    if matched_sets is not None:
        group_of_set = {int(s): int(g) for s, g in zip(matched_sets[labels], dense[labels], strict=True)}
        first_member = np.unique(dense, return_index=True)[1]
        blocks = np.array([group_of_set[int(matched_sets[row])] for row in first_member], dtype=np.int64)
    return Design(labels, dense, n_groups, (cases > 0) & (cases < size), cases > 0, blocks)


def count_labellings(design: Design) -> int:
    """How many relabellings `draw_labels` can give, the observed one included (exact, unbounded)."""
    units = [design.has_case[groups] for groups in _swapping_groups(design)]
    units += [design.labels[members] for members in _swapping_members(design)]
    return math.prod(math.comb(len(is_case), int(is_case.sum())) for is_case in units)


def draw_labels(rng: np.random.Generator, design: Design, m: int) -> NDArray[np.bool_]:
    """Draw ``m`` exchangeable relabellings, bool ``(m, n)``, with replacement."""
    by_group = np.zeros((m, design.n_groups), dtype=bool)
    for groups in _swapping_groups(design):
        by_group[:, groups] = _shuffled(rng, design.has_case[groups], m)
    drawn = by_group[:, design.groups]
    for members in _swapping_members(design):
        drawn[:, members] = _shuffled(rng, design.labels[members], m)
    return drawn


def draw_folds(rng: np.random.Generator, design: Design, labels: NDArray[np.bool_], k: int) -> NDArray[np.int8]:
    """Deal whole groups to ``k`` folds, int8 ``(m, n)``, once for every row of ``labels``, bool ``(m, n)``.

    Groups with a case are dealt in random order, then the others, so that each fold gets its share of both. The deal is
    made anew from each row's own labels, observed and permuted alike: that keeps the permutation test exact, where
    folds stratified on the observed labels alone would not.
    """
    m = len(labels)
    has_case, has_control = np.zeros((2, m, design.n_groups), dtype=bool)
    for column, g in enumerate(design.groups):
        has_case[:, g] |= labels[:, column]
        has_control[:, g] |= ~labels[:, column]
    # groups of cases only, then mixed ones, then controls only: those with a case stand together, and so do those with
    # a control, so that two of either never share all their folds and each training set has both classes
    rank = np.where(has_case, np.where(has_control, 1, 0), 2)
    order = np.argsort(rng.random((m, design.n_groups)) + rank, axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(design.n_groups)[None, :], axis=1)
    # the controls' deal goes on where the cases' ended
    return (place % k).astype(np.int8)[:, design.groups]


def n_folds(design: Design, folds: int) -> int:
    """How many folds the design allows: each needs a group with a case and one with a control."""
    with_control = design.is_mixed | ~design.has_case
    return min(folds, int(design.has_case.sum()), int(with_control.sum()))


def _swapping_groups(design: Design) -> list[NDArray[np.int64]]:
    """Sets of groups that swap their labels as wholes."""
    pure = np.flatnonzero(~design.is_mixed)
    return [pure[design.blocks[pure] == block] for block in np.unique(design.blocks[pure])]


def _swapping_members(design: Design) -> list[NDArray[np.int64]]:
    """Sets of individuals, the members of a mixed group each, that swap their labels."""
    return [np.flatnonzero(design.groups == group) for group in np.flatnonzero(design.is_mixed)]


def _shuffled(rng: np.random.Generator, values: NDArray[np.bool_], m: int) -> NDArray[np.bool_]:
    order = np.argsort(rng.random((m, len(values))), axis=1)
    return values[order]
