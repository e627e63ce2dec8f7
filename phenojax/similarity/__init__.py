"""How alike terms, and sets of terms, are: information content, measures, matrices, the nearest of each."""

from phenojax.similarity._core_calls import nearest_sets, set_similarity, term_matrix
from phenojax.similarity.closures import Overlap, closure_kernel, closure_similarity, closure_terms
from phenojax.similarity.clustering import distances, linkage
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure, measure
from phenojax.similarity.frequencies import TargetFrequencies, target_frequencies
from phenojax.similarity.information_content import IcSource, conditional_ic, information_content
from phenojax.similarity.likelihood import LikelihoodScorer, posterior
from phenojax.similarity.matches import MatchedTerms, matched_terms
from phenojax.similarity.matrix import PHENOSCORE_FILTER, similarity
from phenojax.similarity.measures import ALIASES, MEASURES, Measure, SetMeasure
from phenojax.similarity.neighbours import nearest
from phenojax.similarity.normalize import Normalize
from phenojax.similarity.null import random_sets
from phenojax.similarity.rank_table import LIKELIHOOD_SCHEMA, RANK_SCHEMA
from phenojax.similarity.ranking import rank
from phenojax.similarity.term_pairs import term_similarity
from phenojax.similarity.term_sets import encode_sets
from phenojax.similarity.weights import frequency_weights

__all__ = [
    "ALIASES",
    "LIKELIHOOD_SCHEMA",
    "MEASURES",
    "PHENOSCORE_FILTER",
    "RANK_SCHEMA",
    "Combine",
    "CustomMeasure",
    "IcSource",
    "LikelihoodScorer",
    "MatchedTerms",
    "Measure",
    "Normalize",
    "Overlap",
    "SetMeasure",
    "TargetFrequencies",
    "closure_kernel",
    "closure_similarity",
    "closure_terms",
    "conditional_ic",
    "distances",
    "encode_sets",
    "frequency_weights",
    "information_content",
    "linkage",
    "matched_terms",
    "measure",
    "nearest",
    "nearest_sets",
    "posterior",
    "random_sets",
    "rank",
    "set_similarity",
    "similarity",
    "target_frequencies",
    "term_matrix",
    "term_similarity",
]
