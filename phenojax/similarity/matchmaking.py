"""How likely two individuals have the same cause: three ways of comparing their terms, added up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.causes import Causes
from phenojax.similarity.closures import closure_kernel
from phenojax.similarity.information_content import IcLike, conditional_ic, information_content
from phenojax.similarity.scorer import rows_of

SIZE_POWER = 0.25
"""Power of a candidate's own size by which what it shares is divided: 0 favours those of whom much is told, .5 (the
cosine) those of whom little is. Taken from a prototype; benchmarks/matchmaking.py shows what others would give."""


class Weights(NamedTuple):
    """How much each part counts.

    Attributes:
        closures: of what two closures have in common.
        stated: of the information content of stated terms that the other has too.
        causes: of the cosine of what may lie behind the terms.
    """

    closures: float
    stated: float
    causes: float


WEIGHTS = Weights(closures=3.0, stated=4.3, causes=3.4)
"""The inverse of the standard deviation of each part over pairs of half A of benchmarks/matchmaking.py, all times one
number: the one with which the softmax of a query's scores best says which candidates have its gene there, so that a
score is a log odds ratio but for a constant."""


class Profiles(NamedTuple):
    """Individuals, made ready to be compared.

    Attributes:
        terms: ``n`` sets of term_idx.
        size: float32 ``(n,)``, the weight of each closure to the power of `SIZE_POWER`.
        as_query: float32 sparse ``(n, 2 n_terms + causes)``: stated terms, closure, causes, weighted.
        as_candidate: likewise: closure, stated terms, causes, so that the product of a query's row and a candidate's is
            the sum of the second and third part.
    """

    terms: Csr
    size: NDArray[np.float32]
    as_query: sparse.csr_matrix
    as_candidate: sparse.csr_matrix

    def rows(self, rows: slice) -> Profiles:
        """Give consecutive individuals."""
        return Profiles(rows_of(self.terms, rows), self.size[rows], self.as_query[rows], self.as_candidate[rows])


class Matchmaker:
    """Scores pairs of individuals by how likely they have the same cause.

    Of a query q and a candidate c with stated terms Q and C and closures Q* and C*::

        score(q, c) = a G(q, c) / (G(q, q)^.5 G(c, c)^.25) + b L(q, c) / (L(q, q)^.5 L(c, c)^.25) + d cos(p_q, p_c)

        G(q, c) = sum over t in Q* and C* of w_t           what a term adds to its parents (`conditional_ic`)
        L(q, c) = sum over t in Q and C* of ic_t + sum over t in C and Q* of ic_t
        p_q     = shares of the causes of q (`Causes`)

    The score is not symmetric: a candidate's own size counts, a query's does not change the order of its candidates. No
    excluded term, gene, disease or publication of any individual is used.

    Args:
        ontology: a release with annotations.
        ic: see `information_content`.
        weights: of the parts, a, b and d.
        threads: None for all processors; changes no number.

    Raises:
        ConfigError: no such information content, or no annotations of diseases.
    """

    def __init__(
        self, ontology: Ontology, ic: IcLike = "omim", *, weights: Weights = WEIGHTS, threads: int | None = None
    ) -> None:
        self.ontology = ontology
        self.weights = weights
        self.threads = threads
        self._ic = information_content(ontology, ic)
        self._added = conditional_ic(ontology, self._ic)
        self._causes = Causes(ontology)

    def profiles(self, sets: Csr) -> Profiles:
        """Make individuals ready, once for all comparisons."""
        n_terms = self.ontology.n_terms
        stated = _indicator(sets, n_terms)
        closures = _indicator(Csr(*self.ontology.graph.closures(sets.offsets, sets.indices)), n_terms)
        own = 2 * (stated @ self._ic)
        query, candidate = (_scaled(own, power) * np.sqrt(self.weights.stated) for power in (0.5, SIZE_POWER))
        weighted = stated @ sparse.diags(self._ic)
        causes = sparse.csr_matrix((sets.n_rows, 0), dtype=np.float32)
        if self.weights.causes > 0:
            causes = self._causes(sets) * np.float32(np.sqrt(self.weights.causes))
        return Profiles(
            sets,
            ((closures @ self._added) ** SIZE_POWER).astype(np.float32),
            _beside(sparse.diags(query) @ weighted, sparse.diags(query) @ closures, causes),
            _beside(sparse.diags(candidate) @ closures, sparse.diags(candidate) @ weighted, causes),
        )

    def __call__(self, queries: Profiles, candidates: Profiles) -> NDArray[np.float32]:
        """Score queries (rows) against candidates: float32 ``(n, m)``, 0 or more, 0 where nothing is in common."""
        scores = closure_kernel(self.ontology, self._added, queries.terms, candidates.terms, self.threads)
        scores *= candidates.size * np.float32(self.weights.closures)
        scores += (queries.as_query @ candidates.as_candidate.T).toarray()
        return scores


def _indicator(sets: Csr, n_terms: int) -> sparse.csr_matrix:
    """1 for each term of each set, once."""
    found = sparse.csr_matrix((np.ones(len(sets.indices)), sets.indices, sets.offsets), shape=(sets.n_rows, n_terms))
    found.sum_duplicates()
    found.data[:] = 1.0
    return found


def _scaled(size: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    return np.divide(1.0, size**power, out=np.zeros_like(size), where=size > 0)


def _beside(*parts: sparse.spmatrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"), dtype=np.float32)
