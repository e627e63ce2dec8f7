"""How alike the phenotypes of two genes are: the mean closure kernel between their carriers, of other publications."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.screen.prepare import Prepared
from phenojax.screen.results import GENE_SIMILARITY_SCHEMA


def gene_similarity(prepared: Prepared) -> pa.Table:
    """Compare every two genes of the cohort that have enough carriers with observed terms.

    Carriers of one publication count together as one, and two of the same publication are never compared, whether they
    carry one gene or two: what they share may be the way in which they were described. So the similarity of a gene to
    itself, by which one sees how uniform it is, is that between its publications, and null where there is only one.

    Args:
        prepared: the cohort; genes with fewer than `min_cases` carriers are left out.

    Returns:
        `GENE_SIMILARITY_SCHEMA`, each pair once, genes in alphabetical order; no row where the cohort has no groups of
        terms to compare.
    """
    genes, rows_of = _genes(prepared)
    if not genes:
        return GENE_SIMILARITY_SCHEMA.empty_table()
    rows = np.concatenate(rows_of)
    gene = np.repeat(np.arange(len(genes)), [len(r) for r in rows_of])
    group = rows if prepared.groups is None else prepared.groups[rows]
    matrix = mean_kernel(prepared.closures.take(rows), prepared.weights, gene, group)
    a, b = np.triu_indices(len(genes))
    names = pa.array(genes, pa.string())
    values = np.round(matrix[a, b], 6).astype(np.float32)
    columns = [names.take(pa.array(a)), names.take(pa.array(b)), pa.array(values, from_pandas=True)]
    return pa.table(columns, GENE_SIMILARITY_SCHEMA)


def mean_kernel(
    closures: Csr, weights: NDArray[np.float64], gene: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean closure cosine between the individuals of two genes and of two groups, every group weighing alike.

    The mean over pairs is a product of mean vectors, so that no pair of individuals is ever looked at; what pairs of
    one group would add is taken out again.

    Args:
        closures: n sets of terms with their ancestors.
        weights: float64 ``(n_terms,)``, of the terms; not negative.
        gene: int64 ``(n,)`` codes, 0 to one less than the number of genes, every one of them in use.
        group: int64 ``(n,)`` codes.

    Returns:
        float64 ``(genes, genes)``, symmetric, from 0 to 1; NaN where there is no such pair.
    """
    vectors = _unit_vectors(closures, weights)
    pairs, member = np.unique(np.stack([gene, group]), axis=1, return_inverse=True)
    of_gene, of_group = pairs
    means = _averaging(member.reshape(-1), np.bincount(member.reshape(-1))) @ vectors
    n_genes = int(of_gene.max()) + 1
    sums = _averaging(of_gene, np.ones(n_genes)) @ means
    total = (sums @ sums.T).toarray()
    n_groups = np.bincount(of_gene, minlength=n_genes).astype(np.float64)
    n_pairs = np.outer(n_groups, n_groups)
    # what a group adds with itself: inside one gene ...
    np.subtract.at(total, (of_gene, of_gene), np.asarray(means.multiply(means).sum(axis=1)))
    np.subtract.at(n_pairs, (of_gene, of_gene), 1.0)
    # ... and, of the few groups with carriers of several, between two
    several = np.bincount(of_group)[of_group] > 1
    for code in np.unique(of_group[several]):
        same = np.flatnonzero(of_group == code)
        between = (means[same] @ means[same].T).toarray()
        np.fill_diagonal(between, 0.0)
        at = np.ix_(of_gene[same], of_gene[same])
        total[at] -= between
        n_pairs[at] -= 1.0 - np.eye(len(same))
    mean = np.divide(total, n_pairs, out=np.full_like(total, np.nan), where=n_pairs > 0.5)
    return np.asarray(np.clip((mean + mean.T) / 2, 0.0, 1.0), dtype=np.float64)


def _genes(prepared: Prepared) -> tuple[list[str], list[NDArray[np.int64]]]:
    rows: dict[str, list[int]] = {}
    for row in np.flatnonzero(prepared.has_terms).tolist():
        gene = prepared.cohort.individuals[row].gene
        if gene is not None:
            rows.setdefault(gene, []).append(row)
    genes = sorted(gene for gene, of_gene in rows.items() if len(of_gene) >= prepared.config.min_cases)
    return genes, [np.array(rows[gene], dtype=np.int64) for gene in genes]


def _unit_vectors(closures: Csr, weights: NDArray[np.float64]) -> sparse.csr_array:
    """One row each, whose products are the closure cosine: the square root of its weight on every term that any has."""
    n = closures.n_rows
    used, column = np.unique(closures.indices, return_inverse=True)
    weighed = weights[closures.indices]
    row = np.repeat(np.arange(n), closures.lengths)
    total = np.bincount(row, weights=weighed, minlength=n)
    scale = np.divide(1.0, total, out=np.zeros(n), where=total > 0)
    return sparse.csr_array((np.sqrt(weighed * scale[row]), column, closures.offsets), shape=(n, len(used)))


def _averaging(member: NDArray[np.int64], sizes: NDArray[np.integer] | NDArray[np.float64]) -> sparse.csr_array:
    """Rows that add up the members of each set and divide by its size."""
    return sparse.csr_array((1.0 / sizes[member], (member, np.arange(len(member)))), shape=(len(sizes), len(member)))
