"""What share of the patients of a disease has a term or one below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology
from phenojax.similarity.targets import NO_SYMBOL, Targets, find_targets
from phenojax.similarity.term_sets import at_or_below
from phenojax.similarity.weights import UNSTATED

LEAST, MOST = 0.01, 0.99
"""No annotation says that nobody, or that everybody, has a term."""
ORPHA_SHARE = 0.5
"""What a disease takes over from the ORPHA diseases of its genes."""


@dataclass(frozen=True, eq=False)
class TargetFrequencies:
    """For each target the share of its patients that have a term, or one below it.

    Attributes:
        targets: whom the rows are of.
        matrix: float64 sparse ``(targets, n_terms)`` in (0, 1), ascending term_idx in each row; 0 where nothing is
            known at or below a term.
        denied: bool sparse ``(targets, n_terms)``: at or below a term that the release says the disease does *not* have
            (NOT), and nothing else is known of.
        background: float64 ``(n_terms,)``: the mean over all diseases of the release, whichever of them the rows are.
        median_length: the median over the same of the sum of a row.
    """

    targets: Targets
    matrix: sparse.csr_matrix
    denied: sparse.csr_matrix
    background: NDArray[np.float64]
    median_length: float

    @property
    def lengths(self) -> NDArray[np.float64]:
        """float64 ``(targets,)``: the sum of each row, how many terms and ancestors a patient has on average."""
        return np.asarray(self.matrix.sum(axis=1), dtype=np.float64).ravel()


@dataclass(frozen=True, eq=False)
class _Everything:
    """All diseases of a release, and the rows of those of which something is known."""

    rows: dict[str, int]
    matrix: sparse.csr_matrix
    denied: sparse.csr_matrix
    background: NDArray[np.float64]
    median_length: float


_known: WeakKeyDictionary[Ontology, _Everything] = WeakKeyDictionary()


def target_frequencies(
    ontology: Ontology, targets: str | Iterable[str] = "diseases", *, exclude_terms: Iterable[str] = ()
) -> TargetFrequencies:
    """Estimate how many patients of each disease have each term, from what the release annotates.

    An annotation that counts patients (``3/7``) says ``(3 + .5) / (7 + 1)``, several of one term together; a class of
    frequency says the middle of its range, no frequency says .5; all are kept between .01 and .99. A term that nobody
    was found to have (``0/7``, and nothing else is told) is not taken for one of the disease. A term at which or below
    which several annotations stand has their noisy or, ``1 - product of (1 - f)``: as if they came independently.
    A disease that is none of Orphanet's is lifted to at least half of the mean of the ORPHA diseases that share a gene
    with it: most of OMIM's are described by few papers.

    Args:
        ontology: a release with annotations.
        targets: diseases, as for `rank`; what has no annotation left, or nothing that anybody has, is left out.
        exclude_terms: what is said of these terms and all below them is left out.

    Raises:
        ConfigError: genes, an unknown kind, no such annotations in the release, or none that is not left out.
        OntologyError: the release knows neither a disease nor a gene of a name, or a term to exclude is none of it.

    Example:
        >>> import phenojax as pj
        >>> from phenojax.similarity import target_frequencies
        >>> onto = pj.load_ontology()
        >>> known = target_frequencies(onto, ["OMIM:154700"])
        >>> bool(known.matrix[0, onto.index("HP:0001166")] > known.background[onto.index("HP:0001166")])
        True
    """
    found = find_targets(ontology, targets)
    diseases = set(ontology.diseases())
    genes = [name for name in found.ids if name not in diseases]
    if genes:
        raise ConfigError(f"frequencies are those of diseases, and {genes[0]!r} is a gene")
    every = _every(ontology, at_or_below(ontology, exclude_terms))
    known = [row for row, name in enumerate(found.ids) if every.rows.get(name) is not None]
    if not known:
        raise ConfigError("none of the targets has an annotated phenotype in this release that is not left out")
    found = _taken(found, known)
    rows = [every.rows[name] for name in found.ids]
    return TargetFrequencies(found, every.matrix[rows], every.denied[rows], every.background, every.median_length)


def _every(ontology: Ontology, left_out: NDArray[np.bool_] | None) -> _Everything:
    """Everything of a release is kept as long as it lives; what leaves terms out is not."""
    if left_out is not None:
        return _of_diseases(ontology, ontology.phenotype_mask & ~left_out)
    if ontology not in _known:
        _known[ontology] = _of_diseases(ontology, ontology.phenotype_mask)
    return _known[ontology]


def _of_diseases(ontology: Ontology, kept: NDArray[np.bool_]) -> _Everything:
    stated = _stated(ontology, kept)
    above = _above(ontology)
    complement = stated.copy()
    complement.data = np.log1p(-stated.data)
    combined = sparse.csr_matrix(complement @ above)
    combined.data = -np.expm1(combined.data)
    combined.eliminate_zeros()
    lifted = sparse.csr_matrix(combined.maximum(ORPHA_SHARE * (_orpha_of_same_gene(ontology) @ combined)))
    lifted.sort_indices()
    # what is lifted though no annotation of its own is kept, or none but of what nobody has, is no target
    has_own = np.diff(stated.indptr) > 0
    rows = {name: row for row, name in enumerate(ontology.diseases()) if has_own[row]}
    if not rows:
        raise ConfigError("no disease of this release has an annotated phenotype that is not left out")
    targets = lifted[list(rows.values())]
    background = np.asarray(targets.mean(axis=0), dtype=np.float64).ravel()
    lengths = np.asarray(targets.sum(axis=1), dtype=np.float64).ravel()
    return _Everything(rows, lifted, _denied(ontology, kept, above, lifted), background, float(np.median(lengths)))


def _taken(targets: Targets, rows: list[int]) -> Targets:
    ids, labels = (tuple(names[row] for row in rows) for names in (targets.ids, targets.labels))
    return Targets(ids, labels, targets.sets.take(rows))


def _stated(ontology: Ontology, phenotypes: NDArray[np.bool_]) -> sparse.csr_matrix:
    """What the annotations of a disease and a term say together, ``(diseases, n_terms)``; nothing where that is 0."""
    table = ontology.annotation_table
    kept = ~table.negated & (table.aspect == ord(Aspect.PHENOTYPE)) & phenotypes[table.term_idx]
    keys, of_row = np.unique(
        table.disease_idx[kept].astype(np.int64) * ontology.n_terms + table.term_idx[kept], return_inverse=True
    )
    fraction = table.frequency[kept].astype(np.float64)
    told = ~np.isnan(fraction)
    counts = told & (table.frequency_denominator[kept] > 0)

    def total(rows: NDArray[np.bool_], values: NDArray[np.number]) -> NDArray[np.float64]:
        return np.bincount(of_row[rows], values[rows], len(keys)).astype(np.float64)

    patients = total(counts, table.frequency_denominator[kept])
    having = total(counts, table.frequency_numerator[kept])
    n_told, sums = total(told, np.ones(len(fraction))), total(told, fraction)
    values = np.full(len(keys), UNSTATED)
    np.divide(sums, n_told, out=values, where=n_told > 0)
    np.divide(having + 0.5, patients + 1, out=values, where=patients > 0)
    # sum to 0: the least frequency would still be more than most terms have on the whole, and speak for the disease
    some = (n_told == 0) | (sums > 0)
    keys, values = keys[some], values[some]
    rows, columns = np.divmod(keys, ontology.n_terms)
    shape = (len(ontology.diseases()), ontology.n_terms)
    return sparse.csr_matrix((np.clip(values, LEAST, MOST), (rows, columns)), shape=shape)


def _denied(
    ontology: Ontology, phenotypes: NDArray[np.bool_], above: sparse.csr_matrix, known: sparse.csr_matrix
) -> sparse.csr_matrix:
    """What lies at or below a NOT; what is known all the same stays known."""
    table = ontology.annotation_table
    said = table.negated & (table.aspect == ord(Aspect.PHENOTYPE)) & phenotypes[table.term_idx]
    place = (table.disease_idx[said], table.term_idx[said])
    denied = sparse.csr_matrix((np.ones(np.count_nonzero(said)), place), shape=known.shape)
    below = sparse.csr_matrix(denied @ above.T) > 0
    return sparse.csr_matrix(below > (known > 0))


def _above(ontology: Ontology) -> sparse.csr_matrix:
    """1 where the column is the row's term or above it, in the phenotype branch."""
    n = ontology.n_terms
    closures = Csr(*ontology.graph.closures(np.arange(n + 1, dtype=np.int64), np.arange(n, dtype=np.int32)))
    kept = ontology.phenotype_mask[closures.indices]
    rows = np.repeat(np.arange(n), closures.lengths)[kept]
    return sparse.csr_matrix((np.ones(len(rows)), (rows, closures.indices[kept])), shape=(n, n))


