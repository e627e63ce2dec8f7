"""Why: which terms carry a result."""

from phenojax.explain.term_enrichment import ENRICHMENT_SCHEMA, enrichment
from phenojax.explain.term_shapley import TermContributions, match_contributions, term_contributions
from phenojax.explain.terms import TermCounts, compare_terms, term_counts

__all__ = [
    "ENRICHMENT_SCHEMA",
    "TermContributions",
    "TermCounts",
    "compare_terms",
    "enrichment",
    "match_contributions",
    "term_contributions",
    "term_counts",
]
