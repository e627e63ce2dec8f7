"""What may lie behind the terms of an individual: a share for each gene, and for each disease of no known gene."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr, csr_from_rows
from phenojax.ontology import Ontology
from phenojax.similarity.frequencies import target_frequencies
from phenojax.similarity.likelihood import LikelihoodScorer, posterior
from phenojax.similarity.scorer import rows_of
from phenojax.similarity.targets import NO_SYMBOL

TEMPERATURE = 6.0
"""What the log likelihood ratios are divided by. They add up terms as if these were independent; at 1 nearly all of the
share goes to one disease, mostly a wrong one. Chosen on half A of benchmarks/matchmaking.py."""
KEPT = 100
"""How many causes of an individual are kept, the likeliest."""

# Individuals scored at a time: 1,024 of them against 12,600 diseases are 52 MB, and twice that in float64.
_BLOCK = 1024


class Causes:
    """Compares individuals by what may lie behind their terms.

    All diseases of the release share out one, by `LikelihoodScorer` at `TEMPERATURE`. What diseases of one gene have is
    added up, and a disease of several genes counts for each; a disease without a known gene, or of one without a
    symbol, stands for itself.

    Args:
        ontology: a release with annotations; without those of genes every disease stands for itself.

    Raises:
        ConfigError: the release has no annotations of diseases.
    """

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._scorer = LikelihoodScorer(ontology, target_frequencies(ontology, "diseases"))

    def __call__(self, sets: Csr) -> sparse.csr_matrix:
        """Give each set its causes: float32 sparse ``(n, causes)``, rows of length 1; an empty row for an empty set."""
        blocks = [sparse.csr_matrix((0, len(self._named)), dtype=np.float32)]
        for start in range(0, sets.n_rows, _BLOCK):
            block = rows_of(sets, slice(start, min(start + _BLOCK, sets.n_rows)))
            shares = posterior(self._scorer(block) / np.float32(TEMPERATURE)).astype(np.float32)
            # rows that lie together make this product of a sparse and a dense matrix ten times as fast
            added = np.ascontiguousarray((self._diseases @ np.ascontiguousarray(shares.T)).T)
            added[block.lengths == 0] = 0.0
            blocks.append(_unit(_largest(added, KEPT)))
        return sparse.csr_matrix(sparse.vstack(blocks, format="csr"), dtype=np.float32)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The symbol of the gene behind each column, or the id of the disease."""
        return tuple(name for name, _ in self._named)

    @cached_property
    def _diseases(self) -> sparse.csr_matrix:
        """1 where the column's target is one of the row's cause, float32; no row is empty."""
        rows = csr_from_rows([rows for _, rows in self._named])
        ones = np.ones(len(rows.indices), dtype=np.float32)
        return sparse.csr_matrix((ones, rows.indices, rows.offsets), shape=(rows.n_rows, len(self._scorer.targets.ids)))

    @cached_property
    def _named(self) -> list[tuple[str, list[int]]]:
        ontology = self.ontology
        targets = self._scorer.targets.ids
        row = {name: number for number, name in enumerate(targets)}
        diseases, genes, table = ontology.diseases(), ontology.genes(), ontology.gene_table
        known = table.disease_idx >= 0
        of_gene: dict[str, set[int]] = {}
        for gene, disease in set(zip(table.gene_idx[known].tolist(), table.disease_idx[known].tolist(), strict=True)):
            if genes[gene] != NO_SYMBOL and diseases[disease] in row:
                of_gene.setdefault(genes[gene], set()).add(row[diseases[disease]])
        explained = set().union(*of_gene.values())
        alone = [(name, [number]) for number, name in enumerate(targets) if number not in explained]
        return [*((gene, sorted(rows)) for gene, rows in sorted(of_gene.items())), *alone]


def _largest(shares: NDArray[np.float32], k: int) -> sparse.csr_matrix:
    """Keep the `k` largest of each row; of equal ones at the end those of the first columns."""
    m = shares.shape[1]
    if m > k:
        last = np.partition(shares, m - k, axis=1)[:, m - k, None]
        row, column = np.nonzero(shares >= last)
        value = shares[row, column]
        order = np.lexsort((column, -value, row))
        place = np.arange(len(row)) - np.searchsorted(row, np.arange(len(shares)))[row]
        kept = order[place < k]
        return sparse.csr_matrix((value[kept], (row[kept], column[kept])), shape=shares.shape)
    return sparse.csr_matrix(shares)


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide each row by its length."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ rows).astype(np.float32)
