"""Individuals of the same diseases, some described thoroughly and some in a few words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from phenojax import load_ontology
from phenojax.cohort import Cohort, Individual

THOROUGH, BRIEF = 18, 8


def make_depth_cohort(
    genes: Sequence[str], thorough: Sequence[bool], seed: int = 0, per_publication: int = 1
) -> Cohort:
    """One individual for each of ``genes``: 18 or 8 terms of a random disease, which says nothing of the gene.

    Neighbours of one gene share a publication, ``per_publication`` of them.
    """
    rng = np.random.default_rng(seed)
    ontology = load_ontology()
    sets = [ontology.without_modifiers(ontology.most_specific(terms)) for terms in _annotations()]
    rich = [terms for terms in sets if len(terms) >= THOROUGH]
    individuals = []
    for k, (gene, is_thorough) in enumerate(zip(genes, thorough, strict=True)):
        terms = rich[int(rng.integers(len(rich)))]
        kept = rng.permutation(len(terms))[: THOROUGH if is_thorough else BRIEF]
        label = "thorough" if is_thorough else "brief"
        observed = tuple(terms[i] for i in kept)
        group = f"PMID:{gene}{k // per_publication}"
        individuals.append(Individual(f"{k:04d}", gene=gene, observed=observed, group=group, label=label))
    return Cohort(tuple(individuals), "depth")


def _annotations() -> list[list[str]]:
    ontology = load_ontology()
    diseases = [d for d in ontology.diseases() if d.startswith("OMIM:")][::20]
    return [[a.term_id for a in ontology.annotations(disease) if not a.negated] for disease in diseases]
