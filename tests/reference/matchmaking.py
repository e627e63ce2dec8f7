"""Matchmaking with dictionaries and loops: one pair at a time, the likelihood ratios given."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from phenojax.ontology import Ontology


def closure(onto: Ontology, terms: Collection[str]) -> set[str]:
    return {a for term in terms for a in (term, *onto.ancestors(term))}


def added(onto: Ontology, ic: Mapping[str, float], term: str) -> float:
    """What a term adds to its parents."""
    return max(ic[term] - max((ic[parent] for parent in onto.parents(term)), default=0.0), 0.0)


def common(onto: Ontology, ic: Mapping[str, float], q: Collection[str], c: Collection[str]) -> float:
    return sum(added(onto, ic, term) for term in closure(onto, q) & closure(onto, c))


def stated(onto: Ontology, ic: Mapping[str, float], q: Collection[str], c: Collection[str]) -> float:
    one = sum(ic[term] for term in q if term in closure(onto, c))
    return one + sum(ic[term] for term in c if term in closure(onto, q))


def shares(
    scores: Mapping[str, float], genes: Mapping[str, Collection[str]], temperature: float, kept: int
) -> dict[str, float]:
    """What each gene has of the softmax, and each disease without a gene."""
    largest = max(scores.values())
    weight = {disease: math.exp((score - largest) / temperature) for disease, score in scores.items()}
    total = sum(weight.values())
    found: dict[str, float] = {}
    for disease, value in weight.items():
        for cause in genes.get(disease) or [disease]:
            found[cause] = found.get(cause, 0.0) + value / total
    return dict(sorted(found.items(), key=lambda item: -item[1])[:kept])


def cosine(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    product = sum(value * q.get(cause, 0.0) for cause, value in p.items())
    return product / math.sqrt(sum(v * v for v in p.values()) * sum(v * v for v in q.values()))


def score(
    onto: Ontology,
    ic: Mapping[str, float],
    q: Sequence[str],
    c: Sequence[str],
    causes: tuple[Mapping[str, float], Mapping[str, float]],
    weights: tuple[float, float, float],
) -> float:
    parts = []
    for measure in (common, stated):
        own = measure(onto, ic, q, q), measure(onto, ic, c, c)
        parts.append(measure(onto, ic, q, c) / (own[0] ** 0.5 * own[1] ** 0.25))
    parts.append(cosine(*causes))
    return sum(weight * part for weight, part in zip(weights, parts, strict=True))
