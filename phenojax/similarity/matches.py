"""Who matched whom: the pairs of terms behind a similarity."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_int32, as_thread_count
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._core_calls import HasGraph

MATCH_TYPE = pa.struct([("query", pa.string()), ("target", pa.string()), ("mica", pa.string()), ("ic", pa.float32())])
"""One match: a term of the query, the term of the target that it met, where, and how informative that is (nats)."""


class MatchedTerms(NamedTuple):
    """Matches pair after pair; pair ``p`` has the entries ``offsets[p]:offsets[p + 1]``, one per term of its set of a.

    Attributes:
        offsets: int64 ``(pairs + 1,)``.
        term_a: int32, a term of the set of a.
        term_b: int32, the term of the set of b that it met; -1 when no ancestor is shared.
        mica: int32, their most informative common ancestor; -1 likewise.
        ic: float32, its information content in nats; 0 likewise.
    """

    offsets: NDArray[np.int64]
    term_a: NDArray[np.int32]
    term_b: NDArray[np.int32]
    mica: NDArray[np.int32]
    ic: NDArray[np.float32]


def matched_terms(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr,
    rows_a: ArrayLike,
    rows_b: ArrayLike,
    *,
    threads: int | None = None,
) -> MatchedTerms:
    """Find, for pairs of sets, the best match of each term of the one in the other, by Resnik's similarity.

    The mean of ``ic`` over the entries of a pair is its ``a_to_b`` similarity. Equally informative common ancestors:
    the last one in topological order, so never one above another. Several terms of b at or below it: the ancestor
    itself if it is one of them, and else the smallest term_idx.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: sets of term_idx.
        b: sets of term_idx.
        rows_a: for each pair the row of `a`.
        rows_b: for each pair the row of `b`.
        threads: None for all processors; changes nothing.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    sets_a, sets_b = as_csr("a", a, graph.n_terms), as_csr("b", b, graph.n_terms)
    of_a = as_int32("rows_a", rows_a, (None,), minimum=0, limit=max(sets_a.n_rows, 1)).astype(np.int64)
    of_b = as_int32("rows_b", rows_b, (None,), minimum=0, limit=max(sets_b.n_rows, 1)).astype(np.int64)
    try:
        return MatchedTerms(*_core.matched_terms(graph, ic, *sets_a, *sets_b, of_a, of_b, as_thread_count(threads)))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def matches_column(ontology: Ontology, found: MatchedTerms) -> Any:
    """Make an Arrow list of `MATCH_TYPE` per pair, the most informative first; what says nothing is left out."""
    n_pairs = len(found.offsets) - 1
    pair = np.repeat(np.arange(n_pairs), np.diff(found.offsets))
    kept = np.flatnonzero(found.ic > 0)
    kept = kept[np.lexsort((found.term_a[kept], -found.ic[kept], pair[kept]))]
    offsets = np.concatenate(([0], np.cumsum(np.bincount(pair[kept], minlength=n_pairs))))
    if offsets[-1] > np.iinfo(np.int32).max:
        raise ConfigError(f"{offsets[-1]:,} matched terms do not fit into one table; rank fewer individuals at a time")
    ids = pa.array(ontology.term_ids)
    fields = [ids.take(pa.array(terms[kept])) for terms in (found.term_a, found.term_b, found.mica)]
    matches = pa.StructArray.from_arrays([*fields, pa.array(found.ic[kept])], fields=list(MATCH_TYPE))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), matches)


def matches_text(matches: list[dict[str, Any]] | None) -> str:
    """Write matches for a cell of a table: ``query~target@ancestor:nats``, separated by ``;``.

    Example:
        >>> matches_text([{"query": "HP:0007359", "target": "HP:0001250", "mica": "HP:0001250", "ic": 1.5}])
        'HP:0007359~HP:0001250@HP:0001250:1.50'
    """
    return ";".join(f"{m['query']}~{m['target']}@{m['mica']}:{m['ic']:.2f}" for m in matches or ())
