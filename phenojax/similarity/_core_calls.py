"""Checked calls into the compiled core: arrays in, arrays out, no term ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float32, as_float64, as_int32, as_share, as_thread_count
from phenojax.errors import ConfigError
from phenojax.similarity._scores import HPO3_JIANG_CONRATH, TermMeasure, scores_for, term_scores
from phenojax.similarity.combine import as_combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.measures import as_term_measure

Progress = Callable[[int, int], object]


class HasGraph(Protocol):
    """An ontology, or whatever else has an is_a graph."""

    @property
    def graph(self) -> _core.OntologyGraph:
        """The is_a edges over term_idx."""


def set_similarity(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    combine: str = "bma",
    *,
    measure: str | CustomMeasure = "resnik",
    weights_a: ArrayLike | None = None,
    weights_b: ArrayLike | None = None,
    excluded_a: Csr | None = None,
    excluded_b: Csr | None = None,
    excluded_penalty: float = 0.0,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Exact similarity between sets of terms given by index.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: ``n`` sets of term_idx, taken as given: a term that stands twice counts twice.
        b: ``m`` sets; None for `a` against itself.
        combine: one of `Combine`.
        measure: one of `Measure`, or a `CustomMeasure`.
        weights_a: one weight per entry of ``a.indices``, finite and not negative; None for 1.
        weights_b: the same for `b`; without `b` those of `a` count.
        excluded_a: ``n`` sets of terms that were looked for and not found; None for none.
        excluded_b: the same for `b`.
        excluded_penalty: `s` from 0 to 1. A similarity is multiplied by ``1 - s c``, where ``c`` is the share of the
            terms of both sets that are, or lie below, an excluded term of the other set.
        threads: None for all processors. The numbers do not depend on it, nor on the instruction set.

    Returns:
        float32 ``(n, m)``; 0 where a set is empty. Without `b` and with a symmetric combiner exactly symmetric.

    Raises:
        ConfigError: an argument has a wrong shape or value.

    "resnik" and, where content never falls from parent to child, "lin", "relevance", "information_coefficient",
    "jiang_conrath" and well-behaved custom measures take time and memory in the number of sets; the others and "mean"
    first make a matrix of the distinct terms of both sides (at most 1.4 GB for all of HPO).
    """
    problem = _problem(ontology, ic_values, a, b, combine, measure, (weights_a, weights_b), threads)
    exclusions = _exclusions(problem, excluded_a, excluded_b, excluded_penalty)
    with core_errors():
        return _core.set_similarity(*problem.for_core(), problem.combine, exclusions, problem.threads)


