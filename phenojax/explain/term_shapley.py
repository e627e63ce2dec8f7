"""Which of an individual's terms carry its score, and how much each: Shapley values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._csr import Csr
from phenojax._validate import as_csr
from phenojax.similarity import CustomMeasure, HasGraph
from phenojax.similarity.shapley import SetShapley, closure_shapley, match_shapley

# How far the contributions may miss the score, per unit of the largest score that any of the terms can have: room for
# the rounding of a million sums, and for nothing else.
_ROUNDING = 1e-10


class TermContributions(NamedTuple):
    """What each term of each set adds to the set's score; the terms of set ``r`` are ``offsets[r]:offsets[r + 1]``.

    Attributes:
        offsets: int64 ``(n + 1,)``.
        term_idx: int32 ``(entries,)``, the terms as they were given.
        shapley: float64 ``(entries,)``, in units of the score. Those of a set add up to ``total - base``.
        standard_error: float64 ``(entries,)`` of `shapley`; 0 where it is exact.
        leave_one_out: float64 ``(entries,)``, exact: what the score loses when this term alone is taken away. A term
            beside its like can carry much (`shapley`) and yet not be missed (`leave_one_out`).
        base: the score of no terms.
        total: float64 ``(n,)``, the score of all terms of each set.
    """

    offsets: NDArray[np.int64]
    term_idx: NDArray[np.int32]
    shapley: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    leave_one_out: NDArray[np.float64]
    base: float
    total: NDArray[np.float64]


def term_contributions(
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
) -> TermContributions:
    """Share the score of a model of the closure kernel among an individual's terms.

    Such a model gives whoever has the terms T the score ``v(T) = sum of values over closure(T) / sqrt(sum of weights
    over closure(T))``: the terms and all of their ancestors count, each once, and the root takes out how much was
    recorded. A term's Shapley value is what it adds to the score of those that came before it, ``v(T + term) - v(T)``,
    as a mean over all orders in which the terms may come. It is the only way to share a score that gives the whole of
    it away, nothing to a term that never changes it, the same to two that always change it alike, and the sum of two
    scores as the sum of the shares (Shapley, Contributions to the Theory of Games II, 1953).

    Sets of up to `exact_up_to` terms are computed over all subsets. Of larger ones random orders are drawn, each with
    its reverse, and the mean has a standard error, taken over these pairs (Castro, Gomez and Tejada, Computers and
    Operations Research 2009; reversed orders: Mitchell et al., JMLR 2022). Every order gives away the whole score, so
    that the sum is right either way.

    What it does not say: that a term causes anything, or that a clinician should look for it. It says what the score
    is made of. Negative values are terms that speak against; a term that says little still takes from the others, since
    it is divided by.

    Args:
        ontology: anything with a ``graph``.
        weights: float64 ``(n_terms,)``, the weights of the model's kernel by term_idx, from 0 to 1e30.
        values: float64 ``(n_terms,)``, the model's value of each term, from -1e30 to 1e30.
        sets: ``n`` sets of term_idx, an individual's observed terms each. A term that stands twice is two, which share.
        empty: the score of who has no terms, or only terms that weigh nothing.
        orders: random orders for the larger sets, 4 to 2^24; an odd number is raised by one.
        exact_up_to: at most 20, which takes a million subsets.
        seed: of the orders. Those of a set depend on it and on the set's own terms, so that an individual gets the same
            numbers in any company.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        One entry for every term of every set, in their order; ``base`` is `empty`.

    Raises:
        ConfigError: an argument has a wrong shape or value.
        ArithmeticError: the contributions do not add up to the score, which would be a mistake in phenojax.

    Example:
        >>> import numpy as np
        >>> import phenojax as pj
        >>> from phenojax._csr import csr_from_rows
        >>> onto = pj.load_ontology()
        >>> seizure, tall = (onto.index(t) for t in ("HP:0001250", "HP:0000098"))
        >>> values = np.zeros(onto.n_terms)
        >>> values[seizure] = 1.0
        >>> found = term_contributions(onto, np.ones(onto.n_terms), values, csr_from_rows([[seizure, tall]]))
        >>> bool(found.shapley[0] > 0 > found.shapley[1])
        True
        >>> bool(np.isclose(found.shapley.sum(), found.total[0] - found.base))
        True
    """
    checked = as_csr("sets", sets, ontology.graph.n_terms)
    found = closure_shapley(
        ontology,
        weights,
        values,
        checked,
        empty=empty,
        orders=orders,
        exact_up_to=exact_up_to,
        seed=seed,
        threads=threads,
    )
    bound = _largest_score(
        ontology, np.asarray(weights, dtype=np.float64), np.asarray(values, dtype=np.float64), checked
    )
    return _checked(found, checked, float(empty), bound + abs(empty))


def match_contributions(
    ontology: HasGraph,
    ic_values: ArrayLike,
    sets: Csr,
    others: Csr,
    coefficients: ArrayLike,
    *,
    measure: str | CustomMeasure = "resnik",
    combine: str = "bma",
    threads: int | None = None,
) -> TermContributions:
    """Share a score that is a weighted sum of similarities to others among an individual's terms.

    Such a score is the mean similarity to a gene's cases less that to controls, or a linear model of the similarities
    to its training individuals: ``v(T) = sum over j of coefficients[j] * similarity(T, others[j])``, which is 0 for no
    terms. The Shapley values are those that `term_contributions` explains, and exact for any number of terms: no order
    is drawn. A best match is a sum of levels, each reached as soon as one of some of the terms is there, and scaled by
    how many terms there are; of such a game all values follow from two formulas.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        sets: ``n`` sets of term_idx, those to explain. A term that stands twice is two, as it is for the similarity.
        others: ``m`` sets of term_idx, those they are compared with: a model's training individuals.
        coefficients: float64 ``(m,)``, or ``(n, m)`` for those of each set, so that who is
            among `others` can be left out of its own score with a 0.
        measure: one of `Measure`, or a `CustomMeasure`.
        combine: ``"bma"``, ``"funsim_avg"``, ``"a_to_b"`` or ``"b_to_a"``; the other combiners are no sums.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        One entry for every term of every set, in their order; ``base`` and all standard errors are 0.

    Raises:
        ConfigError: an argument has a wrong shape or value.
        ArithmeticError: the contributions do not add up to the score, which would be a mistake in phenojax.
    """
    checked = as_csr("sets", sets, ontology.graph.n_terms)
    found = match_shapley(
        ontology, ic_values, checked, others, coefficients, measure=measure, combine=combine, threads=threads
    )
    # No similarity exceeds its own best matches, which are 1 or the largest content.
    weight = np.abs(np.asarray(coefficients, dtype=np.float64)).sum(axis=-1)
    largest = max(float(np.max(ic_values, initial=1.0)), float(np.abs(found.value).max(initial=1.0)))
    return _checked(found, checked, 0.0, np.broadcast_to(weight, found.total.shape) * largest)


def _largest_score(
    ontology: HasGraph, weights: NDArray[np.float64], values: NDArray[np.float64], sets: Csr
) -> NDArray[np.float64]:
    """Bound all subsets of a set: the values of its closure, over the root of its lightest term's closure."""
    graph = ontology.graph
    closures = Csr(*graph.closures(*sets))
    terms, which = np.unique(sets.indices, return_inverse=True)
    single = Csr(*graph.closures(np.arange(len(terms) + 1), terms.astype(np.int32)))
    weight = _sums(single, weights)[which]
    weight[weight == 0.0] = np.inf
    lightest = np.full(sets.n_rows, np.inf)
    np.minimum.at(lightest, np.repeat(np.arange(sets.n_rows), sets.lengths), weight)
    bound: NDArray[np.float64] = _sums(closures, np.abs(values)) / np.sqrt(lightest)
    return bound


def _sums(sets: Csr, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over each set, which may be empty."""
    row = np.repeat(np.arange(sets.n_rows), sets.lengths)
    # bincount of nothing counts in integers
    sums: NDArray[np.float64] = np.bincount(row, values[sets.indices], minlength=sets.n_rows).astype(np.float64)
    return sums


def _checked(found: SetShapley, sets: Csr, base: float, bound: NDArray[np.float64]) -> TermContributions:
    given = _sums(Csr(sets.offsets, np.arange(len(sets.indices), dtype=np.int32)), found.value)
    off = np.abs(given - (found.total - base))
    wrong = np.flatnonzero(~(off <= _ROUNDING * bound))
    if len(wrong):
        r = wrong[0]
        raise ArithmeticError(
            f"the contributions of set {r} add up to {given[r]!r}, and its score less that of no terms is "
            f"{found.total[r] - base!r}; please report this"
        )
    return TermContributions(
        sets.offsets, sets.indices, found.value, found.standard_error, found.leave_one_out, base, found.total
    )
