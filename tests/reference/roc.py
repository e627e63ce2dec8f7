"""AUC, its variance and its bootstrap by plain loops over pairs and groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def won(a: float, b: float) -> float:
    return 1.0 if a > b else 0.5 if a == b else 0.0


def area(labels: Sequence[bool], scores: Sequence[float]) -> float:
    cases = [s for y, s in zip(labels, scores, strict=True) if y]
    controls = [s for y, s in zip(labels, scores, strict=True) if not y]
    return sum(won(a, b) for a in cases for b in controls) / (len(cases) * len(controls))


def delong_covariance(labels: Sequence[bool], one: Sequence[float], other: Sequence[float]) -> float:
    """Covariance of two AUCs of independent individuals, from the definition of DeLong et al. 1988."""
    cases = [i for i, y in enumerate(labels) if y]
    controls = [j for j, y in enumerate(labels) if not y]
    total = 0.0
    for own, others, case_first in ((cases, controls, True), (controls, cases, False)):
        placements = [
            [sum(won(s[i], s[j]) if case_first else won(s[j], s[i]) for j in others) / len(others) for i in own]
            for s in (one, other)
        ]
        means = [sum(v) / len(own) for v in placements]
        products = sum((a - means[0]) * (b - means[1]) for a, b in zip(*placements, strict=True))
        total += products / (len(own) - 1) / len(own)
    return total


def obuchowski_variance(labels: Sequence[bool], scores: Sequence[float], groups: Sequence[int]) -> float:
    """Variance of one AUC of individuals in groups, term by term from Obuchowski 1997."""
    theta = area(labels, scores)
    cases = [i for i, y in enumerate(labels) if y]
    controls = [j for j, y in enumerate(labels) if not y]
    names = sorted(set(groups))
    case_sums, control_sums = [], []
    for name in names:
        mine = [i for i in cases if groups[i] == name]
        case_sums.append(sum(sum(won(scores[i], scores[j]) for j in controls) / len(controls) - theta for i in mine))
        mine = [j for j in controls if groups[j] == name]
        control_sums.append(sum(sum(won(scores[i], scores[j]) for i in cases) / len(cases) - theta for j in mine))
    n_case, n_control, n_all = len({groups[i] for i in cases}), len({groups[j] for j in controls}), len(names)
    s10 = n_case / ((n_case - 1) * len(cases)) * sum(v * v for v in case_sums)
    s01 = n_control / ((n_control - 1) * len(controls)) * sum(v * v for v in control_sums)
    s11 = n_all / (n_all - 1) * sum(a * b for a, b in zip(case_sums, control_sums, strict=True))
    return s10 / len(cases) + s01 / len(controls) + 2 * s11 / (len(cases) * len(controls))


def repeated(values: NDArray[np.generic], times: NDArray[np.integer]) -> list[float]:
    """The sample that holds individual i ``times[i]`` times, written out."""
    return [value for value, count in zip(values.tolist(), times.tolist(), strict=True) for _ in range(count)]
