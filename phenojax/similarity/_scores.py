"""What the core is given to compare terms by: a measure that it applies on the way, or a finished matrix of terms.

The measures that grow with the content of the common ancestor and fall with that of the other term need no matrix:
the best match of a term is found among its ancestors. All others are first computed for the distinct terms of both
sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax.similarity._closure_terms import closure_term_scores
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.measures import Measure

HPO3_JIANG_CONRATH = "hpo3_jiang_conrath"
"""Not among the names for users: what "jiang_conrath" is under hpo3's information content."""

TermMeasure = Measure | CustomMeasure | str

_BY_ANCESTOR = {Measure.LIN, Measure.JIANG_CONRATH, Measure.RELEVANCE, Measure.INFORMATION_COEFFICIENT}
_FROM_CONTENT = {Measure.RESNIK, *_BY_ANCESTOR, Measure.HRSS, HPO3_JIANG_CONRATH}


class Scores(NamedTuple):
    """What terms are compared by, and the sets to go with it.

    Attributes:
        by: what `_core.set_similarity` takes.
        a: the sets, numbered as `by` has the terms.
        b: the same, or None.
    """

    by: tuple[NDArray[np.float64], str, int] | NDArray[np.float32]
    a: Csr
    b: Csr | None


def scores_for(
    graph: _core.OntologyGraph,
    ic: NDArray[np.float64],
    measure: TermMeasure,
    combine: Combine,
    a: Csr,
    b: Csr | None,
    threads: int,
) -> Scores:
    """Choose the way for a problem; both give the same numbers up to rounding."""
    if combine != Combine.MEAN and _has_short_way(graph, ic, measure):
        return Scores(_content(ic, measure), a, b)
    terms_a, numbered_a = numbered(a)
    if b is None:
        return Scores(term_scores(graph, ic, measure, terms_a, terms_a, threads), numbered_a, None)
    terms_b, numbered_b = numbered(b)
    return Scores(term_scores(graph, ic, measure, terms_a, terms_b, threads), numbered_a, numbered_b)


def term_scores(
    graph: _core.OntologyGraph,
    ic: NDArray[np.float64],
    measure: TermMeasure,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    threads: int,
) -> NDArray[np.float32]:
    """Similarity of each term of `a` to each of `b`: float32 ``(len(a), len(b))``."""
    if isinstance(measure, CustomMeasure):
        measure.check(ic)
    if isinstance(measure, CustomMeasure) or measure in _FROM_CONTENT:
        return _core.term_matrix(graph, _content(ic, measure), a, b, threads)
    return closure_term_scores(graph, ic, measure, a, b, threads)


def _has_short_way(graph: _core.OntologyGraph, ic: NDArray[np.float64], measure: TermMeasure) -> bool:
    if measure == Measure.RESNIK:
        return True
    if isinstance(measure, CustomMeasure):
        return measure.check(ic) and _core.never_falls(graph, ic)
    return measure in _BY_ANCESTOR and _core.never_falls(graph, ic)


def _content(ic: NDArray[np.float64], measure: TermMeasure) -> tuple[NDArray[np.float64], str, int]:
    return (ic, "custom", measure.address) if isinstance(measure, CustomMeasure) else (ic, str(measure), 0)


def numbered(sets: Csr) -> tuple[NDArray[np.int32], Csr]:
    """Give the distinct terms of sets, ascending, and the sets as numbers of these."""
    terms, number = np.unique(sets.indices, return_inverse=True)
    return terms, Csr(sets.offsets, number.astype(np.int32))
