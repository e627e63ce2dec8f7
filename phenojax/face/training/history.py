"""What happened in each step of a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from phenojax._files import written_whole
from phenojax.face.training.evaluation import Validation


class HistoryRow(NamedTuple):
    """One step; row 0 is the encoder before training.

    Attributes:
        step: steps done, from 0.
        epoch: that the step belonged to, from 0.
        loss: of the batch before the update; None in row 0.
        accuracy: share of the batch that was right (`losses.LossValue`); None in row 0.
        gradient_norm: length of the gradient before it was clipped; None in row 0.
        validation_auc: same or different class, of held-out faces; None where it was not measured.
        validation_pairs: pairs behind it.
        validation_top1: nearest class, of held-out faces.
        validation_n: faces behind it.
    """

    step: int
    epoch: int
    loss: float | None = None
    accuracy: float | None = None
    gradient_norm: float | None = None
    validation_auc: float | None = None
    validation_pairs: int | None = None
    validation_top1: float | None = None
    validation_n: int | None = None

    def with_validation(self, value: Validation | None) -> HistoryRow:
        """The row with what was measured after its step."""
        if value is None:
            return self
        return self._replace(
            validation_auc=None if math.isnan(value.auc) else value.auc,
            validation_pairs=value.n_pairs,
            validation_top1=value.top1,
            validation_n=value.n,
        )

    @property
    def validation(self) -> Validation | None:
        """What was measured after the step, if it was."""
        if self.validation_pairs is None or self.validation_top1 is None or self.validation_n is None:
            return None
        value = math.nan if self.validation_auc is None else self.validation_auc
        return Validation(value, self.validation_pairs, self.validation_top1, self.validation_n)


History = tuple[HistoryRow, ...]
Progress = Callable[[HistoryRow, int], None]

_WHOLE = ("step", "epoch", "validation_pairs", "validation_n")
SCHEMA = pa.schema([(name, pa.int64() if name in _WHOLE else pa.float64()) for name in HistoryRow._fields])


def history_table(history: History) -> pa.Table:
    """The history as a table, one row per step."""
    return pa.Table.from_pylist([row._asdict() for row in history], schema=SCHEMA)


def write_history(history: History, path: Path) -> None:
    """Write the history as ``.parquet``, or as tab-separated text under any other name."""
    table = history_table(history)
    with written_whole(path) as temporary:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, temporary)
            return
        lines = ["\t".join(table.column_names)]
        lines += ["\t".join("" if value is None else f"{value:.9g}" for value in row) for row in history]
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
