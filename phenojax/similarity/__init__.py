"""How alike terms, and sets of terms, are: information content, measures, matrices, the nearest of each."""

from phenojax.similarity._core_calls import nearest_sets, set_similarity, term_matrix
from phenojax.similarity.closures import Overlap, closure_kernel, closure_similarity, closure_terms
from phenojax.similarity.clustering import distances, linkage
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure, measure
from phenojax.similarity.information_content import IcSource, conditional_ic, information_content
from phenojax.similarity.matrix import PHENOSCORE_FILTER, similarity
from phenojax.similarity.measures import ALIASES, MEASURES, Measure, SetMeasure
from phenojax.similarity.neighbours import nearest
from phenojax.similarity.term_pairs import term_similarity
from phenojax.similarity.term_sets import encode_sets

__all__ = [
    "ALIASES",
    "MEASURES",
    "PHENOSCORE_FILTER",
    "Combine",
    "CustomMeasure",
    "IcSource",
    "Measure",
    "Overlap",
    "SetMeasure",
    "closure_kernel",
    "closure_similarity",
    "closure_terms",
    "conditional_ic",
    "distances",
    "encode_sets",
    "information_content",
    "linkage",
    "measure",
    "nearest",
    "nearest_sets",
    "set_similarity",
    "similarity",
    "term_matrix",
    "term_similarity",
]
