"""Cutting individuals into 2, 3 ... parts, and how much of their spread each cut explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy


def squared_distances(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(n, n)`` in the kernel's space, not below 0."""
    own = np.diagonal(kernel)
    found: NDArray[np.float64] = np.maximum(own[:, None] + own[None, :] - 2 * kernel, 0.0)
    np.fill_diagonal(found, 0.0)
    return found


def tree_of(squared: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Linkage (scipy's) of the distances whose squares are given, float64 ``(n - 1, 4)``."""
    upper = np.triu_indices(len(squared), 1)
    tree: NDArray[np.float64] = hierarchy.linkage(np.sqrt(squared[upper]), method)
    return tree


def cuts(tree: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Labels 0, 1 ... of cutting into 2, 3 ... ``most`` parts, int64 ``(most - 1, n)``.

    A cut into k of n parts leaves out the last k - 1 merges, ties among them as the tree has them. Part 0 holds the
    first individual, part 1 the first one that is not in part 0, and so on.
    """
    n = len(tree) + 1
    members = {node: [node] for node in range(n)}
    rows = []
    for merge, (a, b) in enumerate(tree[:, :2].astype(np.int64).tolist()):
        if len(members) <= most:
            rows.append(_labels(members, n))
        members[n + merge] = members.pop(a) + members.pop(b)
    return np.stack(rows[::-1])


def _labels(members: dict[int, list[int]], n: int) -> NDArray[np.int64]:
    labels = np.empty(n, dtype=np.int64)
    for part, inside in enumerate(sorted(members.values(), key=min)):
        labels[inside] = part
    return labels


def explained(squared: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the spread that lies between the parts, of each row of ``labels``; 0 to 1, float64 ``(rows,)``.

    One minus the sum of squared distances to the means of the parts over that to the mean of all (the cluster index of
    Liu et al., JASA 2008;103:1281-1293, taken from one).
    """
    n = len(squared)
    total = squared.sum() / (2 * n)
    if total <= 0:
        return np.zeros(len(labels))
    shares = []
    for row in labels:
        member = np.eye(row.max() + 1)[row]
        inside = np.einsum("ik,ij,jk->k", member, squared, member, optimize=True) / (2 * member.sum(axis=0))
        shares.append(1.0 - inside.sum() / total)
    return np.array(shares)
