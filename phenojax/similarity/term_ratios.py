"""A number for every term and target, from the term itself or else from what is known above it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax import _core
from phenojax._csr import Csr

NEAR_MISS = 0.03
"""What is left of an ancestor's ratio where nothing is known of the term itself."""

# Targets taken at a time: rows of so many floats stay in the cache of a processor while their ancestors are compared.
_TARGETS_AT_ONCE = 2048


class TermRatios:
    """Ratios of terms, with those of their ancestors for what has none.

    Args:
        graph: is_a edges over term_idx.
        ratios: float32 sparse ``(targets, n_terms)``, 0 or more, by columns.
    """

    def __init__(self, graph: _core.OntologyGraph, ratios: sparse.csc_matrix) -> None:
        self._graph = graph
        self._ratios = ratios

    def __call__(self, terms: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Give the ratio of each term and target, and the term that it was read at.

        Args:
            terms: distinct term_idx.

        Returns:
            float32 ``(len(terms), targets)``: the term's own ratio where it is stored, else `NEAR_MISS` times the
            largest of its proper ancestors, else 0; int32 of the same shape: where it was found, -1 for nowhere. Of
            ancestors with equal ratios the one counts that comes first from the top.

        Cost: one pass over the targets for each is_a edge at or above the terms.
        """
        n_targets = self._ratios.shape[0]
        values = np.empty((len(terms), n_targets), dtype=np.float32)
        where = np.empty((len(terms), n_targets), dtype=np.int32)
        needed = self._from_the_top(terms)
        slot = {term: row for row, term in enumerate(needed)}
        parents = [self._parents.row(term).tolist() for term in needed]
        wanted = [slot[term] for term in terms.tolist()]
        for start in range(0, n_targets, _TARGETS_AT_ONCE):
            block = slice(start, min(start + _TARGETS_AT_ONCE, n_targets))
            own = self._ratios[block]
            best, at = self._best(needed, slot, parents, own)
            values[:, block], where[:, block] = best[wanted], at[wanted]
        return values, where

    def _best(
        self, needed: list[int], slot: dict[int, int], parents: list[list[int]], own: sparse.csc_matrix
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """For each needed term its own ratio or the discounted best above it; for its children the best at or above."""
        shape = (len(needed), own.shape[0])
        inclusive, at_inclusive = np.zeros(shape, dtype=np.float32), np.full(shape, -1, dtype=np.int32)
        out, at_out = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.int32)
        for row, term in enumerate(needed):
            best, at = inclusive[row], at_inclusive[row]
            for parent in parents[row]:
                other, at_other = inclusive[slot[parent]], at_inclusive[slot[parent]]
                np.copyto(at, at_other, where=other > best)
                np.maximum(best, other, out=best)
            np.multiply(best, np.float32(NEAR_MISS), out=out[row])
            at_out[row] = at
            entries = slice(own.indptr[term], own.indptr[term + 1])
            targets, ratios = own.indices[entries], own.data[entries]
            out[row, targets], at_out[row, targets] = ratios, term
            larger = ratios > best[targets]
            best[targets[larger]], at[targets[larger]] = ratios[larger], term
        return out, at_out

    def _from_the_top(self, terms: NDArray[np.integer]) -> list[int]:
        """The terms and all above them, no term before its ancestors."""
        found = np.zeros(len(self._depths), dtype=np.bool_)
        found[self._graph.ancestors(terms.astype(np.int32))] = True
        found[terms] = True
        needed = np.flatnonzero(found)
        ordered: list[int] = needed[np.lexsort((needed, self._depths[needed]))].tolist()
        return ordered

    @cached_property
    def _depths(self) -> NDArray[np.int64]:
        """How many terms are at or above each: more than above any of its parents."""
        n = self._ratios.shape[1]
        closures = Csr(*self._graph.closures(np.arange(n + 1, dtype=np.int64), np.arange(n, dtype=np.int32)))
        return closures.lengths

    @cached_property
    def _parents(self) -> Csr:
        return Csr(*self._graph.parents)
