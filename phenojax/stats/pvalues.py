"""p-values from permutations, and their correction over genes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Statistics closer than this are ties, so that no p-value hangs on the last bit of a sum.
TIE = 1e-9


def permutation_p(observed: float, null: NDArray[np.float64]) -> float:
    """One-sided p-value ``(1 + b) / (1 + m)``, b of the m null values being at least as large as the observed one.

    It is never 0 and is exact for any m. Source: Phipson & Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    """
    return float((1 + np.sum(null >= observed - TIE)) / (1 + len(null)))


def smallest_p(n_labellings: int, m: int) -> float:
    """The smallest p-value that ``m`` draws from ``n_labellings`` equally likely labellings can be expected to give."""
    return 1.0 / min(1 + m, n_labellings)


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """q-values that control the false discovery rate; NaN stays NaN and does not count as a test.

    Source: Benjamini & Hochberg, J R Stat Soc B 1995;57:289-300.
    """
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def benjamini_yekutieli(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """q-values that control the false discovery rate however the tests depend on each other; NaN as above.

    They are those of `benjamini_hochberg` times 1 + 1/2 + ... + 1/(number of tests).
    Source: Benjamini & Yekutieli, Ann Stat 2001;29:1165-1188.
    """
    tested = int(np.sum(~np.isnan(p)))
    return np.minimum(benjamini_hochberg(p) * np.sum(1.0 / np.arange(1, tested + 1)), 1.0)
