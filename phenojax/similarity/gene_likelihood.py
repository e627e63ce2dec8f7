"""How likely an individual's terms are in the diseases of a gene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity.frequencies import TargetFrequencies, target_frequencies
from phenojax.similarity.likelihood import LikelihoodScorer
from phenojax.similarity.scorer import ScoredSets
from phenojax.similarity.targets import Targets


@dataclass(frozen=True, eq=False)
class GeneScorer:
    """Scores genes by their diseases: ``log sum over diseases of exp(score)``, nats.

    A patient of the gene has one of them, before anything is known each as likely as any disease of the release; so a
    gene of many diseases is met more often, as it should be. A disease of several genes counts for each.

    Attributes:
        of_diseases: scores the diseases of the genes.
        targets: the genes, each with at least one disease.
        diseases: for each gene the rows of its diseases in ``of_diseases.frequencies``.
    """

    of_diseases: LikelihoodScorer
    targets: Targets
    diseases: Csr

    @property
    def ontology(self) -> Ontology:
        """The release."""
        return self.of_diseases.ontology

    @property
    def key(self) -> tuple[object, ...]:
        """What tells these scores from others on one ontology."""
        return ("genes", self.targets.ids, *self.of_diseases.key)

    def __call__(self, a: Csr | ScoredSets, _targets: Csr | ScoredSets | None = None) -> NDArray[np.float32]:
        """Score every set of `a` against every gene: float32 ``(n, genes)``."""
        return self.summed(self.of_diseases(a))

    def summed(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """From scores of the diseases, float32 ``(n, diseases)``, to those of the genes."""
        starts = self.diseases.offsets[:-1]
        each = scores[:, self.diseases.indices]
        largest = np.maximum.reduceat(each, starts, axis=1)
        each -= np.repeat(largest, self.diseases.lengths, axis=1)
        np.exp(each, out=each)
        total = np.add.reduceat(each, starts, axis=1)
        np.log(total, out=total)
        total += largest
        return total

    def best(self, scores: NDArray[np.float32], rows: NDArray[np.int64], genes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The likeliest disease of each gene for the individual of the same place, the first of equal ones."""
        entries = self.diseases.take(genes)
        each = scores[np.repeat(rows, entries.lengths), entries.indices]
        hit = np.repeat(np.arange(len(genes)), entries.lengths)
        order = np.lexsort((-each, hit))
        return entries.indices[order][entries.offsets[:-1]].astype(np.int64)


def gene_scorer(
    ontology: Ontology, genes: Targets, exclude_terms: tuple[str, ...] = (), *, use_excluded: bool = False
) -> GeneScorer:
    """Find the diseases of genes; genes without one that has a phenotype are left out.

    Raises:
        ConfigError: none of the genes has such a disease.
    """
    table, numbers = ontology.gene_table, {name: number for number, name in enumerate(ontology.genes())}
    known = table.disease_idx >= 0
    pairs = np.unique(table.gene_idx[known].astype(np.int64) * len(ontology.diseases()) + table.disease_idx[known])
    gene, disease = np.divmod(pairs, len(ontology.diseases()))
    wanted = np.isin(gene, [numbers[name] for name in genes.ids])
    gene, disease = gene[wanted], disease[wanted]
    names = ontology.diseases()
    frequencies = _of_diseases(ontology, [names[d] for d in np.unique(disease).tolist()], exclude_terms)
    row_of = {name: row for row, name in enumerate(frequencies.targets.ids)}
    rows = np.array([row_of.get(names[d], -1) for d in disease.tolist()], dtype=np.int32)
    gene, rows = gene[rows >= 0], rows[rows >= 0]
    places = {number: place for place, number in enumerate(numbers[name] for name in genes.ids)}
    kept, lengths = np.unique(gene, return_counts=True)
    order = [places[number] for number in kept.tolist()]
    targets = Targets(
        tuple(genes.ids[place] for place in order),
        tuple(genes.labels[place] for place in order),
        genes.sets.take(np.array(order, dtype=np.int64)),
    )
    diseases = Csr(np.concatenate(([0], np.cumsum(lengths))), rows)
    return GeneScorer(LikelihoodScorer(ontology, frequencies, use_excluded=use_excluded), targets, diseases)


def _of_diseases(ontology: Ontology, names: list[str], exclude_terms: tuple[str, ...]) -> TargetFrequencies:
    every = target_frequencies(ontology, "diseases", exclude_terms=exclude_terms)
    known = set(every.targets.ids)
    return target_frequencies(ontology, [name for name in names if name in known], exclude_terms=exclude_terms)
