"""How alike two sets of terms are: information content, exact Resnik matrices and the closure kernel."""

from phenojax.similarity._core_calls import Combine, set_similarity
from phenojax.similarity.closures import Overlap, closure_kernel, closure_similarity, closure_terms
from phenojax.similarity.clustering import distances, linkage
from phenojax.similarity.custom import CustomMeasure, measure
from phenojax.similarity.information_content import IcSource, conditional_ic, information_content
from phenojax.similarity.matrix import MEASURES, PHENOSCORE_FILTER, similarity
from phenojax.similarity.term_sets import encode_sets

__all__ = [
    "MEASURES",
    "PHENOSCORE_FILTER",
    "Combine",
    "CustomMeasure",
    "IcSource",
    "Overlap",
    "closure_kernel",
    "closure_similarity",
    "closure_terms",
    "conditional_ic",
    "distances",
    "encode_sets",
    "information_content",
    "linkage",
    "measure",
    "set_similarity",
    "similarity",
]
