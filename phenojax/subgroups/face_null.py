"""Null kernels of faces of one gene without subgroups: one cloud of Gaussian shape, with the publications' own light.

A kernel of Gaussian vectors stays as likely when its individuals are rotated. So the publications' means are rotated
among each other about the mean of all, and the individuals of each publication about the publication's mean, by random
rotations: the null sets spread as far in as many directions, publications as far from each other as they were, but no
direction has two humps. Of vectors that were not scaled to length 1 it is the exact test where publications are equally
large and each is a Gaussian cloud (Langsrud, Statistics and Computing 2005;15:53-60).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def null_kernel(
    rng: np.random.Generator, kernel: NDArray[np.float64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Rotate the individuals of a kernel of unit vectors, ``(n, n)``, whose groups are int64 ``(n,)``.

    Returns:
        float64 ``(n, n)``: the cosines of the rotated vectors, so that all have length 1 again.
    """
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n, n_groups = len(codes), len(sizes)
    member = np.eye(n_groups)[codes]
    # at the mean of the groups' means, which then stays where it is
    to_mean = member / sizes
    origin = to_mean.mean(axis=1)
    shift = np.eye(n) - np.outer(np.ones(n), origin)
    turn = member @ _rotation(rng, n_groups) @ to_mean.T
    for code in range(n_groups):
        rows = np.flatnonzero(codes == code)
        turn[np.ix_(rows, rows)] += _rotation(rng, len(rows)) - 1.0 / len(rows)
    turn = turn @ shift + origin
    turned = turn @ kernel @ turn.T
    length = np.sqrt(np.maximum(np.diagonal(turned), 1e-12))
    return np.asarray(turned / length[:, None] / length[None, :], dtype=np.float64)


def _rotation(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """A random rotation or reflection ``(n, n)`` that keeps the vector of ones (Haar measure on the others)."""
    ones = np.full((n, n), 1.0 / n)
    if n == 1:
        return ones
    basis = np.linalg.svd(np.eye(n) - ones)[0][:, : n - 1]
    drawn, upper = np.linalg.qr(rng.standard_normal((n - 1, n - 1)))
    return np.asarray(basis @ (drawn * np.sign(np.diagonal(upper))) @ basis.T + ones, dtype=np.float64)
