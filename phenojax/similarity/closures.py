"""How alike two sets are by the closures of their terms."""

from __future__ import annotations

from numpy.typing import ArrayLike, NDArray
import numpy as np

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_thread_count
from phenojax.similarity._core_calls import HasGraph, core_errors


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
    graph = ontology.graph
    checked = as_float64("weights", weights, (graph.n_terms,), minimum=0.0)
    sets_a = as_csr("a", a, graph.n_terms)
    b_offsets, b_indices = (None, None) if b is None else as_csr("b", b, graph.n_terms)
    threads = as_thread_count(threads)
    with core_errors():
        return _core.closure_kernel(graph, checked, sets_a.offsets, sets_a.indices, b_offsets, b_indices, threads)
