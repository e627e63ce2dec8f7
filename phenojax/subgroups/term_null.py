"""Null sets of terms of a gene without subgroups: publications and amounts stay, what goes with what is chance.

Two levels, each shuffled with its margins kept (`shuffle_sets`):

* between publications: which terms a publication mentions. Each mentions as many as it did (of each organ system, where
  these are kept, so that publications with the same interest stay alike in it), and each term is mentioned by as many
  publications. A term that comes to a publication takes over the carriers of one that left it, the commonest
  those of the commonest, so that a publication's pattern of who has how much stays what it was.
* inside each publication: who has which of its terms. Each individual has as many as before, and each term as many
  carriers in this publication.

So whatever a publication's panel alone makes alike is as alike in the null sets, and individuals are described as
thoroughly. What is not kept is that terms go together across publications, or across the individuals of one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.subgroups.shuffle import shuffle_sets


class Mentions(NamedTuple):
    """Who has which terms, publication by publication.

    Attributes:
        members: rows of each publication's individuals.
        held: set of term_idx of every individual.
        carriers: of each publication, how many of its individuals have each of its terms.
        share: of each term, the mean share of carriers over the publications that mention it.
        kinds: a number for the organ system of each term; None where publications need not keep theirs.
    """

    members: tuple[NDArray[np.int64], ...]
    held: tuple[frozenset[int], ...]
    carriers: tuple[dict[int, int], ...]
    share: dict[int, float]
    kinds: dict[int, int] | None


def mentions_of(sets: Csr, groups: NDArray[np.int64], kinds: dict[int, int] | None = None) -> Mentions:
    """Arrange term sets ``(n rows)`` by groups, int64 ``(n,)``."""
    held = tuple(frozenset(part.tolist()) for part in np.split(sets.indices, sets.offsets[1:-1]))
    members = tuple(np.flatnonzero(groups == code) for code in np.unique(groups))
    carriers, shares = [], dict[int, list[float]]()
    for rows in members:
        counts: dict[int, int] = {}
        for row in rows.tolist():
            for term in held[row]:
                counts[term] = counts.get(term, 0) + 1
        carriers.append(counts)
        for term, count in counts.items():
            shares.setdefault(term, []).append(count / len(rows))
    return Mentions(members, held, tuple(carriers), {term: sum(s) / len(s) for term, s in shares.items()}, kinds)


def null_sets(rng: np.random.Generator, mentions: Mentions) -> Csr:
    """One null data set: term sets of the same individuals, each of the size it had."""
    panels = [set(carriers) for carriers in mentions.carriers]
    if len(panels) > 1:
        panels = shuffle_sets(rng, panels, mentions.kinds)
    drawn: list[set[int]] = [set() for _ in mentions.held]
    for rows, carriers, panel in zip(mentions.members, mentions.carriers, panels, strict=True):
        place = _taken_over(rng, carriers, panel, mentions.share)
        inside = [{place.get(term, term) for term in mentions.held[row]} for row in rows.tolist()]
        for row, found in zip(rows.tolist(), shuffle_sets(rng, inside) if len(rows) > 1 else inside, strict=True):
            drawn[row] = found
    offsets = np.cumsum([0, *(len(found) for found in drawn)], dtype=np.int64)
    return Csr(offsets, np.array([term for found in drawn for term in sorted(found)], dtype=np.int32))


def _taken_over(
    rng: np.random.Generator, carriers: dict[int, int], panel: set[int], share: dict[int, float]
) -> dict[int, int]:
    """Of each term that left a publication the one that takes over its carriers."""
    leaving, entering = sorted(set(carriers) - panel), sorted(panel - set(carriers))
    left = np.lexsort((rng.random(len(leaving)), np.array([-carriers[term] for term in leaving])))
    came = np.lexsort((rng.random(len(entering)), np.array([-share[term] for term in entering])))
    return {leaving[a]: entering[b] for a, b in zip(left.tolist(), came.tolist(), strict=True)}