def nearest_sets(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    k: int = 10,
    combine: str = "bma",
    *,
    measure: str | CustomMeasure = "resnik",
    weights_a: ArrayLike | None = None,
    weights_b: ArrayLike | None = None,
    excluded_a: Csr | None = None,
    excluded_b: Csr | None = None,
    excluded_penalty: float = 0.0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each set of `a`, the `k` most similar sets of `b`, or without `b` the most similar others of `a`.

    What `set_similarity` would give is computed in tiles of 8192 x 8192 and forgotten; never the whole matrix.

    Args:
        ontology: this and all that is not named here: as for `set_similarity`.
        ic_values: nats by term_idx.
        a: ``n`` sets.
        b: ``m`` sets, or None.
        k: how many; all there are where there are fewer.
        combine: one of `Combine`.
        measure: one of `Measure`, or a `CustomMeasure`.
        weights_a: one per entry of ``a.indices``.
        weights_b: one per entry of ``b.indices``.
        excluded_a: ``n`` sets.
        excluded_b: ``m`` sets.
        excluded_penalty: from 0 to 1.
        threads: None for all processors.
        progress: called with the number of tiles done and of all, on the calling thread.

    Returns:
        int64 ``(n, k')`` and float32 ``(n, k')``, ``k' = min(k, candidates)``: the rows of `b` by falling similarity,
        equals by rising row, and the similarities.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ConfigError(f"k must be a positive integer, not {k!r}")
    if progress is not None and not callable(progress):
        raise ConfigError(f"progress must be a function of two numbers, not {progress!r}")
    problem = _problem(ontology, ic_values, a, b, combine, measure, (weights_a, weights_b), threads)
    exclusions = _exclusions(problem, excluded_a, excluded_b, excluded_penalty)
    candidates = max(problem.a.n_rows - 1, 0) if problem.b is None else problem.b.n_rows
    with core_errors():
        return _core.nearest_sets(
            *problem.for_core(), min(int(k), candidates), problem.combine, exclusions, problem.threads, progress
        )


def term_matrix(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    *,
    measure: str | CustomMeasure = "resnik",
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Similarity of every term of one list to every term of another, by index.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: int32 ``(n,)`` of term_idx, in any order and with repeats.
        b: int32 ``(m,)`` of term_idx.
        measure: one of `Measure`, or a `CustomMeasure`.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        float32 ``(n, m)``; exactly symmetric where `a` and `b` are one list.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    rows = as_int32("a", a, (None,), minimum=0, limit=graph.n_terms)
    columns = as_int32("b", b, (None,), minimum=0, limit=graph.n_terms)
    with core_errors():
        return term_scores(graph, ic, _measure(measure), rows, columns, as_thread_count(threads))


@dataclass(frozen=True)
class _Problem:
    graph: _core.OntologyGraph
    by: Any
    sets: tuple[Any, Any]
    a: Csr
    b: Csr | None
    combine: str
    threads: int

    def for_core(self) -> tuple[_core.OntologyGraph, Any, Any, Any]:
        return (self.graph, self.by, *self.sets)


def _problem(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr | None,
    combine: str,
    measure: str | CustomMeasure,
    weights: tuple[ArrayLike | None, ArrayLike | None],
    threads: int | None,
) -> _Problem:
    combiner = as_combine(combine)
    term_measure = _measure(measure)
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    sets_a = as_csr("a", a, graph.n_terms)
    sets_b = None if b is None else as_csr("b", b, graph.n_terms)
    if sets_b is None and weights[1] is not None:
        raise ConfigError("weights_b belongs to b, and there is none; without b the weights of a count for both sides")
    thread_count = as_thread_count(threads)
    with core_errors():
        by, numbered_a, numbered_b = scores_for(graph, ic, term_measure, combiner, sets_a, sets_b, thread_count)
    sets = (
        (*numbered_a, _weights("weights_a", weights[0], sets_a)),
        None if numbered_b is None or sets_b is None else (*numbered_b, _weights("weights_b", weights[1], sets_b)),
    )
    return _Problem(graph, by, sets, sets_a, sets_b, combiner.value, thread_count)


def _measure(measure: str | CustomMeasure) -> TermMeasure:
    return measure if measure == HPO3_JIANG_CONRATH else as_term_measure(measure)


def _weights(name: str, weights: ArrayLike | None, sets: Csr) -> NDArray[np.float32] | None:
    return None if weights is None else as_float32(name, weights, (len(sets.indices),), minimum=0.0)


def _exclusions(
    problem: _Problem, excluded_a: Csr | None, excluded_b: Csr | None, penalty: float
) -> tuple[Any, ...] | None:
    strength = as_share("excluded_penalty", penalty)
    if problem.b is None and excluded_b is not None:
        raise ConfigError("excluded_b belongs to b, and there is none")
    a = _excluded("excluded_a", excluded_a, problem.a, problem.graph.n_terms)
    b = None if problem.b is None else _excluded("excluded_b", excluded_b, problem.b, problem.graph.n_terms)
    if strength == 0.0 or (excluded_a is None and excluded_b is None):
        return None
    observed_a = (problem.a.offsets, problem.a.indices)
    observed_b = None if problem.b is None else (problem.b.offsets, problem.b.indices)
    return (observed_a, tuple(a), observed_b, None if b is None else tuple(b), strength)


def _excluded(name: str, excluded: Csr | None, sets: Csr, n_terms: int) -> Csr:
    if excluded is None:
        return Csr(np.zeros(sets.n_rows + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    checked = as_csr(name, excluded, n_terms)
    if checked.n_rows != sets.n_rows:
        raise ConfigError(f"{name} must have one set per set, {sets.n_rows}, not {checked.n_rows}")
    return checked


@contextmanager
def core_errors() -> Iterator[None]:
    """Everything is checked before the core is called; what is left is the PHENOJAX_ISA variable."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(str(error)) from None
