"""Hand-made cohorts over the bundled release: genes with a phenotype that is planted, or with none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from phenojax import load_ontology
from phenojax.cohort import Cohort, Individual, Sex

# What the carriers of a planted gene share, whoever published them.
PLANTED_TERMS = ("HP:0001250", "HP:0000729", "HP:0001263", "HP:0000252", "HP:0001252")
N_TERMS = 8


def make_cohort(
    planted: Mapping[str, int], null: Mapping[str, int], seed: int = 0, per_publication: int = 3, tag: str = ""
) -> Cohort:
    """So many publications of so many carriers each, by gene; a publication reports one gene.

    Carriers of a planted gene have most of `PLANTED_TERMS` and noise; the others noise only.
    """
    rng = np.random.default_rng(seed)
    ontology = load_ontology()
    pool = [
        term for term, inside in zip(ontology.term_ids, ontology.phenotype_mask, strict=True)
        if inside and not ontology.children(term)
    ]  # fmt: skip
    noise = [pool[i] for i in rng.choice(len(pool), 80, replace=False)]
    individuals = []
    for gene, publications in {**planted, **null}.items():
        for publication in range(publications):
            for member in range(per_publication):
                shared = [term for term in PLANTED_TERMS if gene in planted and rng.random() < 0.8]
                others = [noise[i] for i in rng.choice(len(noise), N_TERMS - len(shared), replace=False)]
                individuals.append(
                    Individual(
                        id=f"{tag}{gene}-{publication}-{member}",
                        gene=gene,
                        observed=(*shared, *others),
                        sex=(Sex.FEMALE, Sex.MALE)[int(rng.integers(2))],
                        age=float(rng.uniform(1, 20)),
                        group=f"{tag}PMID:{gene}{publication}",
                    )
                )
    return Cohort(tuple(individuals), "hand-made")
