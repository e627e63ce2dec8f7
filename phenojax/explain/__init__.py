"""Why: which terms carry a result."""

from phenojax.explain.deletion import (
    DeletionCurve,
    DeletionScores,
    deletion_curve,
    deletion_scores,
    kept_terms_score,
)
from phenojax.explain.term_enrichment import ENRICHMENT_SCHEMA, enrichment
from phenojax.explain.term_shapley import TermContributions, match_contributions, term_contributions
from phenojax.explain.terms import TermCounts, compare_terms, term_counts

__all__ = [
    "ENRICHMENT_SCHEMA",
    "DeletionCurve",
    "DeletionScores",
    "TermContributions",
    "TermCounts",
    "compare_terms",
    "deletion_curve",
    "deletion_scores",
    "enrichment",
    "kept_terms_score",
    "match_contributions",
    "term_contributions",
    "term_counts",
]
