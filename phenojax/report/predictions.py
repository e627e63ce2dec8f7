"""The predictions of a result by gene and modality."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


class Scored(NamedTuple):
    """The individuals of one test who have a score; all ``(n,)``.

    Attributes:
        is_case: bool.
        score: float64, what the AUC ranks by.
        probability: float64 in [0, 1].
        group: names, None where it is not known.
    """

    is_case: NDArray[np.bool_]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    group: NDArray[np.object_]

    @property
    def drawable(self) -> bool:
        """There are cases and controls."""
        return bool(self.is_case.any()) and not bool(self.is_case.all())


class Predictions:
    """The table sorted once, so that each gene costs only its own rows."""

    def __init__(self, table: pa.Table) -> None:
        score = pc.coalesce(table["score"], table["probability"])  # where no score was kept
        columns = table.select(["gene", "modality", "is_case", "probability", "group"]).append_column("score", score)
        known = [pc.is_valid(columns[name]) for name in ("is_case", "probability", "score")]
        usable = columns.filter(pc.and_(pc.and_(known[0], known[1]), known[2]))
        codes: list[NDArray[np.int64]] = []
        self._code_of: list[dict[str, int]] = []
        for name in ("gene", "modality"):
            encoded = usable[name].combine_chunks().dictionary_encode()
            if isinstance(encoded, pa.ChunkedArray):
                encoded = encoded.unify_dictionaries().combine_chunks()
            codes.append(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64))
            self._code_of.append({value: code for code, value in enumerate(encoded.dictionary.to_pylist())})
        key = codes[0] * max(1, len(self._code_of[1])) + codes[1]
        order = np.argsort(key, kind="stable")
        self._key = key[order]
        self._all = Scored(
            usable["is_case"].to_numpy().astype(bool)[order],
            usable["score"].to_numpy().astype(np.float64)[order],
            usable["probability"].to_numpy().astype(np.float64)[order],
            np.array(usable["group"].to_pylist(), dtype=object)[order],
        )

    def of(self, gene: str, modality: str) -> Scored:
        """Who was a case, and the out-of-fold score, probability and group of each."""
        codes = [code_of.get(value) for code_of, value in zip(self._code_of, (gene, modality), strict=True)]
        first = last = 0
        if codes[0] is not None and codes[1] is not None:
            key = codes[0] * max(1, len(self._code_of[1])) + codes[1]
            first, last = np.searchsorted(self._key, [key, key + 1])
        rows, everyone = slice(first, last), self._all
        return Scored(everyone.is_case[rows], everyone.score[rows], everyone.probability[rows], everyone.group[rows])
