"""How many faces are drawn, of what, and how well disguised."""

from __future__ import annotations

from dataclasses import dataclass

from phenojax.errors import ConfigError
from phenojax.face.simulation.features import FEATURES


@dataclass(frozen=True)
class FaceSimulationConfig:
    """The settings of a cohort of warped photographs.

    Attributes:
        n_genes: genes with facial features of their own.
        n_null_genes: further genes, whose carriers have nothing in common.
        gene_size: carriers of each gene.
        papers: publications of each gene; the photographs of one publication share light, colours and compression.
        features_per_gene: facial features of a gene, drawn from `FEATURES`.
        severity: 0 draws nothing, 1 is plain to see; each individual has between half and one and a half of it.
        nuisance: 0 for none; 1 for what real photographs have.
        term_recall: the chance that a feature is among an individual's terms.
        term_noise: the chance of each other feature's term.
        side: of the photographs, pixels.
    """

    n_genes: int = 6
    n_null_genes: int = 2
    gene_size: int = 12
    papers: int = 3
    features_per_gene: int = 2
    severity: float = 1.0
    nuisance: float = 1.0
    term_recall: float = 0.8
    term_noise: float = 0.05
    side: int = 512

    def __post_init__(self) -> None:
        for name, lowest, highest in (
            ("n_genes", 0, 10_000),
            ("n_null_genes", 0, 10_000),
            ("gene_size", 1, 100_000),
            ("papers", 1, 100_000),
            ("features_per_gene", 1, len(FEATURES) // 2),
            ("side", 64, 4096),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
                raise ConfigError(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}")
        if self.n_genes + self.n_null_genes == 0:
            raise ConfigError("there must be a gene: n_genes and n_null_genes are both 0")
        for name, most in (("severity", 1.3), ("nuisance", 3.0), ("term_recall", 1.0), ("term_noise", 1.0)):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= most:
                raise ConfigError(f"{name} must be a number from 0 to {most}, not {value!r}")
