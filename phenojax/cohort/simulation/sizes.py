"""How many individuals and papers each gene has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from phenojax.cohort.simulation import constants as known
from phenojax.cohort.simulation.config import DEFAULT_GENES, SimulationConfig
from phenojax.errors import ConfigError


def gene_sizes(rng: np.random.Generator, config: SimulationConfig, n_eligible: int) -> list[list[int]]:
    """Individuals per paper, per gene; null genes come last.

    Where `n_individuals` asks for more carriers than the eligible genes have, all sizes grow alike.
    """
    n_genes = DEFAULT_GENES if config.n_genes is None else config.n_genes
    if config.n_individuals is not None:
        n_genes = max(n_eligible, 1)
    if n_genes > n_eligible:
        raise ConfigError(
            f"n_genes is {n_genes:,}; the ontology has {n_eligible:,} genes with a disease of at least "
            f"{config.min_annotations} annotations"
        )
    size_normal = rng.standard_normal(n_genes + config.n_null_genes)
    rest = rng.standard_normal(len(size_normal))
    rho = known.SIZE_PAPERS_CORRELATION
    sizes = _quantile(known.INDIVIDUALS_PER_GENE, ndtr(size_normal))
    papers = _quantile(known.PAPERS_PER_GENE, ndtr(rho * size_normal + np.sqrt(1 - rho**2) * rest))
    sizes = np.clip(sizes, config.min_size, config.max_size)
    if config.papers is not None:
        papers = np.full_like(papers, config.papers)
    carriers, nulls = sizes[:n_genes], sizes[n_genes:]
    if config.n_individuals is not None:
        carriers = _summing_to(carriers, config.n_individuals)
    sizes = np.concatenate([carriers, nulls])
    papers = np.concatenate([papers[: len(carriers)], papers[n_genes:]])
    return [_split(rng, int(size), int(n)) for size, n in zip(sizes, papers, strict=True)]


def _quantile(values: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw whole numbers from a table of quantiles, log-linear between its levels."""
    return np.rint(np.exp(np.interp(levels, known.LEVELS, np.log(values)))).astype(np.int64)


def _summing_to(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """The first sizes that make up the total, the last one cut; all scaled up first where they do not reach it."""
    if sizes.sum() < total:
        sizes = np.ceil(sizes * (total / sizes.sum())).astype(np.int64)
    ends = np.cumsum(sizes)
    last = int(np.searchsorted(ends, total))
    taken = sizes[: last + 1].copy()
    taken[last] -= ends[last] - total
    return taken


def _split(rng: np.random.Generator, size: int, n_papers: int) -> list[int]:
    """Individuals of each paper: uneven, none empty."""
    n_papers = min(size, n_papers)
    if n_papers == 1:
        return [size]
    return [int(n) + 1 for n in rng.multinomial(size - n_papers, rng.dirichlet(np.ones(n_papers)))]