def _links(ontology: Ontology) -> sparse.csr_matrix:
    """1 where the row's disease is one of the column's gene; those without a symbol share a name, and are left out."""
    genes = ontology.gene_table
    kept = genes.disease_idx >= 0
    kept &= np.array([symbol != NO_SYMBOL for symbol in ontology.genes()], dtype=np.bool_)[genes.gene_idx]
    keys = np.unique(genes.disease_idx[kept].astype(np.int64) * len(ontology.genes()) + genes.gene_idx[kept])
    rows, columns = np.divmod(keys, max(len(ontology.genes()), 1))
    shape = (len(ontology.diseases()), len(ontology.genes()))
    return sparse.csr_matrix((np.ones(len(keys)), (rows, columns)), shape=shape)


def _orpha_of_same_gene(ontology: Ontology) -> sparse.csr_matrix:
    """Averages, for each disease that is none of Orphanet's, over the ORPHA diseases that share a gene with it."""
    links = _links(ontology)
    orpha = np.array([name.startswith("ORPHA:") for name in ontology.diseases()], dtype=np.float64)
    shared = sparse.csr_matrix(sparse.diags(1 - orpha) @ links @ links.T @ sparse.diags(orpha))
    shared.eliminate_zeros()
    shared.data[:] = 1.0
    count = np.asarray(shared.sum(axis=1), dtype=np.float64).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(count, 1)) @ shared)
