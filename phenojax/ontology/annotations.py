"""What the release says of diseases and genes: rows of arrays for computing, `Annotation` objects for reading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Aspect(StrEnum):
    """Which branch of the ontology an annotation is about."""

    PHENOTYPE = "P"
    INHERITANCE = "I"
    CLINICAL_COURSE = "C"
    MODIFIER = "M"
    PAST_MEDICAL_HISTORY = "H"


class SexLimit(StrEnum):
    """The only sex that an annotation holds for."""

    MALE = "male"
    FEMALE = "female"


class AnnotationTable(NamedTuple):
    """One entry per kept row of phenotype.hpoa, in the order of the file, all aspects; arrays are read-only.

    Attributes:
        disease_idx: int32, position in `Ontology.diseases()`.
        term_idx: int32, the current term (alternate and replaced ids are mapped).
        negated: bool, the row says that the disease does *not* have the term.
        reference_offsets: int64 ``(rows + 1,)``; row ``r`` cites ``reference_indices[offsets[r]:offsets[r + 1]]``.
        reference_indices: int32, positions in `Ontology.references`.
        evidence_idx: uint8, position in `Ontology.evidence_codes`.
        onset_idx: int32 term_idx of the age of onset, -1 when not given.
        frequency: float32 in [0, 1]; NaN when not given or not usable (``0/0``). A frequency class stands for the
            middle of its range: very frequent .895, frequent .545, occasional .17, very rare .025.
        frequency_numerator: int32, the 3 of ``3/7``; -1 when the frequency is not given so.
        frequency_denominator: int32, the 7 of ``3/7``; -1 likewise.
        sex: uint8, 0 both, 1 male only, 2 female only.
        aspect: uint8, ``ord`` of an `Aspect`.
    """

    disease_idx: NDArray[np.int32]
    term_idx: NDArray[np.int32]
    negated: NDArray[np.bool_]
    reference_offsets: NDArray[np.int64]
    reference_indices: NDArray[np.int32]
    evidence_idx: NDArray[np.uint8]
    onset_idx: NDArray[np.int32]
    frequency: NDArray[np.float32]
    frequency_numerator: NDArray[np.int32]
    frequency_denominator: NDArray[np.int32]
    sex: NDArray[np.uint8]
    aspect: NDArray[np.uint8]


class GeneTable(NamedTuple):
    """One entry per kept row of genes_to_phenotype.txt, in the order of the file; arrays are read-only.

    Attributes:
        gene_idx: int32, position in `Ontology.genes()`.
        term_idx: int32, the current term.
        disease_idx: int32, position in `Ontology.diseases()`; -1 when not given.
        ncbi_id: int64, one per *gene*: its NCBI id, -1 for a symbol that stands for several (the release's ``-``).
        row_ncbi_id: int64, one per row: the NCBI id of its gene, which tells apart those that share a symbol.
    """

    gene_idx: NDArray[np.int32]
    term_idx: NDArray[np.int32]
    disease_idx: NDArray[np.int32]
    ncbi_id: NDArray[np.int64]
    row_ncbi_id: NDArray[np.int64]


class ReadCounts(NamedTuple):
    """What happened to the rows of the annotation files; nothing is left out without being counted here.

    Attributes:
        annotation_rows: rows read from phenotype.hpoa.
        annotation_remapped: of them, those whose id is alternate or replaced, now on the current term.
        annotation_unknown: of them, those left out: the id is obsolete without a replacement or not in the release.
        gene_rows: rows read from genes_to_phenotype.txt.
        gene_remapped: as for annotations.
        gene_unknown: as for annotations.
        onset_unknown: rows whose onset was left empty for the same reason.
        frequency_unusable: rows such as ``0/0`` or ``112/16``: kept as written, with NaN as the fraction.
    """

    annotation_rows: int
    annotation_remapped: int
    annotation_unknown: int
    gene_rows: int
    gene_remapped: int
    gene_unknown: int
    onset_unknown: int
    frequency_unusable: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """One statement of the release: this disease has (or has not) this term.

    Attributes:
        disease_id: such as ``OMIM:619340``; None in a gene's row that names no disease.
        term_id: the current term.
        negated: the disease does not have it.
        references: what the row cites, such as ``PMID:31675180``.
        evidence: the code, such as ``PCS`` (published clinical study); None when not known.
        frequency: fraction of the patients, in [0, 1]; None when not known.
        numerator: the 3 of ``3/7``; None when the frequency is not given so.
        denominator: the 7 of ``3/7``; None likewise.
        onset: term id of the age of onset.
        sex: the only sex it holds for; None for both.
        aspect: the branch; None when not known.
    """

    disease_id: str | None
    term_id: str
    negated: bool = False
    references: tuple[str, ...] = ()
    evidence: str | None = None
    frequency: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    onset: str | None = None
    sex: SexLimit | None = None
    aspect: Aspect | None = None
