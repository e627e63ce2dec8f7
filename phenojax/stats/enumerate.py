"""All relabellings of a design, where there are few enough to look at every one: the p-value is then exact."""

from __future__ import annotations

from itertools import chain, combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from phenojax.stats.design import Design, _swapping_groups, _swapping_members
from phenojax.stats.pvalues import TIE


def all_labels(design: Design) -> NDArray[np.bool_]:
    """Every exchangeable labelling once, bool ``(count_labellings(design), n)``, the observed one first.

    A labelling is one choice for each unit (the pure groups of a block, the members of a mixed group), so that the
    rows are the product of the units' choices; the last unit's change fastest. Memory: rows times n bytes, so ask
    `count_labellings` first.
    """
    blocks, members = _swapping_groups(design), _swapping_members(design)
    choices = [_choices(design.has_case[groups]) for groups in blocks]
    choices += [_choices(design.labels[individuals]) for individuals in members]
    counts = [len(choice) for choice in choices]
    number = np.arange(prod(counts))
    picked = [choice[place] for choice, place in zip(choices, _digits(number, counts), strict=True)]
    by_group = np.zeros((len(number), design.n_groups), dtype=bool)
    for groups, values in zip(blocks, picked[: len(blocks)], strict=True):
        by_group[:, groups] = values
    labels = by_group[:, design.groups]
    for individuals, values in zip(members, picked[len(blocks) :], strict=True):
        labels[:, individuals] = values
    return labels


def exact_p(observed: float, all_values: NDArray[np.float64]) -> float:
    """Share of all labellings, the observed one included, whose statistic is at least the observed one.

    Args:
        observed: the statistic of the observed labelling.
        all_values: float64 ``(n_labellings,)``, the statistics of `all_labels`, ``observed`` among them.

    Raises:
        ValueError: no value is as large as ``observed``, so that it cannot be one of them (or is NaN).
    """
    as_large = int(np.sum(all_values >= observed - TIE))
    if as_large == 0:
        raise ValueError(f"none of the {len(all_values)} values reaches the observed one, {observed}, one of them")
    return as_large / len(all_values)


def _choices(is_case: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All vectors with as many True as ``is_case``, which comes first; bool ``(n_choices, len(is_case))``."""
    size, cases = len(is_case), int(is_case.sum())
    # the fewer places are named, the less there is to write
    rarer = cases <= size - cases
    named = cases if rarer else size - cases
    n_choices = comb(size, cases)
    places = np.fromiter(chain.from_iterable(combinations(range(size), named)), np.intp, n_choices * named)
    choices = np.full((n_choices, size), not rarer)
    np.put_along_axis(choices, places.reshape(n_choices, named), rarer, axis=1)
    observed = np.flatnonzero((choices == is_case).all(axis=1))[0]
    choices[[0, observed]] = choices[[observed, 0]]
    return choices


def _digits(number: NDArray[np.int64], counts: list[int]) -> list[NDArray[np.int64]]:
    """``number`` in the mixed radix ``counts``, most significant digit first."""
    digits = []
    for count in reversed(counts):
        number, digit = np.divmod(number, count)
        digits.append(digit)
    return digits[::-1]
