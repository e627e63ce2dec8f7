"""What those whom models were fitted on have shown, and how far from it an individual may be and still be like them.

Two measures, both of the closure alone: what it weighs (W, the sum of conditional information content over the observed
terms and all above them), and which share of that lies on terms that nobody has shown. Who has few terms, or precise
ones, shows much that is new and is no stranger for it, so that the second is judged among individuals of like W. Both
limits are set on the training individuals themselves, each beside those of other groups, so that about one in a hundred
new individuals of the same kind is outside them. Few individuals do not show how far their kind reaches: where there
are fewer than 1 / `OUTSIDE`, a limit is no nearer than Student's prediction limit for one more, of log W and of the
share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from phenojax._csr import Csr
from phenojax.models.collapse import closure_weights

# Of the individuals that limits are set on, so many are outside each of the three.
OUTSIDE = 0.0035
# A limit is a quantile of at least so many individuals, in at most so many classes of W.
PER_CLASS, MOST_CLASSES = 200, 8
# So much of a closure may always be new, be the training individuals ever so alike.
ALWAYS_ALLOWED = 0.1
# Numbers of an export have so many significant digits.
COARSE = 2


class Familiarity(NamedTuple):
    """Limits of what is familiar; k classes of closure weight.

    Attributes:
        terms: int32, ascending; the terms that are in the closures of enough individuals.
        lowest: the smallest closure weight.
        highest: the largest.
        edges: float64 ``(k - 1,)``; the closure weights that part the classes, ascending.
        most_unseen: float64 ``(k,)``; of each class, the largest share of the closure weight on other terms.
    """

    terms: NDArray[np.int32]
    lowest: float
    highest: float
    edges: NDArray[np.float64]
    most_unseen: NDArray[np.float64]

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Arrays by name, for a file."""
        return {
            "familiar_terms": self.terms,
            "familiar_range": np.array([self.lowest, self.highest]),
            "familiar_edges": self.edges,
            "familiar_most_unseen": self.most_unseen,
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Familiarity | None:
        """What `to_tensors` gave; None where there is none.

        Raises:
            KeyError: an array is missing.
        """
        if "familiar_terms" not in tensors:
            return None
        lowest, highest = tensors["familiar_range"].tolist()
        edges, most_unseen = tensors["familiar_edges"], tensors["familiar_most_unseen"]
        return cls(tensors["familiar_terms"], lowest, highest, edges, most_unseen)

    def is_strange(self, weight: NDArray[np.float64], unseen: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether too much of a closure is new, bool ``(n,)``; of closure weights and unseen shares ``(n,)``."""
        return np.asarray(unseen > self.most_unseen[np.searchsorted(self.edges, weight)], dtype=np.bool_)


def unseen_shares(
    closures: Csr, weights: NDArray[np.float64], familiar: NDArray[np.int32], total: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of W on terms outside ``familiar``, float64 ``(n,)``; 0 where W, ``total`` ``(n,)``, is 0."""
    new = np.ones(len(weights), dtype=bool)
    new[familiar] = False
    return closure_weights(closures, weights * new) / np.where(total > 0, total, 1.0)


def find_familiarity(
    closures: Csr,
    weights: NDArray[np.float64],
    groups: NDArray[np.integer],
    *,
    min_individuals: int = 1,
) -> Familiarity | None:
    """Set the limits on the individuals that models were fitted on; None where too few have a term that weighs.

    Args:
        closures: of each of n individuals.
        weights: float64 ``(n_terms,)``, conditional information content.
        groups: ``(n,)`` codes, 0 or more; an individual is judged beside the others' groups.
        min_individuals: a term is familiar when it is in the closures of so many, and limits are means of so many, to
            two digits; more than one in an export.
    """
    total = closure_weights(closures, weights)
    described = total > 0
    if described.sum() < min_individuals:
        return None
    n_terms = len(weights)
    n_carriers = np.bincount(closures.indices, minlength=n_terms)
    of_row = np.repeat(np.arange(closures.n_rows), closures.lengths)
    pair = groups[of_row].astype(np.int64) * n_terms + closures.indices
    _, which, in_group = np.unique(pair, return_inverse=True, return_counts=True)
    elsewhere = n_carriers[closures.indices] - in_group[which]
    new = np.where(elsewhere < min_individuals, weights[closures.indices], 0.0)
    unseen = np.bincount(of_row, weights=new, minlength=closures.n_rows)[described] / total[described]
    total = total[described]
    n_classes = int(np.clip(len(total) // PER_CLASS, 1, MOST_CLASSES))
    edges = [_limit(total, k / n_classes, min_individuals) for k in range(1, n_classes)]
    of_class = np.searchsorted(edges, total)
    most = [min(_farthest(unseen[of_class == k], min_individuals), 1.0) for k in range(n_classes)]
    log = np.log(total)
    lowest = float(np.exp(-_farthest(-log, min_individuals)))
    highest = float(np.exp(_farthest(log, min_individuals)))
    if min_individuals > 1:
        edges, most = [outward(edge, up=True) for edge in edges], [outward(share, up=True) for share in most]
        lowest, highest = outward(lowest, up=False), outward(highest, up=True)
    terms = np.flatnonzero(n_carriers >= min_individuals).astype(np.int32)
    return Familiarity(terms, lowest, highest, np.array(edges), np.maximum(most, ALWAYS_ALLOWED))


def outward(value: float, *, up: bool) -> float:
    """A number of 0 or more to `COARSE` significant digits, not below it, or not above it."""
    if value <= 0 or not np.isfinite(value):
        return float(value)
    step = 10.0 ** (np.floor(np.log10(value)) + 1 - COARSE)
    return float((np.ceil if up else np.floor)(value / step) * step)


def _limit(values: NDArray[np.float64], share: float, least: int) -> float:
    """A quantile of values; where it may not be of one, the mean of the ``least`` nearest to it in their order."""
    if least == 1:
        return float(np.quantile(values, share))
    start = int(np.clip(round(share * (len(values) - 1)) - least // 2, 0, max(len(values) - least, 0)))
    return float(np.sort(values)[start : start + least].mean())


def _farthest(values: NDArray[np.float64], least: int) -> float:
    """Beyond which `OUTSIDE` of new values are expected; infinite where too few ``(n,)`` say anything of that."""
    n = len(values)
    if n < max(least, 2):
        return float("inf")
    of_few = -np.inf
    if n * OUTSIDE < 1:
        of_few = values.mean() + t.ppf(1 - OUTSIDE, n - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / n)
    return float(max(of_few, _limit(values, 1 - OUTSIDE, least)))
