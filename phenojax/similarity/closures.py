"""How much the closures of sets or terms overlap: the given terms and all of their ancestors, each once."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_int32, as_thread_count
from phenojax.errors import ConfigError
from phenojax.similarity._core_calls import HasGraph, core_errors
from phenojax.similarity.information_content import conditional_ic


class Overlap(StrEnum):
    """What becomes of ``c``, the weight common to two closures that weigh ``s`` and ``t``; all from 0 to 1."""

    JACCARD = "jaccard"
    """``c / (s + t - c)``: common, of all. simgic and simui, by the weights."""
    DICE = "dice"
    """``2 c / (s + t)``: common, of the mean."""
    OVERLAP = "overlap"
    """``c / min(s, t)``: common, of the smaller; 1 where one closure lies inside the other."""
    COSINE = "cosine"
    """``c / sqrt(s t)``: the cosine of vectors with the square root of its weight on every term."""


def closure_similarity(
    ontology: HasGraph,
    weights: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    *,
    kind: str = "jaccard",
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Overlap of the closures of sets of terms, every term weighing what you say.

    Args:
        ontology: anything with a ``graph``.
        weights: float64 ``(n_terms,)``, finite and not negative. Information content makes "jaccard" simgic, ones make
            it simui. Below 1.2e-38 a weight counts as 0.
        a: ``n`` sets of term_idx; a term that stands twice, or beside its descendant, changes nothing.
        b: ``m`` sets; None for `a` against itself.
        kind: one of `Overlap`.
        threads: None for all processors. The numbers do not depend on it, nor on the instruction set.

    Returns:
        float32 ``(n, m)`` in [0, 1]; 0 where a closure weighs nothing (that of an empty set). Closures that are equal
        have 1 (exactly; "cosine" up to rounding between different sets). Without `b` exactly symmetric, with a diagonal
        of exactly 1 (or 0). "jaccard", "dice" and "cosine" are positive semidefinite up to rounding.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    overlap = _as_overlap(kind)
    checked = as_float64("weights", weights, (graph.n_terms,), minimum=0.0)
    sets_a = as_csr("a", a, graph.n_terms)
    sets_b = None if b is None else as_csr("b", b, graph.n_terms)
    thread_count = as_thread_count(threads)
    with core_errors():
        return _core.closure_overlap(graph, checked, sets_a, sets_b, overlap.value, thread_count)


def closure_terms(
    ontology: HasGraph,
    weights: ArrayLike,
    a: ArrayLike,
    b: ArrayLike | None = None,
    *,
    kind: str = "jaccard",
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Overlap of the closures of single terms: `closure_similarity` of sets of one.

    Args:
        ontology: anything with a ``graph``.
        weights: as for `closure_similarity`.
        a: int32 ``(n,)`` of term_idx, in any order and with repeats.
        b: int32 ``(m,)`` of term_idx; None for `a` against itself.
        kind: one of `Overlap`.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        float32 ``(n, m)`` in [0, 1]; exactly 1 where a term meets itself, and 0 where no ancestor that weighs anything
        is common, not even to a term and itself when they weigh nothing. Exactly symmetric where both lists are one.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    overlap = _as_overlap(kind)
    checked = as_float64("weights", weights, (graph.n_terms,), minimum=0.0)
    rows = as_int32("a", a, (None,), minimum=0, limit=graph.n_terms)
    columns = rows if b is None else as_int32("b", b, (None,), minimum=0, limit=graph.n_terms)
    thread_count = as_thread_count(threads)
    with core_errors():
        return _core.term_overlap(graph, checked, rows, columns, overlap.value, thread_count)


def closure_set_scores(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    *,
    measure: str = "simgic",
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Set measures on closures by their names.

    ===================  ==============================================================================================
    ``simgic``           sum of ic over the intersection of the closures / over their union. Pesquita et al., BMC
                         Bioinformatics 2008.
    ``simui``            terms in the intersection / in the union, the root among them; no information content.
                         Gentleman, GOstats (Bioconductor) 2005.
    ``closure_jaccard``  as simgic with `conditional_ic` in place of ic: what each term adds to its parents.
    ``closure_cosine``   sum of the same weights over the intersection / sqrt(sum over one * sum over the other); the
                         kernel of the screen.
    ===================  ==============================================================================================

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: ``n`` sets of term_idx.
        b: ``m`` sets; None for `a` against itself.
        measure: one of the four.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        float32 ``(n, m)``, as `closure_similarity`: in [0, 1], and 0 for an empty set or one whose closure weighs
        nothing. A term that nobody is annotated with counts by the content it was given.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    n_terms = ontology.graph.n_terms
    ic = as_float64("ic", ic_values, (n_terms,), minimum=0.0)
    if measure == "simgic":
        weights, kind = ic, Overlap.JACCARD
    elif measure == "simui":
        weights, kind = np.ones(n_terms), Overlap.JACCARD
    elif measure == "closure_jaccard":
        weights, kind = conditional_ic(ontology, ic), Overlap.JACCARD
    elif measure == "closure_cosine":
        weights, kind = conditional_ic(ontology, ic), Overlap.COSINE
    else:
        raise ConfigError(f"measure must be one of simgic, simui, closure_jaccard, closure_cosine, not {measure!r}")
    return closure_similarity(ontology, weights, a, b, kind=kind, threads=threads)


def closure_kernel(
    ontology: HasGraph,
    weights: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Cosine of ancestor closures.

    A set is the vector with ``sqrt(weights[t])`` on every term of its closure (its terms and all of their ancestors),
    L2-normalised, so that ``K[i, j] = sum of weights over the common closure / sqrt(W_i W_j)``.

    Args:
        ontology: anything with a ``graph``.
        weights: float64 ``(n_terms,)``, the *squared* weight of each term, finite and not negative; `conditional_ic`
            gives those of the screen.
        a: ``n`` sets of term_idx.
        b: ``m`` sets; None for `a` against itself.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        float32 ``(n, m)`` in [0, 1]; 0 where the closure of a set weighs nothing (an empty set). Without `b` exactly
        symmetric, positive semidefinite up to rounding, with a diagonal of exactly 1 (or 0).

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    return closure_similarity(ontology, weights, a, b, kind=Overlap.COSINE, threads=threads)


def _as_overlap(kind: str) -> Overlap:
    try:
        return Overlap(kind)
    except ValueError:
        raise ConfigError(f"kind must be one of {', '.join(Overlap)}, not {kind!r}") from None
