"""The evidence for one gene, a section of the page each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from markupsafe import Markup

from phenojax.report.drawings import roc_curve, score_histogram
from phenojax.report.face_maps import FaceDrawings, FaceMap
from phenojax.report.genes import GeneRow
from phenojax.report.groups import GroupLine, group_lines
from phenojax.report.likeness import Likeness
from phenojax.report.predictions import Predictions
from phenojax.screen.config import Modality
from phenojax.screen.results import ScreenResult

TOP_TERMS = 8


@dataclass(frozen=True)
class Neighbour:
    """Another gene: how alike the two are, and the fragment of its own section, "" where it has none."""

    gene: str
    similarity: float
    anchor: str


@dataclass(frozen=True)
class GeneSection:
    """The evidence for one gene.

    Attributes:
        row: of the table.
        terms: by p-value.
        histogram: of the probabilities; None where there are no predictions, as for `roc`.
        roc: the curve.
        groups: where the cases come from; empty where no group is known.
        nearest: other genes, the most alike first.
        own_similarity: of the gene's publications; None where there is one only.
        modalities: the rows of the same gene by every modality; empty where there is one.
        face: drawing and map; None where no map was made, or the test did not look at faces.
    """

    row: GeneRow
    terms: list[dict[str, Any]]
    histogram: Markup | None
    roc: Markup | None
    groups: list[GroupLine]
    nearest: list[Neighbour]
    own_similarity: float | None
    modalities: list[GeneRow]
    face: tuple[Markup, FaceMap] | None


def gene_sections(
    result: ScreenResult, rows: list[GeneRow], likeness: Likeness, faces: FaceDrawings
) -> list[GeneSection]:
    """Make a section for each row that has one, in the order of `rows`."""
    shown = [row for row in rows if row.has_section]
    terms = _terms_by_gene(result.explanations, {row.values["gene"] for row in shown})
    predictions = Predictions(result.predictions)
    of_gene: dict[str, list[GeneRow]] = {}
    for row in rows:
        of_gene.setdefault(row.values["gene"], []).append(row)
    anchors = {(row.values["gene"], row.values["modality"]): row.anchor for row in shown}
    sections = []
    for row in shown:
        gene, modality = row.values["gene"], row.values["modality"]
        scored = predictions.of(gene, modality)
        sections.append(
            GeneSection(
                row,
                terms.get(gene, []) if row.looks_at_terms else [],
                score_histogram(scored.is_case, scored.probability) if scored.drawable else None,
                roc_curve(scored.is_case, scored.score) if scored.drawable else None,
                group_lines(*scored) if scored.drawable else [],
                _neighbours(gene, modality, likeness, anchors) if row.looks_at_terms else [],
                likeness.own(gene),
                _in_order(of_gene[gene]) if len(of_gene[gene]) > 1 else [],
                None if modality == Modality.HPO else faces.of(gene),
            )
        )
    return sections


def _neighbours(
    gene: str, modality: str, likeness: Likeness, anchors: Mapping[tuple[str, str], str]
) -> list[Neighbour]:
    return [
        Neighbour(other, similarity, anchors.get((other, modality), "")) for other, similarity in likeness.nearest(gene)
    ]


def _in_order(rows: list[GeneRow]) -> list[GeneRow]:
    order = [modality.value for modality in Modality]
    return sorted(rows, key=lambda row: order.index(row.values["modality"]))


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
