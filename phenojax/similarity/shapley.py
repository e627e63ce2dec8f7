"""How much each term of a set adds to a score that rests on closures or on best matches: Shapley values, by index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_thread_count
from phenojax.errors import ConfigError
from phenojax.similarity._core_calls import HasGraph, core_errors
from phenojax.similarity._scores import numbered, term_scores
from phenojax.similarity.combine import Combine, as_combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.measures import as_term_measure

MOST_EXACT_TERMS: int = _core.MOST_EXACT_TERMS
"""Of how many terms at most all subsets are taken: a million of them, 24 MiB a thread."""

# Their sums take 16 bytes a term for every 32,768 orders; the standard error is by then below a thousandth of one's.
_MOST_ORDERS = 2**24

AVERAGES = (Combine.BMA, Combine.FUNSIM_AVG, Combine.A_TO_B, Combine.B_TO_A)
"""The combiners that are averages of best matches."""


class SetShapley(NamedTuple):
    """Shapley values of the terms of sets; entries are those of the sets' ``indices``.

    Attributes:
        value: float64 ``(entries,)``, in units of the score.
        standard_error: float64 ``(entries,)``; 0 where the value is exact.
        leave_one_out: float64 ``(entries,)``, what the score loses when this term alone is taken away.
        total: float64 ``(n,)``, the score of each set.
    """

    value: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    leave_one_out: NDArray[np.float64]
    total: NDArray[np.float64]


def closure_shapley(
    ontology: HasGraph,
    weights: ArrayLike,
    values: ArrayLike,
    sets: Csr,
    *,
    empty: float = 0.0,
    orders: int = 2000,
    exact_up_to: int = 14,
    seed: int = 0,
    threads: int | None = None,
) -> SetShapley:
    """Shapley values for ``v(T) = sum of values over closure(T) / sqrt(sum of weights over closure(T))``.

    See `phenojax.explain.term_contributions`, which checks what comes out.

    Args:
        ontology: anything with a ``graph``.
        weights: float64 ``(n_terms,)`` from 0 to 1e30.
        values: float64 ``(n_terms,)`` from -1e30 to 1e30.
        sets: ``n`` sets of term_idx, taken as given: a term that stands twice is two players.
        empty: what no terms are worth, and terms whose closure weighs nothing.
        orders: random orders of larger sets, in pairs of one and its reverse; 4 to 2^24, an odd number is raised.
        exact_up_to: up to so many terms all subsets are taken; at most `MOST_EXACT_TERMS`.
        seed: of the orders, 0 or more; those of a set depend on it and on the set's terms alone.
        threads: None for all processors; the numbers do not depend on it.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    weight = as_float64("weights", weights, (graph.n_terms,), minimum=0.0)
    value = as_float64("values", values, (graph.n_terms,))
    of_none = float(as_float64("empty", [empty], (1,))[0])
    checked = as_csr("sets", sets, graph.n_terms)
    _integer("orders", orders, 4, _MOST_ORDERS)
    _integer("exact_up_to", exact_up_to, 0, MOST_EXACT_TERMS)
    _integer("seed", seed, 0, 2**64 - 1)
    with core_errors():
        found = _core.closure_shapley(
            graph, weight, value, checked, of_none, int(orders), int(exact_up_to), int(seed), as_thread_count(threads)
        )
    return SetShapley(*found)


def match_shapley(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr,
    coefficients: ArrayLike,
    *,
    measure: str | CustomMeasure = "resnik",
    combine: str = "bma",
    threads: int | None = None,
) -> SetShapley:
    """Shapley values for ``v(T) = sum over j of coefficients[j] * similarity(T, b_j)``, exact for any number of terms.

    See `phenojax.explain.match_contributions`, which checks what comes out.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: ``n`` sets of term_idx, those to explain.
        b: ``m`` sets of term_idx, those they are compared with.
        coefficients: float64 ``(m,)``, or ``(n, m)`` for those of each set of `a`.
        measure: one of `Measure`, or a `CustomMeasure`.
        combine: one of `AVERAGES`.
        threads: None for all processors; the numbers do not depend on it.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    rows, columns = as_csr("a", a, graph.n_terms), as_csr("b", b, graph.n_terms)
    per_pair = np.ndim(coefficients) == 2
    wanted = (rows.n_rows, columns.n_rows) if per_pair else (columns.n_rows,)
    weights = as_float64("coefficients", coefficients, wanted)
    combiner = as_combine(combine)
    if combiner not in AVERAGES:
        raise ConfigError(f"combine must be one of {', '.join(AVERAGES)}, the averages of best matches, not {combine}")
    n_threads = as_thread_count(threads)
    terms_a, numbered_a = numbered(rows)
    terms_b, numbered_b = numbered(columns)
    with core_errors():
        matrix = term_scores(graph, ic, as_term_measure(measure), terms_a, terms_b, n_threads)
        found = _core.match_shapley(matrix, numbered_a, numbered_b, weights, combiner.value, n_threads)
    value, leave_one_out, total = found
    return SetShapley(value, np.zeros_like(value), leave_one_out, total)


def _integer(name: str, value: int, smallest: int, largest: int) -> None:
    fits = isinstance(value, int | np.integer) and not isinstance(value, bool) and smallest <= value <= largest
    if not fits:
        raise ConfigError(f"{name} must be an integer from {smallest} to {largest}, not {value!r}")
