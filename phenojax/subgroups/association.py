"""How much a column of a cohort tells of a division, beyond what chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom


class Association(NamedTuple):
    """Of a column that divides individuals too.

    Attributes:
        column: its name.
        n: individuals with a value.
        n_values: different values.
        adjusted_mutual_information: 1 where both divide alike, 0 by chance (Vinh et al., JMLR 2010;11:2837-2854, with
            the mean of the entropies).
        tells: how much of the division the column tells, in the same way: 1 where every value lies in one part.
    """

    column: str
    n: int
    n_values: int
    adjusted_mutual_information: float
    tells: float


def associate(column: str, labels: NDArray[np.int64], values: Sequence[str | None]) -> Association | None:
    """Compare parts ``(n,)`` with the values of a column; None unless both divide those who have a value."""
    known = np.array([value is not None for value in values], dtype=np.bool_)
    names, codes = np.unique(np.array([v for v in values if v is not None], dtype=np.str_), return_inverse=True)
    parts = np.unique(labels[known], return_inverse=True)[1] if known.any() else codes
    if len(names) < 2 or len(np.unique(parts)) < 2:
        return None
    table = np.zeros((parts.max() + 1, len(names)))
    np.add.at(table, (parts, codes), 1)
    n = int(known.sum())
    expected = _expected(table.sum(axis=1), table.sum(axis=0))
    beyond = _information(table) - expected
    of_parts, of_values = _entropy(table.sum(axis=1)), _entropy(table.sum(axis=0))
    return Association(
        column,
        n,
        len(names),
        _share(beyond, (of_parts + of_values) / 2 - expected),
        _share(beyond, of_parts - expected),
    )


def explained_variance(labels: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    """Share of the variance of numbers ``(n,)`` that lies between the parts; 0 where they do not vary."""
    total = float(((values - values.mean()) ** 2).sum())
    means = np.bincount(labels, values) / np.bincount(labels)
    inside = float(((values - means[labels]) ** 2).sum())
    return 1.0 - inside / total if total > 0 else 0.0


def _share(value: float, most: float) -> float:
    return value / most if most > 1e-12 else 0.0


def _entropy(sizes: NDArray[np.float64]) -> float:
    """In nats."""
    share = sizes / sizes.sum()
    return float(-(share * np.log(share)).sum())


def _information(table: NDArray[np.float64]) -> float:
    """Mutual information of a table of counts, in nats."""
    n = table.sum()
    product = np.outer(table.sum(axis=1), table.sum(axis=0))
    filled = table > 0
    return float((table[filled] / n * np.log(n * table[filled] / product[filled])).sum())


def _expected(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Mean mutual information of tables with these margins: each cell is hypergeometric."""
    n = a.sum()
    total = 0.0
    for size in a:
        for other in b:
            counts = np.arange(max(1.0, size + other - n), min(size, other) + 1)
            chance = hypergeom.pmf(counts, n, size, other)
            total += float((chance * counts / n * np.log(n * counts / (size * other))).sum())
    return total
