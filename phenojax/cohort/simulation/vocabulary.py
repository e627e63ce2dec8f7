"""The ontology as a simulation draws from it: diseases of each gene, how often a term is used, what lies near it."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort.simulation import constants as known
from phenojax.ontology import PHENOTYPIC_ABNORMALITY, Aspect, Ontology

_GENE_PREFIX = "OMIM:"


class Disease(NamedTuple):
    """What is drawn from.

    Attributes:
        disease_id: such as ``OMIM:619228``.
        terms: annotated terms, each once.
        frequencies: how often patients have each; NaN where the release does not say.
    """

    disease_id: str
    terms: list[int]
    frequencies: NDArray[np.float64]


class Vocabulary:
    """Terms and diseases of one ontology; nothing here is random.

    Args:
        ontology: with annotations and genes.
        min_annotations: fewest annotated phenotypes of a disease.
    """

    def __init__(self, ontology: Ontology, min_annotations: int) -> None:
        self.ontology = ontology
        self.root = ontology.index(PHENOTYPIC_ABNORMALITY)
        self._ancestors: dict[int, frozenset[int]] = {}
        self._near: dict[int, tuple[NDArray[np.int32], NDArray[np.float64]]] = {}
        table = ontology.annotation_table
        usable = (table.aspect == ord(Aspect.PHENOTYPE)) & ~table.negated & ontology.phenotype_mask[table.term_idx]
        usable &= table.term_idx != self.root
        self.usage = np.bincount(table.term_idx[usable], minlength=ontology.n_terms).astype(np.float64)
        self.diseases = _diseases(ontology, usable, min_annotations)

    @cached_property
    def genes(self) -> dict[str, list[int]]:
        """Positions in `diseases` by gene symbol, sorted; only genes that have any."""
        position = {disease.disease_id: p for p, disease in enumerate(self.diseases)}
        names, symbols = self.ontology.diseases(), self.ontology.genes()
        table = self.ontology.gene_table
        found: dict[str, list[int]] = {}
        pairs = np.unique(np.stack([table.gene_idx, table.disease_idx]), axis=1).T
        for gene_idx, disease_idx in pairs.tolist():
            if disease_idx >= 0 and names[disease_idx] in position:
                found.setdefault(symbols[gene_idx], []).append(position[names[disease_idx]])
        return dict(sorted(found.items()))

    @cached_property
    def everywhere(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Used terms and their cumulated use."""
        return self._weighted(np.flatnonzero(self.usage).astype(np.int32))

    def ancestors(self, term: int) -> frozenset[int]:
        """Terms above, at or under the root, without the term itself."""
        found = self._ancestors.get(term)
        if found is None:
            above = self.ontology.graph.ancestors(np.array([term], dtype=np.int32))
            found = frozenset(above[self.ontology.phenotype_mask[above]].tolist()) - {term, self.root}
            self._ancestors[term] = found
        return found

    def branches(self, term: int) -> frozenset[int]:
        """The parts of the ontology (children of the root) that the term is in."""
        return (self.ancestors(term) | {term}) & self._tops

    @cached_property
    def _tops(self) -> frozenset[int]:
        return frozenset(self.below(self.root).tolist())

    def near(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Used terms that share a grandparent with the term (a parent, close to the root), and their cumulated use."""
        found = self._near.get(term)
        if found is None:
            above = [a for a in self._parents(term) if a != self.root]
            higher = [g for a in above for g in self._parents(a) if g != self.root and self._parents(g) != [self.root]]
            under = self.ontology.graph.descendants(np.array(higher or above or [term], dtype=np.int32))
            found = self._near[term] = self._weighted(under[self.usage[under] > 0])
        return found

    def below(self, term: int) -> NDArray[np.int32]:
        """Children of a term."""
        offsets, indices = self._children
        return indices[offsets[term] : offsets[term + 1]]

    @cached_property
    def _children(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        children: tuple[NDArray[np.int64], NDArray[np.int32]] = self.ontology.graph.children
        return children

    @cached_property
    def _parent_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        parents: tuple[NDArray[np.int64], NDArray[np.int32]] = self.ontology.graph.parents
        return parents

    def _parents(self, term: int) -> list[int]:
        offsets, indices = self._parent_rows
        return [p for p in indices[offsets[term] : offsets[term + 1]].tolist() if self.ontology.phenotype_mask[p]]

    def _weighted(self, terms: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        return terms, np.cumsum(self.usage[terms])


def _diseases(ontology: Ontology, usable: NDArray[np.bool_], min_annotations: int) -> list[Disease]:
    """OMIM diseases with enough phenotypes, by id; of a term's several rows the mean frequency counts."""
    table = ontology.annotation_table
    rows = np.flatnonzero(usable)
    rows = rows[np.lexsort((table.term_idx[rows], table.disease_idx[rows]))]
    ends = np.flatnonzero(np.diff(table.disease_idx[rows])) + 1
    found: list[Disease] = []
    for of_disease in np.split(rows, ends):
        if len(of_disease) < min_annotations:
            continue
        disease_id = ontology.diseases()[table.disease_idx[of_disease[0]]]
        terms, position = np.unique(table.term_idx[of_disease], return_inverse=True)
        if len(terms) < min_annotations or not disease_id.startswith(_GENE_PREFIX):
            continue
        frequency = table.frequency[of_disease].astype(np.float64)
        told = ~np.isnan(frequency)
        sums = np.bincount(position[told], frequency[told], len(terms))
        counts = np.bincount(position[told], minlength=len(terms))
        means = np.divide(sums, counts, out=np.full(len(terms), np.nan), where=counts > 0)
        found.append(Disease(disease_id, terms.tolist(), means))
    return sorted(found)


def drawn_frequencies(rng: np.random.Generator, disease: Disease) -> NDArray[np.float64]:
    """The disease's frequencies, in [.02, .98]; those that the release does not tell are drawn."""
    drawn = np.interp(rng.random(len(disease.terms)), known.FREQUENCY_LEVELS, known.FREQUENCIES)
    told = np.where(np.isnan(disease.frequencies), drawn, disease.frequencies)
    return np.clip(told, 0.02, 0.98)
