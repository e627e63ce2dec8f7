"""Why: which terms carry a result."""

from phenojax.explain.term_enrichment import ENRICHMENT_SCHEMA, enrichment
from phenojax.explain.terms import TermCounts, compare_terms, term_counts

__all__ = ["ENRICHMENT_SCHEMA", "TermCounts", "compare_terms", "enrichment", "term_counts"]
