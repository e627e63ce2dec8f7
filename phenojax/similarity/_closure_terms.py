"""Term measures on sets of ancestors, by name, for arrays that have been checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax import _core

WANG_EDGE_WEIGHT = 0.8
"""What an is_a edge leaves of a contribution: as Wang et al. chose it for GO, and as all tools have kept it."""

CLOSURE_TERM_MEASURES = ("graph_ic", "wang", "aic", "jaccard", "dice", "overlap", "cosine")


def closure_term_scores(
    graph: _core.OntologyGraph,
    ic: NDArray[np.float64],
    measure: str,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    threads: int,
) -> NDArray[np.float32]:
    """Similarity of each term of `a` to each of `b` by their ancestors, A and B, themselves among them.

    =============  ====================================================================================================
    ``graph_ic``   sum of ic over ``A & B`` / sum of ic over the union of the *proper* ancestors, as hpo3 has it: a term
                   is as like its only parent as itself. Deng et al., PLoS ONE 2015.
    ``aic``        ``2 sum of w over A & B / (sum over A + sum over B)``, with `aggregate_weights` of ic. Song et al.,
                   IEEE/ACM TCBB 2014.
    ``wang``       ``sum over A & B of (S_a + S_b) / (sum of S_a + sum of S_b)``, where ``S_a(t) = 0.8 ** (edges on the
                   shortest way up from a to t)``; no information content. Wang et al., Bioinformatics 2007.
    ``jaccard``    ``|A & B| / |A | B|``
    ``dice``       ``2 |A & B| / (|A| + |B|)``
    ``overlap``    ``|A & B| / min(|A|, |B|)``: 1 between a term and its ancestor
    ``cosine``     ``|A & B| / sqrt(|A| |B|)``
    =============  ====================================================================================================

    Returns:
        float32 ``(len(a), len(b))`` in [0, 1]: exactly 1 where a term meets itself, 0 where no ancestor is common, and
        exactly symmetric where both lists are one. ``graph_ic`` of two terms is 0 too where no ancestor has any
        content. Terms that nobody is annotated with count by the content they were given; only their ancestors matter
        to the others.
    """
    if measure == "wang":
        return _core.wang(graph, WANG_EDGE_WEIGHT, a, b, threads)
    if measure == "graph_ic":
        return _core.graph_ic(graph, ic, a, b, threads)
    if measure == "aic":
        return _core.term_overlap(graph, aggregate_weights(ic), a, b, "dice", threads)
    return _core.term_overlap(graph, np.ones_like(ic), a, b, measure, threads)


def aggregate_weights(ic: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of a term in aggregate information content: ``1 / (1 + exp(-1 / ic))``.

    From 1 where there is no content (the limit) down to a half: what is common to all counts most, and no ancestor less
    than half of that.
    """
    weights = np.ones_like(ic)
    # exp(-1 / ic) is 0 in double precision long before 1 / ic could overflow
    some = ic > 1e-3
    weights[some] = 1.0 / (1.0 + np.exp(-1.0 / ic[some]))
    return weights
