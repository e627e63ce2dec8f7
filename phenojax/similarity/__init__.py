"""How alike two sets of terms are: information content, exact Resnik matrices and the closure kernel."""

from phenojax.similarity._core_calls import Combine, closure_kernel, set_similarity
from phenojax.similarity.clustering import distances, linkage
from phenojax.similarity.custom import CustomMeasure, measure
from phenojax.similarity.information_content import IcSource, conditional_ic, information_content
from phenojax.similarity.matches import MatchedTerms, matched_terms
from phenojax.similarity.matrix import MEASURES, PHENOSCORE_FILTER, similarity
from phenojax.similarity.normalize import Normalize
from phenojax.similarity.null import random_sets
from phenojax.similarity.ranking import RANK_SCHEMA, rank
from phenojax.similarity.term_sets import encode_sets

__all__ = [
    "MEASURES",
    "PHENOSCORE_FILTER",
    "RANK_SCHEMA",
    "Combine",
    "CustomMeasure",
    "IcSource",
    "MatchedTerms",
    "Normalize",
    "closure_kernel",
    "conditional_ic",
    "distances",
    "encode_sets",
    "information_content",
    "linkage",
    "matched_terms",
    "measure",
    "random_sets",
    "rank",
    "set_similarity",
    "similarity",
]
