"""How likely a test of an AUC is to find an effect, and how many cases that takes."""

from __future__ import annotations

from math import ceil

import numpy as np
from scipy.special import ndtr, ndtri

MOST_CASES = 1_000_000


def power(auc: float, n_cases: float, n_controls: float, alpha: float = 0.05) -> float:
    """Chance that a one-sided rank test at level ``alpha`` finds a true AUC of ``auc``.

    A normal approximation: the null's variance is Wilcoxon's, (n + 1) / (12 n_cases n_controls), the effect's that of
    Hanley & McNeil (Radiology 1982;143:29-36). Where individuals come in groups, give the sizes that the classes are
    worth (`effective_sizes`). The AUC is taken not to change with the sample, while a model learns from more cases:
    what is promised for more cases than were seen errs on the low side. An AUC that was reported because it was
    significant is too large on average, and so is the power computed from it.

    Args:
        auc: in [0, 1].
        n_cases: above 0; need not be whole.
        n_controls: above 0; need not be whole.
        alpha: level of the test.
    """
    n = n_cases * n_controls
    null = np.sqrt((n_cases + n_controls + 1) / (12 * n))
    two_cases, two_controls = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (n_cases - 1) * (two_cases - auc**2) + (n_controls - 1) * (two_controls - auc**2)
    beyond = auc - 0.5 + ndtri(alpha) * null
    if variance <= 0:
        return float(beyond >= 0)
    return float(ndtr(beyond / np.sqrt(variance / n)))


def smallest_n(auc: float, ratio: float = 4.0, alpha: float = 0.05, wanted: float = 0.8) -> int | None:
    """The smallest number of cases, with ``ratio`` controls each, whose `power` is at least ``wanted``.

    None where no number up to a million is enough, as for an AUC of one half or less.
    """

    def is_enough(n_cases: int) -> bool:
        return power(auc, n_cases, ratio * n_cases, alpha) >= wanted

    high = 1
    while not is_enough(high):
        high *= 2
        if high > MOST_CASES:
            return None
    low = high // 2
    while high - low > 1:
        middle = ceil((low + high) / 2)
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
