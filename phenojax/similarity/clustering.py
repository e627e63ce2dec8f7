"""From how alike to how far apart: distances and trees that scipy's clustering takes."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster import hierarchy

from phenojax.errors import ConfigError

# What float32 arithmetic leaves between S[i, j] and S[j, i], or above 1.
_ROUNDING = 1e-5


class LinkageMethod(StrEnum):
    """How far apart two clusters are; see `scipy.cluster.hierarchy.linkage`."""

    SINGLE = "single"
    COMPLETE = "complete"
    AVERAGE = "average"
    WEIGHTED = "weighted"
    CENTROID = "centroid"
    MEDIAN = "median"
    WARD = "ward"


def distances(similarity: ArrayLike, *, normalize: str | None = "cosine") -> NDArray[np.float64]:
    """Turn similarities into distances: ``sqrt(1 - c)``.

    ``c[i, j]`` is ``S[i, j] / sqrt(S[i, i] S[j, j])``, so that each is 1 with itself whatever the size and depth of its
    terms (a matrix in nats, as Resnik's, has no largest value to subtract from). A c above 1, which two sets of unequal
    depth can reach by a little, counts as 1. Where S is positive semidefinite, as that of simgic or `closure_kernel`,
    these are Euclidean distances; the best-match averages are not in general, and the triangle inequality may fail.

    Args:
        similarity: ``(n, n)``, symmetric, finite and not negative, with the similarity to itself on the diagonal, as
            `phenojax.similarity` gives for one cohort and a symmetric combiner.
        normalize: ``"cosine"``, or None to take ``c = S``, which then may not exceed 1; its diagonal is not looked at.

    Returns:
        float64 ``(n (n - 1) / 2,)`` in [0, 1]: the condensed form of `scipy.spatial.distance.squareform`, in which the
        distance to itself is 0. Who is not similar even to itself (no terms at all) is at distance 1 from everyone.

    Raises:
        ConfigError: `similarity` is not such a matrix, or `normalize` is unknown.

    Example:
        >>> import phenojax as pj
        >>> pj.distances([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 5.0]]).round(2).tolist()
        [0.71, 1.0, 1.0]
    """
    if normalize not in ("cosine", None):
        raise ConfigError(f"normalize must be 'cosine' or None, not {normalize!r}")
    matrix = np.asarray(similarity)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype.kind not in "fiu":
        raise ConfigError(f"similarity must be a square matrix of numbers, not {matrix.dtype} {matrix.shape}")
    n = len(matrix)
    own = np.diagonal(matrix).astype(np.float64)
    _check_row(own, np.arange(n), np.arange(n), None)
    out = np.empty(n * (n - 1) // 2)
    start = 0
    for i in range(n - 1):
        # By rows, so that beside the result nothing of the size of the matrix is made.
        row, column = matrix[i, i + 1 :].astype(np.float64), matrix[i + 1 :, i].astype(np.float64)
        others = np.arange(i + 1, n)
        limit = None if normalize else 1 + _ROUNDING
        _check_row(row, np.full(n - i - 1, i), others, limit)
        uneven = ~(np.abs(row - column) <= _ROUNDING * np.maximum(row, 1.0))
        if uneven.any():
            j = int(others[uneven][0])
            raise ConfigError(
                f"similarity must be symmetric, and is {matrix[i, j]:g} at ({i}, {j}) but {matrix[j, i]:g} at "
                f"({j}, {i}); one-sided combiners give no distances"
            )
        scale = np.sqrt(own[i] * own[i + 1 :]) if normalize else np.ones(n - i - 1)
        c = np.divide(row, scale, out=np.zeros(n - i - 1), where=scale > 0)
        out[start : start + n - i - 1] = np.sqrt(np.maximum(1.0 - c, 0.0))
        start += n - i - 1
    return out


def linkage(
    similarity: ArrayLike, method: str = "average", *, normalize: str | None = "cosine", optimal_ordering: bool = False
) -> NDArray[np.float64]:
    """Cluster hierarchically by similarity: `scipy.cluster.hierarchy.linkage` of `distances`.

    Args:
        similarity: ``(n, n)``, two or more, as for `distances`.
        method: ``"average"``, ``"complete"``, ``"single"``, ``"weighted"``; ``"ward"``, ``"centroid"`` and ``"median"``
            mean something for Euclidean distances only, see `distances`.
        normalize: as for `distances`.
        optimal_ordering: order leaves so that neighbours are alike; slow for thousands.

    Returns:
        float64 ``(n - 1, 4)``, one merge a row: for `scipy.cluster.hierarchy.dendrogram`, ``fcluster`` and the like.

    Raises:
        ConfigError: `similarity` is not such a matrix, or another argument is unknown.

    Source: Müllner, arXiv 1109.2378, 2011 (the algorithms scipy runs).

    Example:
        >>> import phenojax as pj
        >>> pj.linkage([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 5.0]])[:, :2].tolist()
        [[0.0, 1.0], [2.0, 3.0]]
    """
    try:
        chosen = LinkageMethod(method)
    except ValueError:
        raise ConfigError(f"method must be one of {', '.join(LinkageMethod)}, not {method!r}") from None
    condensed = distances(similarity, normalize=normalize)
    if not len(condensed):
        raise ConfigError("similarity must be of two or more to be clustered")
    tree: NDArray[np.float64] = hierarchy.linkage(condensed, chosen.value, optimal_ordering=optimal_ordering)
    return tree


def _check_row(
    values: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.int64], limit: float | None
) -> None:
    good = (values >= 0) & (values < np.inf if limit is None else values <= limit)
    if not good.all():
        at = int(np.flatnonzero(~good)[0])
        wanted = "be finite and not negative" if limit is None else "be from 0 to 1 where normalize=None"
        raise ConfigError(f"similarity must {wanted}, not {values[at]:g} (at ({rows[at]}, {columns[at]}))")
