"""Sets of findings with the same margins: who has which is chance, how many each has and how many have each is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

# Trades of a set with another; after this many on average the order they began in cannot be told.
TRADES_PER_SET = 5


def shuffle_sets(
    rng: np.random.Generator, sets: Sequence[set[int]], kinds: Mapping[int, int] | None = None
) -> list[set[int]]:
    """Draw sets in which every member stands as often, and every set holds as many members of each commonness.

    Members are divided by how many sets hold them, 1, 2 to 3, 4 to 7 and so on, and by their kind where ``kinds`` says
    it; each class is shuffled by itself: somebody of whom much is told that nobody else has, a noisy description, stays
    one. Inside a class two random sets
    at a time pool what only one of them holds and deal it out again, each getting as much as it gave ("curveball",
    Strona et al., Nature Communications 2014;5:4114), which converges to a uniform draw of all such sets.
    """
    counts: dict[int, int] = {}
    for held in sets:
        for member in held:
            counts[member] = counts.get(member, 0) + 1
    classes: dict[tuple[int, int], set[int]] = {}
    for member, count in counts.items():
        classes.setdefault((count.bit_length(), 0 if kinds is None else kinds[member]), set()).add(member)
    found: list[set[int]] = [set() for _ in sets]
    for (commonness, _), members in sorted(classes.items()):
        parts = [held & members for held in sets]
        if commonness == 1:
            parts = _deal(rng, sorted(members), [len(part) for part in parts])
        else:
            _trade(rng, parts)
        for drawn, part in zip(found, parts, strict=True):
            drawn.update(part)
    return found


def _deal(rng: np.random.Generator, members: list[int], sizes: list[int]) -> list[set[int]]:
    """What one set alone holds can be dealt out at once."""
    order = rng.permutation(len(members)).tolist()
    ends = np.cumsum(sizes).tolist()
    return [{members[i] for i in order[end - size : end]} for end, size in zip(ends, sizes, strict=True)]


def _trade(rng: np.random.Generator, parts: list[set[int]]) -> None:
    """In place."""
    pairs = rng.integers(len(parts), size=(TRADES_PER_SET * len(parts), 2)).tolist()
    for a, b in pairs:
        only_a, only_b = parts[a] - parts[b], parts[b] - parts[a]
        if not only_a or not only_b:
            continue
        pool = sorted(only_a | only_b)
        given = {pool[i] for i in rng.permutation(len(pool))[: len(only_a)].tolist()}
        parts[a] = (parts[a] - only_a) | given
        parts[b] = (parts[b] - only_b) | (set(pool) - given)
