"""From coefficients over training individuals to coefficients over terms and over one direction of embeddings.

The closure kernel is K(x, j) = sum over the common closure of w_t / sqrt(W_x W_j), so that

    sum over j of a_j K(x, j) = (sum over t in closure(x) of u_t) / sqrt(W_x),
    u_t = w_t * sum over j of a_j [t in closure(j)] / sqrt(W_j);

and cosines of faces are products with one vector, sum over j of a_j e_j. Both are exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from phenojax._csr import Csr

Floats = NDArray[np.float64]


def closure_weights(closures: Csr, weights: Floats) -> Floats:
    """W of each individual, float64 ``(n,)``: the sum of ``weights`` ``(n_terms,)`` over its closure."""
    starts = closures.offsets[:-1]
    sums = np.zeros(closures.n_rows)
    filled = closures.lengths > 0
    if filled.any():
        sums[filled] = np.add.reduceat(weights[closures.indices], starts[filled])
    return sums


class TermSpace:
    """The terms that training individuals have and that weigh something.

    Attributes:
        term_idx: int32 ``(t,)``, ascending.
        closure_weight: float64 ``(n,)``; W of each individual.
        carriers: int64 ``(t,)``; how many individuals have the term or one below it.
        rows: sparse ``(n, t)``; 1 / sqrt(W) where an individual has the term: its product with values is a part of a
            score.
    """

    def __init__(self, closures: Csr, weights: Floats) -> None:
        """Lay out the closures of n individuals; ``weights`` is ``(n_terms,)``."""
        weighs = weights[closures.indices] > 0
        owner = np.repeat(np.arange(closures.n_rows), closures.lengths)[weighs]
        self.term_idx, place = np.unique(closures.indices[weighs], return_inverse=True)
        self.closure_weight = closure_weights(closures, weights)
        self.carriers = np.bincount(place, minlength=len(self.term_idx))
        shape = (closures.n_rows, len(self.term_idx))
        self.rows = csr_matrix((1.0 / np.sqrt(self.closure_weight[owner]), (owner, place)), shape=shape)
        self._weights = weights[self.term_idx]

    def collapse(self, coefficients: Floats) -> Floats:
        """Values of the terms, ``(k, t)``, of coefficients ``(k, n)`` over the individuals' closure kernel rows."""
        return np.asarray((self.rows.T @ coefficients.T).T * self._weights, dtype=np.float64)
