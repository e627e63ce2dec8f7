"""How publications on one gene differ: directions in term space that say more about a paper than about a gene (NumPy).

Within every gene that several groups describe, the mean of each group is compared with the mean of those means. The
covariance of the differences, averaged over genes, is large along panels of terms that some papers ask for and others
do not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Variances below this part of the largest are rounding.
RELATIVE_FLOOR = 1e-5


class Directions(NamedTuple):
    """At most r directions, the largest variance first; padded with zeros.

    Attributes:
        directions: float32 ``(t, r)``; orthonormal columns.
        spread: float32 ``(r,)``; variance along them, the largest 1.
    """

    directions: NDArray[np.float32]
    spread: NDArray[np.float32]


def unit_closures(features: NDArray[np.bool_], conditional_ic: NDArray[np.floating]) -> NDArray[np.float32]:
    """Closures weighted by sqrt(conditional IC) and of length one, float32 ``(n, t)``; zero rows stay zero."""
    x = features * np.sqrt(conditional_ic).astype(np.float32)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.where(length > 0, length, 1)


def publication_directions(
    x: NDArray[np.float32], genes: NDArray[np.int64], groups: NDArray[np.int64], rows: NDArray[np.int64], most: int
) -> Directions:
    """Principal directions of the differences between groups of one gene.

    Args:
        x: float32 ``(n, t)``.
        genes: int64 ``(n,)``; -1 for an individual without a gene, who is not used.
        groups: int64 ``(n,)`` codes.
        rows: who may be used.
        most: r.
    """
    t = x.shape[1]
    out = Directions(np.zeros((t, most), np.float32), np.zeros(most, np.float32))
    differences = [_differences(x, groups, rows[genes[rows] == gene]) for gene in np.unique(genes[rows]) if gene >= 0]
    differences = [d for d in differences if len(d)]
    if not differences:
        return out
    stacked = np.concatenate(differences)
    # the smaller of the two Gram matrices, in float64: there are far fewer groups than terms
    variance, left = np.linalg.eigh((stacked @ stacked.T).astype(np.float64))
    order = np.argsort(-variance)[:most]
    order = order[variance[order] > RELATIVE_FLOOR * variance.max(initial=0)]
    if len(order) == 0:
        return out
    found = stacked.T @ (left[:, order] / np.sqrt(variance[order])).astype(np.float32)
    out.directions[:, : len(order)] = found
    out.spread[: len(order)] = variance[order] / variance[order[0]]
    return out


def _differences(x: NDArray[np.float32], groups: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.float32]:
    """Group means minus their mean, float32 ``(k, t)``; their squares sum to the variance; no row for one group."""
    codes = np.unique(groups[members])
    if len(codes) < 2:
        return np.zeros((0, x.shape[1]), np.float32)
    means = np.stack([x[members[groups[members] == code]].mean(axis=0) for code in codes])
    return (means - means.mean(axis=0)) / np.float32(np.sqrt(len(codes) - 1))
