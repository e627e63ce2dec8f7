"""What the page says of each gene: one row of the table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from phenojax.report.drawings import interval_bar
from phenojax.screen.config import Modality
from phenojax.screen.gene import FLOOR_NOTE, SINGLE_GROUP_NOTE
from phenojax.screen.results import ScreenResult, Status

ALPHA = 0.05
# What the page says another way: the column p by a sign, the status by its own name.
_SAID_ELSEWHERE = {FLOOR_NOTE, SINGLE_GROUP_NOTE.split("; ")[1]}
STATUS_WORDS = {
    Status.OK: "tested",
    Status.SINGLE_GROUP: "single group",
    Status.TOO_FEW_CASES: "too few cases",
    Status.FAILED: "failed",
}


@dataclass(frozen=True)
class GeneRow:
    """One row of the result with what the page needs beside it.

    Attributes:
        number: of the row in the result.
        anchor: the fragment of the gene's section, the same for all of its rows; no name, which may hold anything.
        values: the columns of the result.
        status_words: the status as a reader wants it.
        significant: q at or below `ALPHA`.
        caution: a small p, but no q, since all cases (or controls) come from one group.
        at_floor: the p-value is the smallest that the design can give.
        bar: the AUC and its interval; None when not tested.
        note: the result's note, but for what the table already shows in another column.
        has_face_map: of its gene; somebody asked for it.
    """

    number: int
    anchor: str
    values: dict[str, Any]
    status_words: str
    significant: bool
    caution: bool
    at_floor: bool
    bar: Markup | None
    note: str
    has_face_map: bool = False

    @property
    def tested(self) -> bool:
        """An AUC was computed."""
        return self.values["auc"] is not None

    @property
    def corrected(self) -> bool:
        """It is one of the tests that the false discovery rate is about."""
        return self.values["q_value"] is not None

    @property
    def has_section(self) -> bool:
        """There is evidence to show."""
        return self.significant or self.caution or self.has_face_map

    @property
    def looks_at_terms(self) -> bool:
        """The test looked at HPO terms, alone or beside faces."""
        return bool(self.values["modality"] != Modality.FACE)

    @property
    def single_group(self) -> bool:
        """All cases come from one group, so that a trait of the group may pass for one of the gene."""
        return bool(self.values["status"] == Status.SINGLE_GROUP)


def gene_rows(result: ScreenResult, with_face_map: Collection[str] = ()) -> list[GeneRow]:
    """Every row of the result, the strongest evidence first, those that were not tested last.

    Args:
        result: of the screen.
        with_face_map: the genes that have a map of the face, which is shown whatever their q.
    """
    found = result.table.to_pylist()
    of_gene = {gene: f"gene-{k}" for k, gene in enumerate(dict.fromkeys(values["gene"] for values in found), 1)}
    rows = [
        _gene_row(number, of_gene[values["gene"]], values, values["gene"] in with_face_map)
        for number, values in enumerate(found)
    ]
    return sorted(rows, key=_strength)


def _gene_row(number: int, anchor: str, values: dict[str, Any], has_face_map: bool) -> GeneRow:
    q_value, p_value, min_p, auc = (values[name] for name in ("q_value", "p_value", "min_p", "auc"))
    parts = (values["note"] or "").split("; ")
    return GeneRow(
        number=number,
        anchor=anchor,
        values=values,
        status_words=STATUS_WORDS.get(values["status"], values["status"]),
        significant=q_value is not None and q_value <= ALPHA,
        caution=q_value is None and p_value is not None and p_value <= ALPHA,
        at_floor=p_value is not None and min_p is not None and p_value <= min_p * (1 + 1e-9),
        bar=None if auc is None else interval_bar(auc, values["auc_low"], values["auc_high"]),
        note="; ".join(part for part in parts if part not in _SAID_ELSEWHERE),
        has_face_map=has_face_map,
    )


def _strength(row: GeneRow) -> tuple[float, float, int]:
    """Sort by q, then those without one by p; among equals, and permutations make many, by what is clearer, larger."""
    q_value, p_value, auc = (row.values[name] for name in ("q_value", "p_value", "auc"))
    without_q = 4.0 if p_value is None else 2.0 + p_value
    return (without_q if q_value is None else q_value, -(auc or 0.0), -(row.values["n_cases"] or 0))
