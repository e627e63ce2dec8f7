"""Information content from the graph alone, for terms or releases that nobody annotated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax import _core
from phenojax.similarity._core_calls import HasGraph


def seco(ontology: HasGraph) -> NDArray[np.float64]:
    """``ln(T / d_t)``: of ``T`` terms, ``d_t`` are the term or below it; float64 ``(n_terms,)``.

    Seco et al., ECAI 2004, whose ``1 - ln(d_t) / ln(T)`` in [0, 1] is this divided by ``ln(T)``.
    """
    n_terms = ontology.graph.n_terms
    everything = np.arange(n_terms, dtype=np.int32)
    return np.log(n_terms / _distinct_at_or_below(ontology, everything))


def sanchez(ontology: HasGraph) -> NDArray[np.float64]:
    """``-ln((l_t / a_t + 1) / (L + 1))``; float64 ``(n_terms,)``.

    Of ``L`` leaves, ``l_t`` are below the term (none below a leaf); ``a_t`` terms are the term or above it.
    Sánchez et al., Knowledge-Based Systems 24 (2011), 297-303.
    """
    graph = ontology.graph
    n_terms = graph.n_terms
    is_leaf = np.ones(n_terms, dtype=np.bool_)
    is_leaf[graph.parents[1]] = False
    leaves = np.flatnonzero(is_leaf).astype(np.int32)
    below = np.where(is_leaf, 0, _distinct_at_or_below(ontology, leaves))
    proper_ancestors, _ = graph.closures(*graph.parents)
    above = np.diff(proper_ancestors) + 1
    values: NDArray[np.float64] = np.log((len(leaves) + 1.0) / (below / above + 1.0))
    return values


def _distinct_at_or_below(ontology: HasGraph, terms: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many of `terms` each term is or has below it: annotation counts with each annotated to itself."""
    return _core.annotation_counts(ontology.graph, np.arange(len(terms), dtype=np.int32), terms, len(terms))
