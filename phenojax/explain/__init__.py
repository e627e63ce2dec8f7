"""Why: which terms carry a result."""

from phenojax.explain.terms import TermCounts, compare_terms, term_counts

__all__ = ["TermCounts", "compare_terms", "term_counts"]
