"""The score of one individual by one model as its formula reads, with plain sets and sums: slow, and never shipped."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from reference.similarity import Parents, closure

from phenojax.models import Pattern


def parts(
    pattern: Pattern, weights: Sequence[float], parents: Parents, terms: Sequence[int], face: NDArray[np.float32] | None
) -> tuple[float, float, float]:
    """Score, part of the terms, part of the face."""
    values = dict(zip(pattern.term_idx.tolist(), pattern.term_values.tolist(), strict=True))
    hpo = seen = 0.0
    if terms:
        above = closure(parents, terms)
        hpo = sum(values.get(t, 0.0) for t in above) / math.sqrt(sum(weights[t] for t in above))
    if face is not None and pattern.face is not None:
        seen = sum(a * b for a, b in zip(pattern.face.tolist(), face.tolist(), strict=True))
    return pattern.intercept + hpo + seen, hpo + pattern.hpo_base, seen + pattern.face_base


def variance(
    pattern: Pattern, weights: Sequence[float], parents: Parents, terms: Sequence[int], face: NDArray[np.float32] | None
) -> float:
    """Of the score: each row of the jackknife is a score of its own."""
    rows = pattern.jackknife
    if rows is None:
        return 0.0
    total = 0.0
    for r in range(len(rows.intercepts)):
        of_face = None if rows.faces is None else rows.faces[r]
        row = Pattern(float(rows.intercepts[r]), pattern.term_idx, rows.terms[r].astype(np.float64), of_face, 0.0, 0.0)
        total += parts(row, weights, parents, terms, face)[0] ** 2
    return total


def probability(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))


def share_below(score: float, others: Sequence[float]) -> float:
    """Percent of the others that are lower, ties counting half."""
    return 100.0 * sum(1.0 if other < score else 0.5 if other == score else 0.0 for other in others) / len(others)
