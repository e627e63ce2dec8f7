"""How much likelier the terms of an individual are in a disease than in diseases on the whole."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.frequencies import TargetFrequencies
from phenojax.similarity.scorer import ScoredSets, as_scored, digest

NEAR_MISS = 0.1
"""What is left of an ancestor's ratio where nothing is known of the term itself."""
LENGTH_SCALE = 3.0
"""How many median lengths a target's own length is measured by."""


class LikelihoodScorer:
    """Log likelihood ratios of individuals' terms, target against background.

    For an individual with the terms Q and a target d with frequencies F_d (`target_frequencies`), background bg and
    length l_d, in nats::

        score(Q, d) = sum over t in Q of log(1 + m_t) - |Q| log(1 + l_d / (3 median l))
        m_t = F_d(t) / bg(t), or where F_d(t) = 0: .1 max over ancestors a of t of F_d(a) / bg(a)

    The 1 is the individual's own: a term may have nothing to do with its disease. The second sum takes from targets
    of whom much is known what they gain by that alone.

    Args:
        ontology: the release.
        frequencies: of the targets.
    """

    def __init__(self, ontology: Ontology, frequencies: TargetFrequencies) -> None:
        self.ontology = ontology
        self.frequencies = frequencies

    def __call__(self, a: Csr | ScoredSets, _targets: Csr | ScoredSets | None = None) -> NDArray[np.float32]:
        """Score every set of `a` against every target: float32 ``(n, targets)``; 0 for an empty set."""
        sets = as_scored(a).terms
        terms, column = np.unique(sets.indices, return_inverse=True)
        gains = self.gains(terms)
        shape = (sets.n_rows, len(terms))
        ones = np.ones(len(column), dtype=np.float32)
        chosen = sparse.csr_matrix((ones, column, sets.offsets), shape=shape)
        return np.asarray(chosen @ gains, dtype=np.float32)

    def gains(self, terms: NDArray[np.integer]) -> NDArray[np.float32]:
        """What each of distinct terms adds to the score of each target, float32 ``(len(terms), targets)``, nats."""
        ratios, above = self._ratios, self._closures
        out = np.zeros((len(terms), ratios.shape[0]), dtype=np.float32)
        for number, term in enumerate(terms.tolist()):
            row = out[number]
            own = slice(ratios.indptr[term], ratios.indptr[term + 1])
            for ancestor in above.row(term).tolist():
                if ancestor != term:
                    part = slice(ratios.indptr[ancestor], ratios.indptr[ancestor + 1])
                    at = ratios.indices[part]
                    row[at] = np.maximum(row[at], ratios.data[part])
            np.multiply(row, NEAR_MISS, out=row)
            row[ratios.indices[own]] = ratios.data[own]
        np.log1p(out, out=out)
        out -= self._penalty
        return out

    @cached_property
    def _ratios(self) -> sparse.csc_matrix:
        """F_d(a) / bg(a) where F_d(a) > 0, float32, a column for each term."""
        background = self.frequencies.background
        inverse = np.divide(1, background, out=np.zeros_like(background), where=background > 0)
        return sparse.csc_matrix((self.frequencies.matrix @ sparse.diags(inverse)).astype(np.float32))

    @cached_property
    def _penalty(self) -> NDArray[np.float32]:
        scale = LENGTH_SCALE * self.frequencies.median_length
        return np.log1p(self.frequencies.lengths / scale).astype(np.float32)

    @cached_property
    def _closures(self) -> Csr:
        n = self.ontology.n_terms
        return Csr(*self.ontology.graph.closures(np.arange(n + 1, dtype=np.int64), np.arange(n, dtype=np.int32)))

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells these scores from others on one ontology."""
        matrix = self.frequencies.matrix
        return ("likelihood", digest(matrix.indptr), digest(matrix.indices), digest(matrix.data))


def posterior(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Share of each target if the scores were log likelihoods and all targets equally frequent: float64 ``(n, m)``.

    The softmax of each row. The scores treat terms as independent, so that the largest share is too large: it orders
    and compares, and is no probability that the individual has the disease.
    """
    shifted = scores.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True, initial=-np.inf)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted
