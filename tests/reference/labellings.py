"""Exchangeable labellings by their definition: look at every vector of labels and keep those that the rules allow."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
from numpy.typing import NDArray


def all_labellings(
    labels: NDArray[np.bool_],
    groups: NDArray[np.int64],
    sets: NDArray[np.int64] | None,
    strata: NDArray[np.int64] | None = None,
) -> set[tuple[bool, ...]]:
    """A group of one label stays of one label; a mixed group, and a set of matched groups, keep their number of cases.

    With strata they keep it in each stratum. A group belongs to the set, and to the stratum, of most of its members.
    """
    names = list(dict.fromkeys(groups.tolist()))
    members = {name: np.flatnonzero(groups == name) for name in names}
    mixed = {name for name in names if len(set(labels[members[name]].tolist())) == 2}
    pure = [name for name in names if name not in mixed]
    sets, strata = (np.zeros(len(labels), dtype=np.int64) if codes is None else codes for codes in (sets, strata))
    set_of = {name: (_mode(sets[members[name]]), _mode(strata[members[name]])) for name in pure}
    swapping = [rows[strata[rows] == s] for name in mixed for rows in (members[name],) for s in set(strata.tolist())]

    def allowed(candidate: NDArray[np.bool_]) -> bool:
        if any(candidate[rows].sum() != labels[rows].sum() for rows in swapping):
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


def _mode(values: NDArray[np.int64]) -> int:
    """The smallest of the most frequent values."""
    count = Counter(values.tolist())
    return min(value for value in count if count[value] == max(count.values()))
