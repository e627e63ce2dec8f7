"""What published cohorts look like, in numbers: aggregates of phenopacket-store b694d17 and HPOA 2025-01-16.

Those that no table gives (how far papers and individuals differ) were chosen so that a simulated cohort behaves as a
published one does: genes are recognised with a mean AUC near .975 by the closure prototype in plain folds and near .945
when papers stay whole, and papers on one gene are told apart.

phenopacket-store is BSD-3-Clause: Danis et al., HGG Advances 2025, 100371. The numbers describe 10,580 individuals (its
development half for ages, sexes and papers); no individual can be told from them.
"""

from __future__ import annotations

import numpy as np

LEVELS = np.array([0, 0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 1])
"""The quantile levels of the three tables below."""

INDIVIDUALS_PER_GENE = np.array([1, 1, 1, 1, 3, 6, 14, 32.2, 56.2, 148.7, 462])
PAPERS_PER_GENE = np.array([1, 1, 1, 1, 1, 1, 2, 4, 8, 21, 35])
AGE_YEARS = np.array([0.0, 0.08, 0.92, 2.0, 5.0, 12.0, 26.75, 46.0, 57.0, 74.0, 92.0])

SIZE_PAPERS_CORRELATION = 0.55
"""Of a gene's individuals and papers, in a Gaussian copula (Spearman .51 observed)."""

AGE_KNOWN = 0.755
SEX_SHARES = (0.432, 0.500, 0.068)
"""Female, male, unknown."""

PAPER_TERMS_CV2 = 0.45
"""Squared coefficient of variation of the mean number of terms from paper to paper; the rest of the variance lies
between the individuals of one paper."""

EXCLUDED_MEAN_ONE = 4.1
EXCLUDED_SIZE_POWER = 0.5
EXCLUDED_SIZE_LIMIT = 12
EXCLUDED_LOG_SD = 1.0
"""Mean excluded terms of a paper of one; it grows with the paper's size to this power, up to the limit; log-normal."""

OTHER_DISEASE = 0.25
"""How often a paper is on any disease of its gene, and not on the gene's first."""

COHERENCE_CV2 = 0.5
"""How papers differ in how well their individuals follow the disease's frequencies (gamma, mean 1)."""

NOISE_CONCENTRATION = 0.5
"""Individuals differ in how atypical they are (beta around the configured noise): most have none, some little else."""

NO_EXCLUDED_SINGLE = 0.30
NO_EXCLUDED_SERIES = 0.08
"""Share of the papers that report no absent features: case reports, and papers with more than one individual."""

FREQUENCY_LEVELS = np.array([0.0, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 1.0])
FREQUENCIES = np.array([0.05, 0.05, 0.167, 0.17, 0.55, 0.90, 1.0, 1.0])
"""HPOA frequencies, for annotations without one."""
