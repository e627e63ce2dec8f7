"""Who is not compared: individuals that share a publication, a family or a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort import Cohort
from phenojax.errors import ConfigError


class SharedCodes(NamedTuple):
    """What queries and candidates may share, as numbers; -1 for what is not known, which nobody shares.

    Attributes:
        queries: int64 ``(n, c)``, a column for each of the cohort's.
        candidates: int64 ``(m, c)``.
        same: the candidates are the queries: nobody is compared with itself.
    """

    queries: NDArray[np.int64]
    candidates: NDArray[np.int64]
    same: bool

    def compared(self, queries: slice, candidates: slice) -> NDArray[np.bool_]:
        """Which pairs are compared, bool ``(queries, candidates)``."""
        rows, columns = np.arange(queries.start, queries.stop), np.arange(candidates.start, candidates.stop)
        compared = np.ones((len(rows), len(columns)), dtype=np.bool_)
        if self.same:
            compared &= rows[:, None] != columns
        for one, other in zip(self.queries[queries].T, self.candidates[candidates].T, strict=True):
            compared &= (one[:, None] != other) | (one < 0)[:, None]
        return compared

    def compared_pairs(self, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether query ``rows[p]`` and candidate ``columns[p]`` are compared, bool ``(pairs,)``."""
        one, other = self.queries[rows], self.candidates[columns]
        compared: NDArray[np.bool_] = ~((one == other) & (one >= 0)).any(axis=1)
        return compared & (rows != columns) if self.same else compared


def shared_codes(
    cohort: object, other: object, n: int, m: int, exclude_same: str | Sequence[str] | None
) -> SharedCodes:
    """Number what individuals of one or of two cohorts may share.

    Args:
        cohort: whose neighbours are wanted.
        other: who is searched; None for the others of `cohort`.
        n: how many there are in `cohort`.
        m: how many in `other`.
        exclude_same: a column of `Cohort.values`, several, or None.

    Raises:
        ConfigError: columns of what is no `Cohort`, or no names.
        CohortError: no such column.
    """
    names: list[object] = [exclude_same]
    if exclude_same is None or (isinstance(exclude_same, Sequence) and not isinstance(exclude_same, str)):
        names = list(exclude_same or ())
    columns = []
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(
                f"exclude_same must be the name of a column, a list of names or None, not {exclude_same!r}"
            )
        of_queries = _values("cohort", cohort, name)
        of_candidates = of_queries if other is None else _values("other", other, name)
        code: dict[str | None, int] = {None: -1}
        columns.append([[code.setdefault(v, len(code)) for v in of] for of in (of_queries, of_candidates)])
    queries, candidates = (
        np.array([column[side] for column in columns], dtype=np.int64).reshape(len(names), length).T
        for side, length in enumerate((n, m))
    )
    return SharedCodes(queries, candidates, other is None)


def _values(name: str, cohort: object, column: str) -> tuple[str | None, ...]:
    if not isinstance(cohort, Cohort):
        raise ConfigError(f"exclude_same names a column of a Cohort, and {name} is none: give a Cohort or leave it out")
    return cohort.values(column)
