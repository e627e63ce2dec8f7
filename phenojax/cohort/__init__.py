"""Individuals with HPO terms: reading, writing, resolving and simulating cohorts."""

from phenojax.cohort.encode import EncodedCohort, encode
from phenojax.cohort.model import Cohort, Individual, Sex
from phenojax.cohort.readers import read_cohort
from phenojax.cohort.simulation import SimulationConfig, simulate
from phenojax.cohort.validation import Finding, Issue, ValidationReport
from phenojax.cohort.writer import write_cohort

__all__ = [
    "Cohort",
    "EncodedCohort",
    "Finding",
    "Individual",
    "Issue",
    "Sex",
    "SimulationConfig",
    "ValidationReport",
    "encode",
    "read_cohort",
    "simulate",
    "write_cohort",
]
