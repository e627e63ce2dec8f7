"""The likelihood ranking with dictionaries and loops, from what the ontology says in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

from phenojax.ontology import Annotation, Ontology


def stated(annotations: Iterable[Annotation], onto: Ontology) -> dict[str, float]:
    """The frequency that a disease's own rows say of each of its terms."""
    rows: dict[str, list[Annotation]] = {}
    for said in annotations:
        if said.aspect == "P" and not said.negated and onto.phenotype_mask[onto.index(said.term_id)]:
            rows.setdefault(said.term_id, []).append(said)
    found = {}
    for term, several in rows.items():
        counted = [r for r in several if r.frequency is not None and r.denominator is not None and r.denominator > 0]
        told = [r.frequency for r in several if r.frequency is not None]
        if told and not any(told):
            continue  # nobody was found to have it
        if counted:
            value = (sum(r.numerator or 0 for r in counted) + 0.5) / (sum(r.denominator or 0 for r in counted) + 1)
        else:
            value = sum(told) / len(told) if told else 0.5
        found[term] = min(max(value, 0.01), 0.99)
    return found


@cache
def above(onto: Ontology, term: str) -> frozenset[str]:
    """The term and its ancestors in the phenotype branch."""
    return frozenset(t for t in (term, *onto.ancestors(term)) if onto.phenotype_mask[onto.index(t)])


@cache
def own_frequencies(onto: Ontology, disease: str) -> dict[str, float]:
    """The noisy or of what stands at or below each term."""
    nobody: dict[str, float] = {}
    for term, value in stated(onto.annotations(disease), onto).items():
        for a in above(onto, term):
            nobody[a] = nobody.get(a, 1.0) * (1 - value)
    return {term: 1 - rest for term, rest in nobody.items()}


@cache
def genes_of(onto: Ontology) -> dict[str, set[str]]:
    """The genes of each disease; those that have no symbol are none."""
    table, genes, diseases = onto.gene_table, onto.genes(), onto.diseases()
    found: dict[str, set[str]] = {}
    for gene, disease in zip(table.gene_idx.tolist(), table.disease_idx.tolist(), strict=True):
        if disease >= 0 and genes[gene] != "-":
            found.setdefault(diseases[disease], set()).add(genes[gene])
    return found


def frequencies(onto: Ontology, disease: str) -> dict[str, float]:
    """`own_frequencies`, lifted to half of the mean of the ORPHA diseases of the same genes."""
    found = dict(own_frequencies(onto, disease))
    if disease.startswith("ORPHA:"):
        return found
    genes = genes_of(onto)
    own = genes.get(disease, set())
    orpha = [d for d in onto.diseases() if d.startswith("ORPHA:") and not own.isdisjoint(genes.get(d, ()))]
    sums: dict[str, float] = {}
    for other in orpha:
        for term, value in own_frequencies(onto, other).items():
            sums[term] = sums.get(term, 0.0) + value
    for term, total in sums.items():
        found[term] = max(found.get(term, 0.0), 0.5 * total / len(orpha))
    return found


def is_denied(onto: Ontology, disease: str, term: str) -> bool:
    """Whether the release says NOT of the term or of one above it."""
    return any(
        said.negated and said.aspect == "P" and said.term_id in above(onto, term) for said in onto.annotations(disease)
    )


def ratio(onto: Ontology, term: str, known: dict[str, float], background: dict[str, float]) -> float:
    """The term's own, or .03 of the largest above it."""
    if known.get(term, 0.0) > 0:
        return known[term] / background[term]
    return 0.03 * max((known[a] / background[a] for a in onto.ancestors(term) if a in known), default=0.0)


def score(
    onto: Ontology,
    disease: str,
    terms: Iterable[str],
    excluded: Iterable[str],
    known: dict[str, float],
    background: dict[str, float],
    median: float,
) -> float:
    """The log likelihood ratio of one individual's terms, and of what it was found not to have."""
    total = 0.0
    for term in terms:
        denied = term not in known and is_denied(onto, disease, term)
        total += math.log(0.1 if denied else 1 + 4 * ratio(onto, term, known, background))
        total -= math.log(1 + sum(known.values()) / (3 * median))
    for term in excluded:
        total += math.log(1 - min(known.get(term, 0.0), 0.99)) - math.log(1 - min(background.get(term, 0.0), 0.99))
    return total
