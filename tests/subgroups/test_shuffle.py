"""Shuffled sets keep their margins, and every arrangement with those margins is as likely."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from phenojax.subgroups.shuffle import shuffle_sets

SETS = st.lists(st.sets(st.integers(0, 12), max_size=8), min_size=1, max_size=8)


def counts(sets: list[set[int]]) -> Counter[int]:
    return Counter(member for held in sets for member in held)


@given(SETS, st.integers(0, 1000))
def test_sizes_and_carriers_stay(sets: list[set[int]], seed: int) -> None:
    found = shuffle_sets(np.random.default_rng(seed), sets)
    assert [len(held) for held in found] == [len(held) for held in sets]
    assert counts(found) == counts(sets)


@given(SETS, st.integers(0, 1000))
def test_everybody_keeps_so_many_rare_and_so_many_common_ones(sets: list[set[int]], seed: int) -> None:
    found = shuffle_sets(np.random.default_rng(seed), sets)
    n = counts(sets)

    def profile(held: set[int]) -> list[int]:
        return sorted(n[member].bit_length() for member in held)

    assert [profile(held) for held in found] == [profile(held) for held in sets]


def test_the_sets_that_were_given_are_left_alone() -> None:
    sets = [{1, 2, 3}, {3, 4}, {1, 5, 6, 7}]
    shuffle_sets(np.random.default_rng(0), sets)
    assert sets == [{1, 2, 3}, {3, 4}, {1, 5, 6, 7}]


def test_every_arrangement_is_as_likely() -> None:
    # five members held by two or three of four sets each: one class of commonness
    sets = [{0, 1, 2}, {0, 1}, {2, 3}, {3, 4, 0}, {4, 1}]
    sizes, n = [len(held) for held in sets], counts(sets)
    choices = [[frozenset(c) for c in _subsets(range(5), size)] for size in sizes]
    possible = [way for way in product(*choices) if counts([set(held) for held in way]) == n]
    rng = np.random.default_rng(3)
    seen = Counter(tuple(map(frozenset, shuffle_sets(rng, sets))) for _ in range(8 * len(possible)))
    assert set(seen) <= set(possible)
    assert chisquare([seen[way] for way in possible]).pvalue > 0.001


def _subsets(members: range, size: int) -> list[tuple[int, ...]]:
    from itertools import combinations

    return list(combinations(members, size))
