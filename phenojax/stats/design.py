"""Which relabellings are as likely as the observed one when the label means nothing, and folds that suit all of them.

Individuals of one group (publication, site, family) resemble each other, so they are exchangeable only together: a
group whose members share one label moves as a whole; inside a group that holds both labels, its members swap. Without
groups every individual is a group of its own. Controls that were matched to a case swap with that case's group only:
they are more like it than two case groups are like each other. Without matching all groups swap freely. Strata (sex,
site, thirds of the number of terms) restrict either: labels swap inside a stratum only.

Source: restricted permutation for exchangeability blocks, Winkler et al., NeuroImage 2015;123:253-268.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Up to so many groups nobody is left out with another group (unmatched designs); fold 127 is the last that int8 holds.
LEAVE_ONE_GROUP_OUT = 128


class Design(NamedTuple):
    """The exchangeable units of one labelled sample.

    Attributes:
        labels: bool ``(n,)``; True for a case.
        groups: int32 ``(n,)``; dense, 0 .. n_groups - 1.
        n_groups: number of distinct groups.
        is_mixed: bool ``(n_groups,)``; the group holds cases and controls.
        has_case: bool ``(n_groups,)``.
        blocks: int64 ``(n_groups,)``; groups that are not mixed swap labels inside a block only.
        strata: int64 ``(n,)``; the members of a mixed group swap labels inside a stratum only.
        matched: int64 ``(n_groups,)``; a case group and the control groups matched to it share a number, whatever
            their strata; None when nobody was matched.
    """

    labels: NDArray[np.bool_]
    groups: NDArray[np.int32]
    n_groups: int
    is_mixed: NDArray[np.bool_]
    has_case: NDArray[np.bool_]
    blocks: NDArray[np.int64]
    strata: NDArray[np.int64]
    matched: NDArray[np.int64] | None = None


def make_design(
    labels: NDArray[np.bool_],
    groups: NDArray[np.int64] | None = None,
    matched_sets: NDArray[np.int64] | None = None,
    strata: NDArray[np.int64] | None = None,
) -> Design:
    """Describe a labelled sample.

    Args:
        labels: bool ``(n,)``.
        groups: int64 ``(n,)``; every individual is its own group when not given.
        matched_sets: int64 ``(n,)``; one case and the controls matched to it share a number; one block when not given.
            A group whose members were matched to several case groups belongs to the one that most were matched to.
        strata: int64 ``(n,)``; labels swap inside a stratum only. A group that moves as a whole belongs to the stratum
            of most of its members. One stratum when not given.
    """
    codes = np.arange(len(labels)) if groups is None else groups
    dense = np.unique(codes, return_inverse=True)[1].astype(np.int32)
    n_groups = int(dense.max(initial=-1)) + 1
    cases = np.bincount(dense, weights=labels, minlength=n_groups)
    size = np.bincount(dense, minlength=n_groups)
    matched = None
    if matched_sets is not None:
        group_of_set = {int(s): int(g) for s, g in zip(matched_sets[labels], dense[labels], strict=True)}
        matched = _most_frequent(dense, np.array([group_of_set[int(s)] for s in matched_sets], dtype=np.int64))
        # a set is named by its first group, whichever of them has the cases, so that folds do not even follow a name
        matched = np.unique(matched, return_index=True)[1][np.unique(matched, return_inverse=True)[1]]
    blocks = np.zeros(n_groups, dtype=np.int64) if matched is None else matched
    if strata is None:
        strata = np.zeros(len(labels), dtype=np.int64)
    else:
        both = np.stack([blocks, _most_frequent(dense, strata)])
        blocks = np.unique(both, axis=1, return_inverse=True)[1].reshape(-1)
    return Design(labels, dense, n_groups, (cases > 0) & (cases < size), cases > 0, blocks, strata, matched)


def count_labellings(design: Design) -> int:
    """How many relabellings `draw_labels` can give, the observed one included (exact, unbounded)."""
    units = [design.has_case[groups] for groups in _swapping_groups(design)]
    units += [design.labels[members] for members in _swapping_members(design)]
    return math.prod(math.comb(len(is_case), int(is_case.sum())) for is_case in units)


def has_mirror(design: Design) -> bool:
    """Whether turning every label round is a labelling of the design: as many cases as controls in all that swaps.

    A statistic that does not know which class is which takes every value twice there.
    """
    units = [design.has_case[groups] for groups in _swapping_groups(design)]
    units += [design.labels[members] for members in _swapping_members(design)]
    return all(2 * int(is_case.sum()) == len(is_case) for is_case in units)


def draw_labels(rng: np.random.Generator, design: Design, m: int) -> NDArray[np.bool_]:
    """Draw ``m`` exchangeable relabellings, bool ``(m, n)``, with replacement."""
    by_group = np.zeros((m, design.n_groups), dtype=bool)
    for groups in _swapping_groups(design):
        by_group[:, groups] = _shuffled(rng, design.has_case[groups], m)
    drawn = by_group[:, design.groups]
    for members in _swapping_members(design):
        drawn[:, members] = _shuffled(rng, design.labels[members], m)
    return drawn


def deal_folds(rng: np.random.Generator, design: Design, k: int, most: int = LEAVE_ONE_GROUP_OUT) -> NDArray[np.int8]:
    """Deal whole groups to folds, int8 ``(n,)``: one deal for the observed labelling and for all that can be drawn.

    The deal looks at groups and at who was matched to whom, never at labels, so that the p-value is exact.

    * Matched: whole sets (a case group and its control groups) in random order to ``k`` folds, or fewer where there are
      fewer sets with a control group. Under every labelling a set holds one case group and as many control groups as
      ever, so that every fold and every training set holds both classes. Sets without a control group are dealt last.
    * Not matched (or fewer than two sets have controls): every group is a fold, up to ``most`` groups;
      beyond, groups in random order to ``k`` folds. Then a training set can lack a class; who scores against it should
      be given the same neutral score under every labelling.

    Args:
        rng: a stream of its own.
        design: from `make_design`.
        k: at most so many folds, 2 .. 128; leaving one group out has as many as there are groups.
        most: never more folds than this, 2 .. 128, be it by leaving one group out.

    Raises:
        ValueError: ``k`` is out of range, cases or controls come from one group, or no other labelling is possible.
    """
    if not 2 <= min(k, most) <= max(k, most) <= LEAVE_ONE_GROUP_OUT:
        raise ValueError(f"folds must be 2 to {LEAVE_ONE_GROUP_OUT}, not {k} (at most {most})")
    _refuse_rigid(design)
    if design.matched is not None:
        sets, size = np.unique(design.matched, return_counts=True)
        with_controls = sets[size > 1]
        if len(with_controls) > 1:
            order = np.concatenate([rng.permutation(with_controls), rng.permutation(sets[size == 1])])
            place = np.empty(int(sets.max()) + 1, dtype=np.int64)
            place[order] = np.arange(len(order))
            by_group = place[design.matched] % min(k, len(with_controls), most)
            return by_group[design.groups].astype(np.int8)
    if design.n_groups <= most:
        return design.groups.astype(np.int8)
    return (rng.permutation(design.n_groups) % min(k, most))[design.groups].astype(np.int8)


def _refuse_rigid(design: Design) -> None:
    with_control = design.is_mixed | ~design.has_case
    if min(int(design.has_case.sum()), int(with_control.sum())) < 2:
        raise ValueError("cases and controls must each come from at least two groups")
    units = [design.has_case[groups] for groups in _swapping_groups(design)]
    units += [design.labels[members] for members in _swapping_members(design)]
    if all(unit.all() or not unit.any() for unit in units):
        raise ValueError(
            "no other labelling is possible: every stratum (or matched set) holds cases only or controls only; "
            "stratify by fewer columns"
        )


def _swapping_groups(design: Design) -> list[NDArray[np.int64]]:
    """Sets of groups that swap their labels as wholes."""
    pure = np.flatnonzero(~design.is_mixed)
    return [pure[design.blocks[pure] == block] for block in np.unique(design.blocks[pure])]


def _swapping_members(design: Design) -> list[NDArray[np.int64]]:
    """Sets of individuals, the members of a mixed group in one stratum each, that swap their labels."""
    inside = [np.flatnonzero(design.groups == group) for group in np.flatnonzero(design.is_mixed)]
    return [members[design.strata[members] == s] for members in inside for s in np.unique(design.strata[members])]


def _most_frequent(groups: NDArray[np.int32], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """``(n_groups,)``; the value that most members of a group have, the smallest of equally frequent ones."""
    pairs, count = np.unique(np.stack([groups.astype(np.int64), values]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -count, pairs[0]))
    first = np.unique(pairs[0][order], return_index=True)[1]
    found: NDArray[np.int64] = pairs[1][order][first]
    return found


def _shuffled(rng: np.random.Generator, values: NDArray[np.bool_], m: int) -> NDArray[np.bool_]:
    order = np.argsort(rng.random((m, len(values))), axis=1)
    return values[order]
