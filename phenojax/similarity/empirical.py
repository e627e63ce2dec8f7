"""Empirical p-values of scores against fixed targets: how often a random individual does as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.hits import as_keys
from phenojax.similarity.null import random_sets
from phenojax.similarity.scorer import ScoredSets, SetScorer, rows_of

EXACT_SIZES = 20
LARGER_SIZES = (25, 30, 35, 40, 50, 60, 80, 100, 150, 200)
"""Up to `EXACT_SIZES` terms a query has a null of its own size, above it that of the next smaller of these."""
CACHE_BYTES = 1 << 29
"""Null scores are kept until they fill so much; those of other settings make room."""

_TILE_BYTES = 1 << 26
_COMPARED_AT_ONCE = 4096


class _Kept:
    """Null scores of one group of settings, by size and first null set."""

    def __init__(self, settings: tuple[object, ...]) -> None:
        self.settings = settings
        self.bytes = 0
        self.tiles: dict[tuple[int, int], NDArray[np.int32]] = {}

    def add(self, name: tuple[int, int], tile: NDArray[np.int32]) -> None:
        if self.bytes + tile.nbytes <= CACHE_BYTES:
            self.bytes += tile.nbytes
            self.tiles[name] = tile


_kept: WeakKeyDictionary[Ontology, _Kept] = WeakKeyDictionary()


def null_size(n_terms: NDArray[np.int64]) -> NDArray[np.int64]:
    """The size of the null for queries of `n_terms` terms, never larger than they are.

    A smaller set's score spreads more, so that a shared null errs towards larger p-values.
    """
    grid = np.array([*range(EXACT_SIZES + 1), *LARGER_SIZES], dtype=np.int64)
    return grid[np.searchsorted(grid, n_terms, side="right") - 1]


class NullScores:
    """Scores of `n_null` random individuals (`random_sets`) against fixed targets, for each size of a query.

    Args:
        scorer: what the scores are made by.
        normalizer: how they are normalised, with the targets' sets as columns.
        settings: what tells these null scores from others of the ontology, beside scorer, targets and numbers.
        targets: the columns.
        n_null: random individuals.
        seed: of the random individuals.
        exclude_terms: left out of the random individuals, as of those that they are compared with.
    """

    def __init__(
        self,
        scorer: SetScorer,
        normalizer: Callable[[NDArray[np.float32], Csr], NDArray[np.float32]],
        settings: tuple[object, ...],
        targets: ScoredSets,
        n_null: int,
        seed: int,
        exclude_terms: Iterable[str] = (),
    ) -> None:
        self._scorer, self._normalizer = scorer, normalizer
        self._targets, self._n_null, self._seed = targets, n_null, seed
        self._exclude_terms = tuple(sorted(set(exclude_terms)))
        everything = (*scorer.key, *settings, *targets.key, n_null, seed, self._exclude_terms)
        kept = _kept.get(scorer.ontology)
        if kept is None or kept.settings != everything:
            kept = _kept[scorer.ontology] = _Kept(everything)
        self._kept = kept

    def p_values(
        self,
        n_terms: NDArray[np.int64],
        columns: NDArray[np.int64],
        keys: NDArray[np.int32],
        step: Callable[[int, int], None],
    ) -> NDArray[np.float64]:
        """``(1 + b) / (1 + n_null)`` with ``b`` the random individuals that reach the key at the column.

        Args:
            n_terms: size of the query of each hit; of hits without terms the p-value is 1.
            columns: target of each hit.
            keys: score of each hit, see `as_keys`.
            step: told how many sizes are done, of how many.
        """
        p = np.ones(len(keys))
        sizes = null_size(n_terms)
        wanted = [int(size) for size in np.unique(sizes) if size > 0]
        for done, size in enumerate(wanted):
            step(done, len(wanted))
            hits = np.flatnonzero(sizes == size)
            p[hits] = (1 + self._count(size, columns[hits], keys[hits])) / (1 + self._n_null)
        return p

    def _count(self, size: int, columns: NDArray[np.int64], keys: NDArray[np.int32]) -> NDArray[np.int64]:
        reached = np.zeros(len(keys), dtype=np.int64)
        rows = max(1, _TILE_BYTES // (4 * self._targets.terms.n_rows))
        for start in range(0, self._n_null, rows):
            tile = self._tile(size, start, min(start + rows, self._n_null))
            for first in range(0, len(keys), _COMPARED_AT_ONCE):
                some = slice(first, first + _COMPARED_AT_ONCE)
                reached[some] += np.count_nonzero(tile[columns[some]] >= keys[some, None], axis=1)
        return reached

    def _tile(self, size: int, start: int, stop: int) -> NDArray[np.int32]:
        """Keys ``(targets, stop - start)``: a target's are side by side, since hits ask for single targets."""
        tile = self._kept.tiles.get((size, start))
        if tile is None:
            drawn = random_sets(
                self._scorer.ontology, size, self._n_null, self._seed, exclude_terms=self._exclude_terms
            )
            sets = rows_of(drawn, slice(start, stop))
            scores = self._normalizer(self._scorer(sets, self._targets), sets)
            tile = np.ascontiguousarray(as_keys(scores).T)
            self._kept.add((size, start), tile)
        return tile
