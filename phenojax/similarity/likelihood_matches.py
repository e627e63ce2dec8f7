"""Which terms carried a likelihood ratio."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from phenojax._csr import Csr
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity.likelihood import Gains

CARRIED_TYPE = pa.struct(
    [("query", pa.string()), ("met", pa.string()), ("frequency", pa.float32()), ("contribution", pa.float32())]
)
"""One term of an individual: where the target's frequency was read, that frequency, and what it added (nats)."""


class Carried(NamedTuple):
    """The terms of each hit, hit after hit, the largest contribution first.

    Attributes:
        sizes: int64 ``(hits,)``, how many terms the individual of each hit has.
        term: int32, a term of the individual.
        met: int32, itself or the ancestor at which the target's frequency was read; -1 for none.
        frequency: float32, the frequency there; 0 for none.
        nats: float32, what the term added to the score, its share of the target's length taken off.
    """

    sizes: NDArray[np.int64]
    term: NDArray[np.int32]
    met: NDArray[np.int32]
    frequency: NDArray[np.float32]
    nats: NDArray[np.float32]


def carried_terms(
    sets: Csr,
    column: NDArray[np.integer],
    gains: Gains,
    frequencies: sparse.csr_matrix,
    rows: NDArray[np.int64],
    diseases: NDArray[np.int64],
) -> Carried:
    """Look up the gains of the hits.

    Args:
        sets: the individuals' terms.
        column: for each entry of ``sets.indices`` its row in `gains`.
        gains: of the terms, against all targets.
        frequencies: ``(targets, n_terms)``.
        rows: of each hit the individual, a row of `sets`.
        diseases: of each hit the disease, a row of `frequencies`.
    """
    entries = Csr(sets.offsets, np.arange(len(sets.indices), dtype=np.int32)).take(rows)
    sizes = entries.lengths
    target = np.repeat(diseases, sizes)
    row = column[entries.indices]
    nats, met = gains.nats[row, target], gains.met[row, target]
    order = np.lexsort((-nats, np.repeat(np.arange(len(sizes)), sizes)))
    term, met, target = sets.indices[entries.indices][order], met[order], target[order]
    frequency = np.zeros(len(met), dtype=np.float32)
    some = met >= 0
    if some.any():
        frequency[some] = np.asarray(frequencies[target[some], met[some]]).ravel()
    return Carried(sizes, term, met, frequency, nats[order])


def carried_column(ontology: Ontology, carried: Carried) -> Any:
    """Make an Arrow list of `CARRIED_TYPE` per hit; `met` and `frequency` are null where nothing was met.

    Raises:
        ConfigError: more terms than one table holds.
    """
    offsets = np.concatenate(([0], np.cumsum(carried.sizes)))
    if offsets[-1] > np.iinfo(np.int32).max:
        raise ConfigError(f"{offsets[-1]:,} matched terms do not fit into one table; rank fewer individuals at a time")
    ids = pa.array(ontology.term_ids, pa.string())
    nowhere = carried.met < 0
    fields = [
        ids.take(pa.array(carried.term)),
        ids.take(pa.array(carried.met, mask=nowhere)),
        pa.array(carried.frequency, mask=nowhere),
        pa.array(carried.nats),
    ]
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(fields, fields=list(CARRIED_TYPE))
    )


def carried_text(matches: list[dict[str, Any]] | None) -> str:
    """Write terms for a cell of a table: ``query@met:nats``, separated by ``;``, nothing for `met` where there is none.

    Example:
        >>> carried_text([{"query": "HP:0007359", "met": "HP:0001250", "frequency": 0.5, "contribution": 1.5}])
        'HP:0007359@HP:0001250:1.50'
    """
    return ";".join(f"{m['query']}@{m['met'] or ''}:{m['contribution']:.2f}" for m in matches or ())
