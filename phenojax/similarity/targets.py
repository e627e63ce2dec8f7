"""What individuals are ranked against: diseases and genes as sets of annotated terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology


class TargetKind(StrEnum):
    """Whose annotations individuals are compared with."""

    DISEASES = "diseases"
    OMIM = "omim"
    ORPHA = "orpha"
    DECIPHER = "decipher"
    GENES = "genes"


@dataclass(frozen=True, eq=False)
class Targets:
    """Diseases or genes that have at least one term, ascending by id.

    Attributes:
        ids: disease ids or gene symbols.
        labels: names of the diseases; of genes the symbol again.
        sets: their most specific terms at or under HP:0000118, one row each.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    sets: Csr


NO_SYMBOL = "-"
"""What the gene file calls each gene that has no symbol."""

_known: WeakKeyDictionary[Ontology, dict[TargetKind, Targets]] = WeakKeyDictionary()


def find_targets(ontology: Ontology, targets: str | Iterable[str]) -> Targets:
    """Collect the terms that the release gives to diseases or genes.

    A disease has the phenotype annotations (aspect P) that do not say NOT, a gene the rows of the gene file; of a term
    and its ancestor only the term stays. What has no term is no target; neither are genes without a symbol.

    Args:
        ontology: a release with annotations.
        targets: a `TargetKind`, or disease ids and gene symbols.

    Raises:
        ConfigError: an unknown kind, no such annotations in the release, or none of the ids has a term.
        OntologyError: the release knows neither a disease nor a gene of a name.
    """
    if not isinstance(targets, str):
        names = list(targets) if isinstance(targets, Iterable) else [targets]
        for name in names:
            if not isinstance(name, str):
                raise ConfigError(
                    f"targets must be one of {', '.join(TargetKind)} or a list of strings, not of {name!r}"
                )
        return _named(ontology, names)
    try:
        kind = TargetKind(targets)
    except ValueError:
        raise ConfigError(
            f"targets must be one of {', '.join(TargetKind)} or a list of disease ids and gene symbols, not {targets!r}"
        ) from None
    known = _known.setdefault(ontology, {})
    if kind not in known:
        found = _collect(ontology, kind)
        if not found.ids:
            raise ConfigError(
                f"targets={kind.value!r} needs annotations that release {ontology.version} ({ontology.source}) does "
                "not hold; load it with annotations= and genes= (--annotations and --genes on the command line)"
            )
        known[kind] = found
    return known[kind]


def _collect(ontology: Ontology, kind: TargetKind) -> Targets:
    if kind is TargetKind.GENES:
        genes = ontology.gene_table
        symbols = ontology.genes()
        kept = ontology.phenotype_mask[genes.term_idx]
        kept &= np.array([symbol != NO_SYMBOL for symbol in symbols], dtype=np.bool_)[genes.gene_idx]
        return _targets(ontology, symbols, symbols, genes.gene_idx[kept], genes.term_idx[kept])
    if kind is not TargetKind.DISEASES:
        prefix = f"{kind.value.upper()}:"
        every = find_targets(ontology, TargetKind.DISEASES)
        return _subset(every, [row for row, name in enumerate(every.ids) if name.startswith(prefix)])
    table = ontology.annotation_table
    kept = ~table.negated & (table.aspect == ord(Aspect.PHENOTYPE)) & ontology.phenotype_mask[table.term_idx]
    ids = ontology.diseases()
    names = [ontology.disease_name(disease) for disease in ids]
    return _targets(ontology, ids, names, table.disease_idx[kept], table.term_idx[kept])


def _targets(
    ontology: Ontology, ids: Sequence[str], labels: Sequence[str], items: NDArray[np.int32], terms: NDArray[np.int32]
) -> Targets:
    """Make sets of (item, term) rows; items without any are left out."""
    pairs = np.unique(items.astype(np.int64) * ontology.n_terms + terms)
    found, found_terms = np.divmod(pairs, ontology.n_terms)
    present, lengths = np.unique(found, return_counts=True)
    sets = Csr(np.concatenate(([0], np.cumsum(lengths))), found_terms.astype(np.int32))
    rows = present.tolist()
    return Targets(tuple(ids[r] for r in rows), tuple(labels[r] for r in rows), ontology.most_specific(sets))


def _named(ontology: Ontology, names: list[str]) -> Targets:
    kinds = [_collect_if_any(ontology, kind) for kind in (TargetKind.DISEASES, TargetKind.GENES)]
    found: dict[str, tuple[Targets, int]] = {}
    for every in kinds:
        rows = {name: row for row, name in enumerate(every.ids)}
        found |= {name: (every, rows[name]) for name in names if name in rows and name not in found}
    for name in names:
        if name not in found:
            ontology.annotations(name)  # names what the release has no such disease or gene of
    if not found:
        raise ConfigError("none of the targets has an annotated phenotype in this release")
    ordered = sorted(found)
    return Targets(
        tuple(ordered),
        tuple(every.labels[row] for every, row in map(found.__getitem__, ordered)),
        csr_from_rows([every.sets.row(row) for every, row in map(found.__getitem__, ordered)]),
    )


def _collect_if_any(ontology: Ontology, kind: TargetKind) -> Targets:
    try:
        return find_targets(ontology, kind)
    except ConfigError:
        return Targets((), (), csr_from_rows([]))


def _subset(targets: Targets, rows: list[int]) -> Targets:
    return Targets(tuple(targets.ids[r] for r in rows), tuple(targets.labels[r] for r in rows), targets.sets.take(rows))
