"""Lists of term indices, one per row, in the compressed-sparse-row layout that the compiled core reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Csr(NamedTuple):
    """Row ``r`` is ``indices[offsets[r]:offsets[r + 1]]``.

    Attributes:
        offsets: int64 ``(rows + 1,)``, starting at 0 and never decreasing.
        indices: int32 ``(total,)``.
    """

    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]

    @property
    def n_rows(self) -> int:
        """How many lists there are."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 ``(rows,)``: the length of each list."""
        return np.diff(self.offsets)

    def row(self, r: int) -> NDArray[np.int32]:
        """The list at row ``r``, a view."""
        return self.indices[self.offsets[r] : self.offsets[r + 1]]

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> Csr:
        """The lists at ``rows``, in that order."""
        wanted = np.asarray(rows, dtype=np.int64)
        offsets = np.zeros(len(wanted) + 1, dtype=np.int64)
        np.cumsum(self.lengths[wanted], out=offsets[1:])
        shift = np.repeat(self.offsets[wanted] - offsets[:-1], np.diff(offsets))
        return Csr(offsets, self.indices[np.arange(offsets[-1]) + shift])


def csr_from_rows(rows: Iterable[Iterable[int] | NDArray[np.int32]]) -> Csr:
    """Pack lists of indices; the order inside each is kept."""
    arrays = [np.asarray(row if isinstance(row, np.ndarray) else list(row), dtype=np.int32) for row in rows]
    offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
    np.cumsum([len(a) for a in arrays], out=offsets[1:])
    indices = np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int32)
    return Csr(offsets, indices)
