"""Which terms are commoner among the cases: prevalence by term and descendants, odds ratio, Fisher's exact test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from phenojax._csr import Csr
from phenojax.stats import benjamini_hochberg

# Added to each cell of a two-by-two table before the odds ratio is taken, so that it is finite (Haldane, Anscombe).
CELL_CORRECTION = 0.5
# Of the 95 % interval, in standard errors.
_NORMAL_QUANTILE = 1.959963984540054


class TermCounts(NamedTuple):
    """Terms of one comparison, most significant first; all arrays ``(t,)``.

    Attributes:
        term_idx: int32.
        case_count: cases in whom the term or a descendant was observed.
        control_count: the same of the controls.
        odds_ratio: with `CELL_CORRECTION` in each cell.
        odds_low: of its 95 % interval on the logarithmic scale, whose variance is the sum of the reciprocals of the
            corrected cells (Woolf, Ann Hum Genet 1955; Gart, Biometrika 1966). It takes individuals as independent.
        odds_high: the same.
        p_value: one-sided Fisher's exact test, commoner among cases.
        q_value: Benjamini-Hochberg over the terms that any case has.
    """

    term_idx: NDArray[np.int32]
    case_count: NDArray[np.int64]
    control_count: NDArray[np.int64]
    odds_ratio: NDArray[np.float64]
    odds_low: NDArray[np.float64]
    odds_high: NDArray[np.float64]
    p_value: NDArray[np.float64]
    q_value: NDArray[np.float64]


def term_counts(closures: Csr, n_terms: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the individuals at ``rows`` have each term in their closure, int64 ``(n_terms,)``."""
    return np.bincount(closures.take(rows).indices, minlength=n_terms)


def compare_terms(
    case_counts: NDArray[np.int64], n_cases: int, control_counts: NDArray[np.int64], n_controls: int, most: int
) -> TermCounts:
    """Test every term that a case has; keep the ``most`` significant.

    A term is compared in all who have it or a descendant in the graph; names play no part. Of terms that the same cases
    and controls have (a term and its only parent, say) each is listed.

    Args:
        case_counts: int64 ``(n_terms,)``, from `term_counts`.
        n_cases: how many cases there are.
        control_counts: the same of the controls.
        n_controls: how many controls there are.
        most: rows to return at most.
    """
    terms = np.flatnonzero(case_counts)
    a, c = case_counts[terms], control_counts[terms]
    # terms of one branch often share their counts
    pairs, of_term = np.unique(np.stack([a, a + c]), axis=1, return_inverse=True)
    p = np.minimum(hypergeom.sf(pairs[0] - 1, n_cases + n_controls, pairs[1], n_cases), 1.0)[of_term.reshape(-1)]
    q = benjamini_hochberg(p)
    cells = [x + CELL_CORRECTION for x in (a, n_controls - c, n_cases - a, c)]
    odds = cells[0] * cells[1] / (cells[2] * cells[3])
    spread = np.exp(_NORMAL_QUANTILE * np.sqrt(sum(1.0 / cell for cell in cells)))
    order = np.lexsort((terms, -odds, p))[:most]
    low, high = odds / spread, odds * spread
    return TermCounts(
        terms[order].astype(np.int32), a[order], c[order], odds[order], low[order], high[order], p[order], q[order]
    )
