"""The group-balanced squared maximum mean discrepancy by a double loop over individuals."""

from __future__ import annotations

from collections.abc import Sequence


def mean_kernel(kernel: Sequence[Sequence[float]], groups: Sequence[int], a: Sequence[int], b: Sequence[int]) -> float:
    """Mean over pairs of different groups of the mean over their members, one member of ``a`` and one of ``b``."""
    of_pairs = []
    for g in sorted({groups[i] for i in a}):
        for h in sorted({groups[j] for j in b}):
            if g != h:
                values = [kernel[i][j] for i in a if groups[i] == g for j in b if groups[j] == h]
                of_pairs.append(sum(values) / len(values))
    return sum(of_pairs) / len(of_pairs)


def squared_discrepancy(kernel: Sequence[Sequence[float]], labels: Sequence[bool], groups: Sequence[int]) -> float:
    cases = [i for i, y in enumerate(labels) if y]
    controls = [i for i, y in enumerate(labels) if not y]
    return (
        mean_kernel(kernel, groups, cases, cases)
        + mean_kernel(kernel, groups, controls, controls)
        - 2 * mean_kernel(kernel, groups, cases, controls)
    )
