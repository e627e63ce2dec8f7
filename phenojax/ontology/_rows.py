"""Diseases, genes and their annotation rows: the half of a release that is not the graph."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phenojax import _core
from phenojax.errors import OntologyError
from phenojax.ontology.annotations import Annotation, AnnotationTable, Aspect, GeneTable, SexLimit
from phenojax.ontology.search import near, spelled

_SEX = (None, SexLimit.MALE, SexLimit.FEMALE)


@dataclass(frozen=True, eq=False)
class AnnotationRows:
    """The annotation tables of one release, and what finds a disease's or a gene's rows in them."""

    release: _core.Release
    term_ids: tuple[str, ...]
    version: str

    @cached_property
    def disease_ids(self) -> tuple[str, ...]:
        return tuple(self.release.disease_ids())

    @cached_property
    def disease_names(self) -> tuple[str, ...]:
        return tuple(self.release.disease_names())

    @cached_property
    def gene_symbols(self) -> tuple[str, ...]:
        return tuple(self.release.gene_symbols())

    @cached_property
    def references(self) -> tuple[str, ...]:
        return tuple(self.release.references())

    @cached_property
    def evidence_codes(self) -> tuple[str, ...]:
        return tuple(self.release.evidence_codes())

    @cached_property
    def annotation_table(self) -> AnnotationTable:
        release = self.release
        offsets, indices = release.row_references
        return AnnotationTable(
            disease_idx=release.row_disease,
            term_idx=release.row_term,
            negated=release.row_negated.view(np.bool_),
            reference_offsets=offsets,
            reference_indices=indices,
            evidence_idx=release.row_evidence,
            onset_idx=release.row_onset,
            frequency=release.row_frequency,
            frequency_numerator=release.row_numerator,
            frequency_denominator=release.row_denominator,
            sex=release.row_sex,
            aspect=release.row_aspect,
        )

    @cached_property
    def gene_table(self) -> GeneTable:
        release = self.release
        return GeneTable(
            release.gene_row_gene,
            release.gene_row_term,
            release.gene_row_disease,
            release.gene_ncbi_ids,
            release.gene_row_ncbi_id,
        )

    def disease(self, disease_id: str) -> int:
        index = self._disease_index.get(disease_id)
        if index is None:
            raise self._unknown("disease", disease_id)
        return index

    def annotations(self, disease_or_gene: str) -> tuple[Annotation, ...]:
        disease = self._disease_index.get(disease_or_gene)
        if disease is not None:
            return tuple(self._annotation(row) for row in self._disease_rows.of(disease))
        gene = self._gene_index.get(disease_or_gene)
        if gene is not None:
            return tuple(self._of_gene(gene))
        raise self._unknown("disease or gene", disease_or_gene)

    def _of_gene(self, gene: int) -> Iterator[Annotation]:
        diseases = self.gene_table.disease_idx
        terms = self.gene_table.term_idx
        for gene_row in self._gene_rows.of(gene):
            disease, term = int(diseases[gene_row]), int(terms[gene_row])
            rows = [row for row in self._disease_rows.of(disease) if self._asserts(row, term)] if disease >= 0 else []
            if rows:
                yield from map(self._annotation, rows)
            else:
                yield Annotation(self.disease_ids[disease] if disease >= 0 else None, self.term_ids[term])

    def _asserts(self, row: int, term: int) -> bool:
        table = self.annotation_table
        return bool(table.term_idx[row] == term and not table.negated[row])

    def _annotation(self, row: int) -> Annotation:
        table = self.annotation_table
        cited = table.reference_indices[table.reference_offsets[row] : table.reference_offsets[row + 1]]
        frequency = float(table.frequency[row])
        denominator = int(table.frequency_denominator[row])
        onset = int(table.onset_idx[row])
        return Annotation(
            disease_id=self.disease_ids[table.disease_idx[row]],
            term_id=self.term_ids[table.term_idx[row]],
            negated=bool(table.negated[row]),
            references=tuple(self.references[reference] for reference in cited.tolist()),
            evidence=self.evidence_codes[table.evidence_idx[row]] or None,
            frequency=None if math.isnan(frequency) else frequency,
            numerator=int(table.frequency_numerator[row]) if denominator >= 0 else None,
            denominator=denominator if denominator >= 0 else None,
            onset=self.term_ids[onset] if onset >= 0 else None,
            sex=_SEX[table.sex[row]],
            aspect=Aspect(chr(table.aspect[row])),
        )

    def _unknown(self, what: str, name: str) -> OntologyError:
        if not self.disease_ids and not self.gene_symbols:
            hint = "; it was loaded without annotation files"
        else:
            matches = near(name, [*self.disease_ids, *self.gene_symbols] if "gene" in what else self.disease_ids, 3)
            hint = f"; did you mean {spelled(matches)}?" if matches else ""
        return OntologyError(f"release {self.version} has no {what} {name!r}{hint}")

    @cached_property
    def _disease_index(self) -> dict[str, int]:
        return {disease: i for i, disease in enumerate(self.disease_ids)}

    @cached_property
    def _gene_index(self) -> dict[str, int]:
        return {gene: i for i, gene in enumerate(self.gene_symbols)}

    @cached_property
    def _disease_rows(self) -> _RowsByKey:
        return _RowsByKey.of_keys(self.annotation_table.disease_idx, len(self.disease_ids))

    @cached_property
    def _gene_rows(self) -> _RowsByKey:
        return _RowsByKey.of_keys(self.gene_table.gene_idx, len(self.gene_symbols))


@dataclass(frozen=True, eq=False)
class _RowsByKey:
    """Rows of a table grouped by an integer key, in the order of the table."""

    order: NDArray[np.intp]
    bounds: NDArray[np.intp]

    @classmethod
    def of_keys(cls, keys: NDArray[np.int32], n_keys: int) -> _RowsByKey:
        order = np.argsort(keys, kind="stable")
        return cls(order, np.searchsorted(keys[order], np.arange(n_keys + 1)))

    def of(self, key: int) -> list[int]:
        rows: list[int] = self.order[self.bounds[key] : self.bounds[key + 1]].tolist()
        return rows
