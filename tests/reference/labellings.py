"""Exchangeable labellings by their definition: look at every vector of labels and keep those that the rules allow."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray


def all_labellings(
    labels: NDArray[np.bool_], groups: NDArray[np.int64], sets: NDArray[np.int64] | None
) -> set[tuple[bool, ...]]:
    """A group of one label stays of one label; a mixed group, and a set of matched groups, keep their number of cases.

    Every matched group (all its members in one set) belongs to the set of its first member.
    """
    names = list(dict.fromkeys(groups.tolist()))
    members = {name: np.flatnonzero(groups == name) for name in names}
    mixed = {name for name in names if len(set(labels[members[name]].tolist())) == 2}
    pure = [name for name in names if name not in mixed]
    set_of = {name: 0 if sets is None else int(sets[members[name][0]]) for name in pure}

    def allowed(candidate: NDArray[np.bool_]) -> bool:
        if any(candidate[members[name]].sum() != labels[members[name]].sum() for name in mixed):
            return False
        if any(len(set(candidate[members[name]].tolist())) != 1 for name in pure):
            return False
        first = {name: members[name][0] for name in pure}
        return all(
            sum(candidate[first[name]] for name in pure if set_of[name] == block)
            == sum(labels[first[name]] for name in pure if set_of[name] == block)
            for block in set(set_of.values())
        )

    candidates = (np.array(values, dtype=bool) for values in product((False, True), repeat=len(labels)))
    return {tuple(candidate.tolist()) for candidate in candidates if allowed(candidate)}
