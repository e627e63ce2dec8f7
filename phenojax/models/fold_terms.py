"""Leave the values of rare terms out of a model, or move them onto a kept ancestor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from phenojax.models.collapse import TermSpace
from phenojax.ontology import Ontology

Floats = NDArray[np.float64]


class Reduction(NamedTuple):
    """A linear map from the values of all terms to those of the terms that are kept.

    Attributes:
        term_idx: int32 ``(s,)``; the terms that are kept.
        places: int64 ``(s,)``; theirs among all, t.
        dropped: sparse ``(t, s)``; the others are dropped.
        folded: sparse ``(t, s)``; the others are moved onto the kept ancestor that the fewest individuals have, times
            the share of these that have the term, so that their mean stays.
    """

    term_idx: NDArray[np.int32]
    places: NDArray[np.int64]
    dropped: csr_matrix
    folded: csr_matrix


def reduce_terms(space: TermSpace, ontology: Ontology, min_individuals: int) -> Reduction:
    """Keep the terms that at least so many of the individuals have, themselves or by a descendant.

    Of a term and a kept one above it, whose carriers are fewer than so many more, the difference would be of these few:
    then only the upper one is kept. Where the carriers are the same, there is no difference, and both are.
    """
    t = len(space.term_idx)
    kept = _kept(space, ontology, min_individuals)
    places = np.flatnonzero(kept)
    column = np.full(ontology.n_terms, -1, np.int64)
    column[space.term_idx[places]] = np.arange(len(places))
    shape = (t, len(places))
    ones = csr_matrix((np.ones(len(places)), (places, np.arange(len(places)))), shape=shape)
    rare = np.flatnonzero(~kept)
    carriers = np.zeros(ontology.n_terms, np.int64)
    carriers[space.term_idx] = space.carriers
    offsets, above = ontology.graph.closures(np.arange(len(rare) + 1, dtype=np.int64), space.term_idx[rare])
    rows, columns, shares = [], [], []
    for place, start, end in zip(rare.tolist(), offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        ancestors = above[start:end]
        ancestors = ancestors[column[ancestors] >= 0]
        if len(ancestors):
            nearest = ancestors[np.argmin(carriers[ancestors])]
            rows.append(place)
            columns.append(int(column[nearest]))
            shares.append(space.carriers[place] / carriers[nearest])
    moved = csr_matrix((shares, (rows, columns)), shape=shape)
    return Reduction(space.term_idx[places], places, ones, ones + moved)


def _kept(space: TermSpace, ontology: Ontology, least: int) -> NDArray[np.bool_]:
    """Whether each term is kept, bool ``(t,)``; decided from the commonest down."""
    place = np.full(ontology.n_terms, -1, np.int64)
    place[space.term_idx] = np.arange(len(space.term_idx))
    common = np.flatnonzero(space.carriers >= least)
    common = common[np.argsort(-space.carriers[common], kind="stable")]
    offsets, above = ontology.graph.closures(np.arange(len(common) + 1, dtype=np.int64), space.term_idx[common])
    kept = np.zeros(len(space.term_idx), dtype=bool)
    for term, start, end in zip(common.tolist(), offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        ancestors = place[above[start:end]]
        ancestors = ancestors[ancestors >= 0]
        more = space.carriers[ancestors[kept[ancestors]]] - space.carriers[term]
        kept[term] = not ((more > 0) & (more < least)).any()
    return kept
