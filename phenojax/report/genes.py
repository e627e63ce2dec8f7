"""What the page says of each gene: one row of the table, and for those with evidence a section of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup
from numpy.typing import NDArray

from phenojax.report.drawings import interval_bar, roc_curve, score_histogram
from phenojax.screen.config import Modality
from phenojax.screen.gene import FLOOR_NOTE
from phenojax.screen.results import ScreenResult, Status

ALPHA = 0.05
TOP_TERMS = 8
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
        anchor: the fragment of the gene's section; made of a number, since a gene may hold any character.
        values: the columns of the result.
        status_words: the status as a reader wants it.
        significant: q at or below `ALPHA`.
        caution: a small p, but no q, since all cases (or controls) come from one group.
        at_floor: the p-value is the smallest that the design can give.
        bar: the AUC and its interval; None when not tested.
        note: the result's note, but for what the table already shows in another column.
    """

    anchor: str
    values: dict[str, Any]
    status_words: str
    significant: bool
    caution: bool
    at_floor: bool
    bar: Markup | None
    note: str

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
        return self.significant or self.caution

    @property
    def looks_at_terms(self) -> bool:
        """The test looked at HPO terms, alone or beside faces."""
        return bool(self.values["modality"] != Modality.FACE)

    @property
    def single_group(self) -> bool:
        """All cases come from one group, so that a trait of the group may pass for one of the gene."""
        return bool(self.values["status"] == Status.SINGLE_GROUP)


@dataclass(frozen=True)
class GeneSection:
    """The evidence for one gene: terms by p-value, and pictures where there are predictions."""

    row: GeneRow
    terms: list[dict[str, Any]]
    histogram: Markup | None
    roc: Markup | None


def gene_rows(result: ScreenResult) -> list[GeneRow]:
    """Every row of the result, the strongest evidence first, those that were not tested last."""
    rows = [_gene_row(number, values) for number, values in enumerate(result.table.to_pylist())]
    return sorted(rows, key=_strength)


def gene_sections(result: ScreenResult, rows: list[GeneRow]) -> list[GeneSection]:
    """Make a section for each row that has one, in the order of `rows`."""
    shown = [row for row in rows if row.has_section]
    terms = _terms_by_gene(result.explanations, {row.values["gene"] for row in shown})
    predictions = _Predictions(result.predictions)
    sections = []
    for row in shown:
        is_case, score, probability = predictions.of(row.values["gene"], row.values["modality"])
        drawable = bool(is_case.any()) and not bool(is_case.all())
        sections.append(
            GeneSection(
                row,
                terms.get(row.values["gene"], []) if row.looks_at_terms else [],
                score_histogram(is_case, probability) if drawable else None,
                roc_curve(is_case, score) if drawable else None,
            )
        )
    return sections


def _gene_row(number: int, values: dict[str, Any]) -> GeneRow:
    q_value, p_value, min_p, auc = (values[name] for name in ("q_value", "p_value", "min_p", "auc"))
    parts = (values["note"] or "").split("; ")
    return GeneRow(
        anchor=f"gene-{number + 1}",
        values=values,
        status_words=STATUS_WORDS.get(values["status"], values["status"]),
        significant=q_value is not None and q_value <= ALPHA,
        caution=q_value is None and p_value is not None and p_value <= ALPHA,
        at_floor=p_value is not None and min_p is not None and p_value <= min_p * (1 + 1e-9),
        bar=None if auc is None else interval_bar(auc, values["auc_low"], values["auc_high"]),
        # the column p says it with a sign
        note="; ".join(part for part in parts if part != FLOOR_NOTE),
    )


def _strength(row: GeneRow) -> tuple[float, float, int]:
    """Sort by q, then those without one by p; among equals, and permutations make many, by what is clearer, larger."""
    q_value, p_value, auc = (row.values[name] for name in ("q_value", "p_value", "auc"))
    without_q = 4.0 if p_value is None else 2.0 + p_value
    return (without_q if q_value is None else q_value, -(auc or 0.0), -(row.values["n_cases"] or 0))


def _terms_by_gene(explanations: pa.Table, wanted: set[str]) -> dict[str, list[dict[str, Any]]]:
    by_gene: dict[str, list[dict[str, Any]]] = {}
    for term in explanations.to_pylist():
        if term["gene"] in wanted:
            by_gene.setdefault(term["gene"], []).append(term)
    return {gene: list(_top(terms)) for gene, terms in by_gene.items()}


def _top(terms: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    def key(term: dict[str, Any]) -> tuple[float, float]:
        p_value = term["p_value"]
        return (2.0 if p_value is None else p_value, -abs(_gap(term)))

    yield from sorted(terms, key=key)[:TOP_TERMS]


def _gap(term: dict[str, Any]) -> float:
    return (term["case_prevalence"] or 0.0) - (term["control_prevalence"] or 0.0)


class _Predictions:
    """The predictions sorted once by gene and modality, so that each gene costs only its own rows."""

    def __init__(self, table: pa.Table) -> None:
        score = pc.coalesce(table["score"], table["probability"])  # what the AUC ranks by, where it was kept
        usable = table.select(["gene", "modality", "is_case", "probability"]).append_column("score", score).drop_null()
        self._is_case: NDArray[np.bool_] = usable["is_case"].to_numpy().astype(bool)
        self._score: NDArray[np.float64] = usable["score"].to_numpy().astype(np.float64)
        self._probability: NDArray[np.float64] = usable["probability"].to_numpy().astype(np.float64)
        codes: list[NDArray[np.int64]] = []
        self._code_of: list[dict[str, int]] = []
        for name in ("gene", "modality"):
            encoded = usable[name].combine_chunks().dictionary_encode()
            if isinstance(encoded, pa.ChunkedArray):
                encoded = encoded.unify_dictionaries().combine_chunks()
            codes.append(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64))
            self._code_of.append({value: code for code, value in enumerate(encoded.dictionary.to_pylist())})
        key = codes[0] * max(1, len(self._code_of[1])) + codes[1]
        self._order = np.argsort(key, kind="stable")
        self._key = key[self._order]

    def of(self, gene: str, modality: str) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Who was a case, and the out-of-fold score and probability of each."""
        codes = [code_of.get(value) for code_of, value in zip(self._code_of, (gene, modality), strict=True)]
        if codes[0] is None or codes[1] is None:
            return self._is_case[:0], self._score[:0], self._probability[:0]
        key = codes[0] * max(1, len(self._code_of[1])) + codes[1]
        first, last = np.searchsorted(self._key, [key, key + 1])
        rows = self._order[first:last]
        return self._is_case[rows], self._score[rows], self._probability[rows]
