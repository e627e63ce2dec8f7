"""What to simulate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from phenojax.errors import ConfigError

DEFAULT_GENES = 60


@dataclass(frozen=True)
class SimulationConfig:
    """How large a simulated cohort is, and how real.

    Attributes:
        n_genes: genes with a phenotype of their own; 60 when neither this nor `n_individuals` is given.
        n_individuals: instead of `n_genes`: genes are added until there are as many carriers (null genes come on top).
        n_null_genes: further genes, ``NULL1`` ..., whose carriers have nothing in common.
        min_size: fewest individuals of a gene.
        max_size: most individuals of a gene.
        papers: publications per gene; None draws mostly one, sometimes many.
        mean_terms: mean number of observed terms.
        var_terms: variance of the number of observed terms.
        exact: share of the observed terms that are annotations of the disease.
        same_branch: share in the same part of the ontology as an annotation.
        unrelated: share anywhere else.
        ancestor: share more general than an annotation.
        descendant: share more specific than an annotation. The five shares sum to 1.
        noise: part of `unrelated` that no other individual of the paper shares.
        excluded: whether unobserved terms of a paper's panel are reported as excluded.
        null_panels: whether a null gene's publications each describe one disease with one panel (a publication effect
            without any gene effect); otherwise its carriers are drawn as random carriers of the other genes are.
        min_annotations: fewest annotations of a disease to be drawn.
    """

    n_genes: int | None = None
    n_individuals: int | None = None
    n_null_genes: int = 0
    min_size: int = 1
    max_size: int = 462
    papers: int | None = None
    mean_terms: float = 8.9
    var_terms: float = 43.0
    exact: float = 0.52
    same_branch: float = 0.31
    unrelated: float = 0.08
    ancestor: float = 0.05
    descendant: float = 0.04
    noise: float = 0.06
    excluded: bool = True
    null_panels: bool = False
    min_annotations: int = 15

    def __post_init__(self) -> None:
        if self.n_genes is not None and self.n_individuals is not None:
            raise ConfigError("n_genes and n_individuals are both given; give one")
        for name in ("n_individuals", "min_size", "max_size", "papers", "min_annotations"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value}; expected at least 1")
        for name in ("n_genes", "n_null_genes"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ConfigError(f"{name} is {value}; expected 0 or more")
        if self.n_genes == 0 and self.n_null_genes == 0:
            raise ConfigError("n_genes and n_null_genes are both 0; expected at least one gene")
        if self.min_size > self.max_size:
            raise ConfigError(f"min_size {self.min_size} is above max_size {self.max_size}")
        if not 1 < self.mean_terms < math.inf:
            raise ConfigError(f"mean_terms is {self.mean_terms}; expected more than 1")
        if not self.mean_terms - 1 <= self.var_terms < math.inf:
            raise ConfigError(
                f"var_terms is {self.var_terms}; expected at least mean_terms - 1 = {self.mean_terms - 1}"
            )
        shares = (self.exact, self.same_branch, self.unrelated, self.ancestor, self.descendant)
        if not all(0 <= share <= 1 for share in shares) or not math.isclose(sum(shares), 1, abs_tol=1e-9):
            raise ConfigError(f"exact, same_branch, unrelated, ancestor, descendant are {shares}; expected a sum of 1")
        if not 0 <= self.noise <= self.unrelated or self.noise == 1:
            raise ConfigError(f"noise is {self.noise}; it is part of unrelated, so expected 0 to {self.unrelated}")
