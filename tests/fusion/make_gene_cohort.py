"""A small cohort in which one branch of terms tells the genes apart, and a panel of terms tells publications apart."""

from __future__ import annotations

import numpy as np

from phenojax.fusion.head import Terms
from phenojax.fusion.tasks import CohortArrays

BRANCHES = 3
TERMS = 36  # twelve a branch: the first branch tells genes apart, the second publications, the third nothing


def make_gene_cohort(
    seed: int = 0, n_genes: int = 15, papers: int = 3, of_a_paper: int = 3
) -> tuple[CohortArrays, Terms]:
    """Every gene in ``papers`` publications; 15 individuals without a gene, each a group of its own."""
    rng = np.random.default_rng(seed)
    branch = np.arange(TERMS) // (TERMS // BRANCHES)
    genes = np.repeat(np.arange(n_genes), papers * of_a_paper)
    groups = np.repeat(np.arange(n_genes * papers), of_a_paper)
    genes = np.append(genes, np.full(15, -1))
    groups = np.append(groups, n_genes * papers + np.arange(15))
    profile_of_gene = rng.random((n_genes + 1, TERMS)) < 0.4
    panel_of_group = rng.random((groups.max() + 1, TERMS)) < 0.5
    likely = np.where(branch == 0, profile_of_gene[genes], np.where(branch == 1, panel_of_group[groups], 0.0))
    features = rng.random((len(genes), TERMS)) < 0.15 + 0.7 * likely
    shares = (branch[None, :] == np.arange(BRANCHES)[:, None]).astype(np.float32)
    ic = rng.uniform(0.5, 6, TERMS).astype(np.float32)
    none = np.zeros((TERMS, 0), np.float32)
    terms = Terms(rng.uniform(0.2, 1.5, TERMS).astype(np.float32), ic, shares, none, np.zeros(0, np.float32))
    return CohortArrays(features, genes, groups), terms
