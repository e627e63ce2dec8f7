"""Information content by counting: how many diseases, genes or individuals have a term or anything below it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import _core
from phenojax.cohort import Cohort, encode
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology


class TermCounts(NamedTuple):
    """How common terms are among the items (diseases, genes, individuals) of one source.

    Attributes:
        at_or_below: int32 ``(n_terms,)``, distinct items that have the term or anything below it.
        total: items that have any term at all; 1 or more.
    """

    at_or_below: NDArray[np.int32]
    total: int

    def monotone(self) -> NDArray[np.float64]:
        """``ln(N / n_t)``, and ``ln(N + 1)`` where nobody has the term, which is above all others."""
        counts = self.at_or_below
        return np.where(counts > 0, self._of_annotated, np.log(self.total + 1.0))

    def zero_where_nobody(self) -> NDArray[np.float64]:
        """``ln(N / n_t)``, and 0 where nobody has the term, which is below that of its parents."""
        return np.where(self.at_or_below > 0, self._of_annotated, 0.0)

    def one_more_everywhere(self) -> NDArray[np.float64]:
        """``ln((N + 1) / (n_t + 1))``."""
        return np.log((self.total + 1) / (self.at_or_below + 1.0))

    @property
    def _of_annotated(self) -> NDArray[np.float64]:
        values: NDArray[np.float64] = np.log(self.total / np.maximum(self.at_or_below, 1))
        return values


def of_diseases(ontology: Ontology, catalogue: str = "", aspect: Aspect | None = None) -> TermCounts | None:
    """Count diseases, by the rows of phenotype.hpoa that do not say NOT.

    Args:
        ontology: a release.
        catalogue: what their ids begin with, such as ``OMIM:``.
        aspect: rows of this branch alone; None for all.

    Returns:
        None where the release has no such row.
    """
    table = ontology.annotation_table
    diseases = ontology.diseases()
    listed = np.array([disease.startswith(catalogue) for disease in diseases], dtype=np.bool_)
    kept = ~table.negated & listed[table.disease_idx]
    if aspect is not None:
        kept &= table.aspect == ord(aspect)
    return _count(ontology, table.disease_idx[kept], table.term_idx[kept])


def of_genes(ontology: Ontology) -> TermCounts | None:
    """Count genes, each by its NCBI id, by the rows of genes_to_phenotype.txt; None where there are none."""
    table = ontology.gene_table
    return _count(ontology, table.row_ncbi_id, table.term_idx)


def of_individuals(ontology: Ontology, cohort: Cohort) -> TermCounts:
    """Count the individuals of a cohort, by their observed terms under HP:0000118.

    Raises:
        ConfigError: no individual has such a term.
        CohortError: see `phenojax.cohort.encode`.
    """
    rows = encode(cohort, ontology).observed
    found = _count(ontology, np.repeat(np.arange(rows.n_rows), rows.lengths), rows.indices)
    if found is None:
        raise ConfigError(
            f"ic is cohort {cohort.source}, none of whose {len(cohort)} individuals has an observed term under "
            f"HP:0000118 of release {ontology.version}; name an annotation source such as 'omim'"
        )
    return found


def _count(ontology: Ontology, items: NDArray[np.integer], terms: NDArray[np.int32]) -> TermCounts | None:
    """Count from rows (item, term), where an item may be any number."""
    if len(items) == 0:
        return None
    distinct, positions = np.unique(items, return_inverse=True)
    counts = _core.annotation_counts(ontology.graph, positions.astype(np.int32), terms, len(distinct))
    return TermCounts(counts, len(distinct))
