"""Individuals with HPO terms: reading, writing, resolving and simulating cohorts."""

from phenojax.cohort.model import Cohort, Individual, Sex
from phenojax.cohort.readers import read_cohort
from phenojax.cohort.validation import Finding, Issue, ValidationReport

__all__ = [
    "Cohort",
    "Finding",
    "Individual",
    "Issue",
    "Sex",
    "ValidationReport",
    "read_cohort",
]
