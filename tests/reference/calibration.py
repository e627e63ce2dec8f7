"""Expected calibration error of balanced classes by loops over bins; for probabilities without ties."""

from __future__ import annotations

from collections.abc import Sequence


def balanced_calibration_error(labels: Sequence[bool], probabilities: Sequence[float], bins: int) -> float:
    n, n_cases = len(labels), sum(labels)
    order = sorted(range(n), key=lambda i: probabilities[i])
    weight = [1 / (2 * n_cases) if y else 1 / (2 * (n - n_cases)) for y in labels]
    error = 0.0
    for k in range(bins):
        members = [i for place, i in enumerate(order) if int((place + 0.5) * bins / n) == k]
        total = sum(weight[i] for i in members)
        promised = sum(weight[i] * probabilities[i] for i in members) / total
        found = sum(weight[i] for i in members if labels[i]) / total
        error += total * abs(promised - found)
    return error
