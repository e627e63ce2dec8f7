"""How alike two genes are, pair by pair of individuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def mean_kernel(
    closures: Sequence[set[int]], weights: NDArray[np.float64], gene: Sequence[int], group: Sequence[int]
) -> NDArray[np.float64]:
    """Mean over pairs of groups of the mean over their pairs of individuals; a group is not paired with itself."""
    n_genes = max(gene) + 1
    out = np.full((n_genes, n_genes), np.nan)
    for a in range(n_genes):
        for b in range(n_genes):
            of_groups = []
            for g in {group[i] for i in range(len(gene)) if gene[i] == a}:
                for h in {group[j] for j in range(len(gene)) if gene[j] == b} - {g}:
                    values = [
                        _cosine(closures[i], closures[j], weights)
                        for i in range(len(gene))
                        for j in range(len(gene))
                        if (gene[i], group[i], gene[j], group[j]) == (a, g, b, h)
                    ]
                    of_groups.append(np.mean(values))
            if of_groups:
                out[a, b] = np.mean(of_groups)
    return out


def _cosine(a: set[int], b: set[int], weights: NDArray[np.float64]) -> float:
    both, of_a, of_b = (sum(weights[t] for t in terms) for terms in (a & b, a, b))
    return float(both / np.sqrt(of_a * of_b)) if of_a > 0 and of_b > 0 else 0.0
