"""How much likelier the terms of an individual are in a disease than in diseases on the whole."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.frequencies import MOST, TargetFrequencies
from phenojax.similarity.scorer import ScoredSets, as_scored, digest
from phenojax.similarity.targets import Targets
from phenojax.similarity.term_ratios import TermRatios

UNRELATED = 0.2
"""Share of an individual's terms that its disease has nothing to do with."""
DENIED = 0.1
"""What a term counts that the release says the disease does not have, where an unrelated one counts 1."""
LENGTH_SCALE = 3.0
"""How many median lengths a target's own length is measured by."""


class Gains(NamedTuple):
    """What each of some terms adds to the score of each target.

    Attributes:
        nats: float32 ``(terms, targets)``.
        met: int32 ``(terms, targets)``: the term at which the target's frequency was read: the term itself, or the
            ancestor of the largest ratio; -1 where there is none, and of what the target is said not to have.
    """

    nats: NDArray[np.float32]
    met: NDArray[np.int32]


class LikelihoodScorer:
    """Log likelihood ratios of individuals' terms, target against background.

    For an individual with the terms Q and a target d with frequencies F_d (`target_frequencies`), background bg and
    length l_d, in nats::

        score(Q, d) = sum over t in Q of log(1 + 4 m_t) - |Q| log(1 + l_d / (3 median l))
        m_t = F_d(t) / bg(t), or where F_d(t) = 0: .03 max over proper ancestors a of t of F_d(a) / bg(a)

    One in five terms has nothing to do with the disease, ``log(.2 + .8 m_t)``, of which a constant is left out; of
    terms that the release denies the disease (NOT), ``1 + 4 m_t`` is .1. The second sum takes from targets of whom much
    is known what they gain by that alone.

    Args:
        ontology: the release.
        frequencies: of the targets.
        use_excluded: add ``log((1 - F_d(a)) / (1 - bg(a)))`` for each term that was excluded in the individual, with
            frequencies of at most .99.
    """

    def __init__(self, ontology: Ontology, frequencies: TargetFrequencies, *, use_excluded: bool = False) -> None:
        self.ontology = ontology
        self.frequencies = frequencies
        self.use_excluded = use_excluded

    @property
    def targets(self) -> Targets:
        """The columns of the scores."""
        return self.frequencies.targets

    def __call__(self, a: Csr | ScoredSets, _targets: Csr | ScoredSets | None = None) -> NDArray[np.float32]:
        """Score every set of `a` against every target: float32 ``(n, targets)``; 0 for an empty set."""
        sets = as_scored(a)
        terms, column = np.unique(sets.terms.indices, return_inverse=True)
        return self.summed(sets, column, self.gains(terms).nats)

    def gains(self, terms: NDArray[np.integer]) -> Gains:
        """What each of these terms adds to the score of each target."""
        ratios, met = self._ratios(terms)
        np.multiply(ratios, np.float32((1 - UNRELATED) / UNRELATED), out=ratios)
        np.log1p(ratios, out=ratios)
        for row, row_met, term in zip(ratios, met, terms.tolist(), strict=True):
            denied = self._denied.indices[self._denied.indptr[term] : self._denied.indptr[term + 1]]
            row[denied] = np.log(DENIED)
            row_met[denied] = -1  # no frequency was read
        ratios -= self._penalty
        return Gains(ratios, met)

    def summed(self, sets: ScoredSets, column: NDArray[np.integer], nats: NDArray[np.float32]) -> NDArray[np.float32]:
        """Add up gains: `column` says for each entry of ``sets.terms.indices`` its row of `nats`."""
        ones = np.ones(len(column), dtype=np.float32)
        chosen = sparse.csr_matrix((ones, column, sets.terms.offsets), shape=(sets.terms.n_rows, len(nats)))
        scores = np.asarray(chosen @ nats, dtype=np.float32)
        if self.use_excluded and sets.excluded is not None:
            scores += self._evidence_of_absence(sets.excluded)
        return scores

    def _evidence_of_absence(self, excluded: Csr) -> NDArray[np.float32]:
        n_terms = self.frequencies.matrix.shape[1]
        ones = np.ones(len(excluded.indices), dtype=np.float32)
        chosen = sparse.csr_matrix((ones, excluded.indices, excluded.offsets), shape=(excluded.n_rows, n_terms))
        by_chance = np.log1p(-np.minimum(self.frequencies.background, MOST)).astype(np.float32)
        found = np.asarray((chosen @ self._absence).todense(), dtype=np.float32)
        found -= (chosen @ by_chance)[:, None]
        return found

    @cached_property
    def _absence(self) -> sparse.csr_matrix:
        """log(1 - F_d(a)), float32 ``(n_terms, targets)``."""
        known = self.frequencies.matrix.T.tocsr().astype(np.float32)
        known.data = np.log1p(-np.minimum(known.data, np.float32(MOST)))
        return known

    @cached_property
    def _ratios(self) -> TermRatios:
        background = self.frequencies.background
        inverse = np.divide(1, background, out=np.zeros_like(background), where=background > 0)
        ratios = sparse.csc_matrix((self.frequencies.matrix @ sparse.diags(inverse)).astype(np.float32))
        return TermRatios(self.ontology.graph, ratios)

    @cached_property
    def _denied(self) -> sparse.csc_matrix:
        return sparse.csc_matrix(self.frequencies.denied)

    @cached_property
    def _penalty(self) -> NDArray[np.float32]:
        scale = LENGTH_SCALE * self.frequencies.median_length
        return np.log1p(self.frequencies.lengths / scale).astype(np.float32)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells these scores from others on one ontology."""
        known, denied = self.frequencies.matrix, self.frequencies.denied
        parts = (known.indptr, known.indices, known.data, denied.indptr, denied.indices, self.frequencies.background)
        return ("likelihood", self.frequencies.median_length, *map(digest, parts))


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
