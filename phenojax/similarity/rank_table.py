"""From the best hits of each individual to the table that `rank` gives."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.cohort import Cohort
from phenojax.similarity.hits import RESOLUTION, Hits
from phenojax.similarity.likelihood_matches import CARRIED_TYPE
from phenojax.similarity.matches import MATCH_TYPE
from phenojax.similarity.targets import Targets
from phenojax.similarity.term_sets import TermSets

RANK_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("target", pa.string()),
        ("label", pa.string()),
        ("score", pa.float64()),
        ("rank", pa.float64()),
        ("p_value", pa.float64()),
        ("matched_terms", pa.list_(MATCH_TYPE)),
    ]
)

LIKELIHOOD_SCHEMA = pa.schema(
    [
        *list(RANK_SCHEMA)[:-1],
        ("softmax", pa.float64()),
        ("matched_terms", pa.list_(CARRIED_TYPE)),
    ]
)

_log = logging.getLogger("phenojax")


def rank_table(
    ids: Sequence[str], targets: Targets, hits: Hits, p: NDArray[np.float64] | None, matches: Any
) -> pa.Table:
    """One row a hit, with the columns of `RANK_SCHEMA`; `ids` are the individuals', `p` and `matches` the hits'."""
    return pa.Table.from_arrays([*_common(ids, targets, hits, p), matches], schema=RANK_SCHEMA)


def likelihood_table(
    ids: Sequence[str],
    targets: Targets,
    hits: Hits,
    p: NDArray[np.float64] | None,
    softmax: NDArray[np.float64],
    matches: Any,
) -> pa.Table:
    """One row a hit, with the columns of `LIKELIHOOD_SCHEMA`."""
    return pa.Table.from_arrays([*_common(ids, targets, hits, p), pa.array(softmax), matches], schema=LIKELIHOOD_SCHEMA)


def individual_ids(cohort: TermSets, n: int) -> tuple[str, ...]:
    """The ids of a cohort; positions where only sets were given."""
    return cohort.ids if isinstance(cohort, Cohort) else tuple(map(str, range(n)))


def _common(ids: Sequence[str], targets: Targets, hits: Hits, p: NDArray[np.float64] | None) -> list[Any]:
    column = pa.array(hits.column)
    return [
        pa.array(ids, pa.string()).take(pa.array(hits.row)),
        pa.array(targets.ids).take(column),
        pa.array(targets.labels).take(column),
        pa.array(np.round(hits.key * RESOLUTION, 5)),
        pa.array(hits.rank),
        pa.nulls(len(column), pa.float64()) if p is None else pa.array(p),
    ]


def with_undescribed(table: pa.Table, ids: Sequence[str], hits: Hits, queries: Csr) -> pa.Table:
    """Give individuals without terms a row of their own, in their place."""
    empty = np.flatnonzero(queries.lengths == 0)
    if not len(empty):
        return table
    names = [ids[row] for row in empty.tolist()]
    _log.warning(
        "%d of %d individuals have no term to rank by, such as %s; they have one empty row each",
        len(empty), len(ids), ", ".join(names[:3]),
    )  # fmt: skip
    nulls = [pa.nulls(len(empty), field.type) for field in list(table.schema)[1:]]
    rows = pa.Table.from_arrays([pa.array(names, pa.string()), *nulls], schema=table.schema)
    order = np.argsort(np.concatenate((hits.row, empty)), kind="stable")
    return pa.concat_tables([table, rows]).take(pa.array(order)).combine_chunks()
