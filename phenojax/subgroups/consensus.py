"""How stable a division is when whole publications are left out: who stays together, and which parts come back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.subgroups.partition import cuts, tree_of

# So many of the groups (of the individuals, where there are fewer groups than this many) make a resample.
SHARE = 0.8
FEWEST_GROUPS = 5
# A part whose mean Jaccard index over resamples is at least this counts as one that comes back (Hennig 2007).
COMES_BACK = 0.75


class Consensus(NamedTuple):
    """Of n individuals in k parts.

    Attributes:
        together: float64 ``(n, n)``; in how many of the resamples that held both two individuals were in one part.
        own: float64 ``(n,)``; mean of that with the others of one's own part, NaN where there is none.
        other: float64 ``(n,)``; the largest mean of that with another part.
        jaccard: float64 ``(k,)``; how well each part comes back: mean over resamples of the largest Jaccard index of
            what is left of it with a part of the resample (Hennig, Comput Stat Data Anal 2007;52:258-271).
        whole_groups: groups were left out, not individuals.
    """

    together: NDArray[np.float64]
    own: NDArray[np.float64]
    other: NDArray[np.float64]
    jaccard: NDArray[np.float64]
    whole_groups: bool


def consensus(
    rng: np.random.Generator,
    squared: NDArray[np.float64],
    groups: NDArray[np.int64],
    labels: NDArray[np.int64],
    method: str,
    resamples: int,
) -> Consensus:
    """Cluster ``resamples`` samples of the groups into as many parts (Monti et al., Machine Learning 2003;52:91-118).

    Args:
        rng: a stream of its own.
        squared: squared distances ``(n, n)``.
        groups: int64 ``(n,)``; each is in a resample as a whole or not at all.
        labels: int64 ``(n,)``; the parts 0 ... k - 1 that were found.
        method: of scipy's linkage.
        resamples: how many.
    """
    n, k = len(labels), int(labels.max()) + 1
    codes = np.unique(groups)
    whole_groups = len(codes) >= FEWEST_GROUPS
    units = groups if whole_groups else np.arange(n)
    codes = np.unique(units)
    size = int(np.ceil(SHARE * len(codes)))
    same, both = np.zeros((n, n)), np.zeros((n, n))
    found: list[list[float]] = [[] for _ in range(k)]
    for _ in range(resamples):
        rows = np.flatnonzero(np.isin(units, rng.permutation(codes)[:size]))
        if len(rows) <= k:
            continue
        parts = cuts(tree_of(squared[np.ix_(rows, rows)], method), k)[-1]
        both[np.ix_(rows, rows)] += 1
        same[np.ix_(rows, rows)] += parts[:, None] == parts[None, :]
        for part, values in enumerate(found):
            left = labels[rows] == part
            if left.any():
                values.append(max(_jaccard(left, parts == other) for other in range(k)))
    together = np.divide(same, both, out=np.full((n, n), np.nan), where=both > 0)
    own, other = _means(together, labels, k)
    return Consensus(together, own, other, np.array([np.mean(v) if v else np.nan for v in found]), whole_groups)


def _jaccard(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


def _means(
    together: NDArray[np.float64], labels: NDArray[np.int64], k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = ~np.isnan(together)
    np.fill_diagonal(known, False)
    values = np.where(known, together, 0.0)
    member = np.eye(k)[labels]
    counts = known.astype(np.float64) @ member
    means = np.divide(values @ member, counts, out=np.full_like(counts, np.nan), where=counts > 0)
    own = means[np.arange(len(labels)), labels]
    means[np.arange(len(labels)), labels] = -np.inf
    return own, np.nan_to_num(means, nan=0.0, neginf=-np.inf).max(axis=1)
