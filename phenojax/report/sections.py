"""The evidence for one gene, a section of the page each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from markupsafe import Markup

from phenojax.explain.face.face_map import FaceMap
from phenojax.report.drawings import roc_curves, score_histogram
from phenojax.report.face_maps import draw_face
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
        row: its strongest row of the table.
        rows: all of its rows, one for each modality, in the order of the modalities.
        terms: by p-value.
        histogram: of the probabilities of `row`; None where there are no predictions, as for `roc`.
        roc: the curves of all modalities.
        curves: modality and AUC of each curve, in the order in which they are drawn.
        groups: where the cases of `row` come from; empty where no group is known.
        nearest: other genes, the most alike first.
        own_similarity: of the gene's publications; None where there is one only.
        face: drawing and map; None where no map was made.
    """

    row: GeneRow
    rows: list[GeneRow]
    terms: list[dict[str, Any]]
    histogram: Markup | None
    roc: Markup | None
    curves: list[tuple[str, float]]
    groups: list[GroupLine]
    nearest: list[Neighbour]
    own_similarity: float | None
    face: tuple[Markup, FaceMap] | None

    @property
    def looks_at_terms(self) -> bool:
        """Some test of this gene did."""
        return any(row.looks_at_terms for row in self.rows)

    @property
    def terms_of_all_others(self) -> bool:
        """The terms were counted among more individuals than the controls of the test."""
        tested = [row.values["n_controls"] for row in self.rows if row.looks_at_terms]
        return bool(self.terms) and self.terms[0]["control_n"] not in tested


def gene_sections(
    result: ScreenResult, rows: list[GeneRow], likeness: Likeness, face_maps: Mapping[str, FaceMap]
) -> list[GeneSection]:
    """Make a section for each gene with a row that has evidence, in the order of `rows`."""
    of_gene: dict[str, list[GeneRow]] = {}
    for row in rows:
        of_gene.setdefault(row.values["gene"], []).append(row)
    shown = {gene: members for gene, members in of_gene.items() if members[0].has_section}
    terms = _terms_by_gene(result.explanations, set(shown))
    anchors = {gene: members[0].anchor for gene, members in shown.items()}
    predictions = Predictions(result.predictions)
    order = [modality.value for modality in Modality]
    sections = []
    for gene, members in shown.items():
        by_modality = sorted(members, key=lambda row: order.index(row.values["modality"]))
        tests = {row.values["modality"]: predictions.of(gene, row.values["modality"]) for row in by_modality}
        drawn = {modality: scored for modality, scored in tests.items() if scored.drawable}
        strongest = drawn.get(members[0].values["modality"])
        sections.append(
            GeneSection(
                row=members[0],
                rows=by_modality,
                terms=terms.get(gene, []),
                histogram=None if strongest is None else score_histogram(strongest.is_case, strongest.probability),
                roc=roc_curves([(scored.is_case, scored.score) for scored in drawn.values()]) if drawn else None,
                curves=[
                    (row.values["modality"], row.values["auc"])
                    for row in by_modality
                    if row.values["modality"] in drawn
                ],
                groups=[] if strongest is None else group_lines(*strongest),
                nearest=[Neighbour(other, value, anchors.get(other, "")) for other, value in likeness.nearest(gene)],
                own_similarity=likeness.own(gene),
                face=(draw_face(gene, face_maps[gene]), face_maps[gene]) if gene in face_maps else None,
            )
        )
    return sections


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
