"""Information content from the graph alone, by plain loops over plain sets."""

from __future__ import annotations

import math

from reference.similarity import Parents, closure


def seco(parents: Parents) -> list[float]:
    below = _at_or_below(parents)
    return [math.log(len(parents) / len(terms)) for terms in below]


def sanchez(parents: Parents) -> list[float]:
    below = _at_or_below(parents)
    leaves = {term for term, terms in enumerate(below) if terms == {term}}
    return [
        -math.log((len((below[term] - {term}) & leaves) / len(closure(parents, [term])) + 1) / (len(leaves) + 1))
        for term in range(len(parents))
    ]


def _at_or_below(parents: Parents) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in parents]
    for term in range(len(parents)):
        for above in closure(parents, [term]):
            found[above].add(term)
    return found
