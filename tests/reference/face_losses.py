"""ArcFace, batch-hard triplets and class weights, one face at a time, in float64 with the angles themselves."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def arcface(embeddings: Array, centres: Array, labels: list[int], weights: list[float], s: float, m: float) -> float:
    total = 0.0
    for x, label, weight in zip(embeddings, labels, weights, strict=True):
        logits = []
        for j, centre in enumerate(centres):
            cosine = float(x @ centre / (math.hypot(*x) * math.hypot(*centre)))
            angle = math.acos(min(1.0, max(-1.0, cosine)))
            if j == label:
                cosine = math.cos(angle + m) if angle + m <= math.pi else math.cos(angle) - m * math.sin(m)
            logits.append(s * cosine)
        highest = max(logits)
        total += weight * (highest + math.log(sum(math.exp(z - highest) for z in logits)) - logits[label])
    return total / sum(weights)


def batch_hard_triplet(embeddings: Array, labels: list[int], weights: list[float], m: float, squared: bool) -> float:
    def distance(i: int, j: int) -> float:
        length = math.hypot(*(embeddings[i] - embeddings[j]))
        return length**2 if squared else length

    total, anchors = 0.0, 0.0
    rows = [i for i, weight in enumerate(weights) if weight > 0]
    for a in rows:
        positives = [distance(a, p) for p in rows if p != a and labels[p] == labels[a]]
        negatives = [distance(a, n) for n in rows if labels[n] != labels[a]]
        if positives and negatives:
            total += weights[a] * max(0.0, m + max(positives) - min(negatives))
            anchors += weights[a]
    return total / anchors if anchors else 0.0


def class_weights(counts: list[int], beta: float) -> list[float]:
    raw = [1 / n if beta == 1 else (1 - beta) / (1 - beta**n) for n in counts]
    mean = sum(w * n for w, n in zip(raw, counts, strict=True)) / sum(counts)
    return [w / mean for w in raw]
