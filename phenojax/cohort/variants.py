"""What a variant does to the protein, told from how it is written (HGVS), so that carriers can be divided by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LOSS_OF_FUNCTION, MISSENSE = "loss_of_function", "missense"
# Classes that leave no working copy of the protein, most often. Large deletions take neighbouring genes along.
_LOSES_FUNCTION = frozenset({"frameshift", "nonsense", "splice_canonical", "start_lost"})

# The first that is found, of the protein's name.
_OF_PROTEIN = (
    ("start_lost", re.compile(r"^\(?(?:Met|M)1(?:\?|_|[A-Z]|ext)")),
    ("frameshift", re.compile(r"fs")),
    ("stop_lost", re.compile(r"(?:Ter|\*)\d+\w*?ext|^\(?(?:Ter|\*)\d+")),
    ("inframe_indel", re.compile(r"\d(?:del|dup)|ins")),
    ("nonsense", re.compile(r"\d(?:Ter|\*|X\b)")),
    ("synonymous", re.compile(r"=")),
    ("missense", re.compile(r"^\(?(?:[A-Z][a-z]{2}|[A-Z])\d+(?:[A-Z][a-z]{2}|[A-Z])\)?$")),
)
_IN_INTRON = re.compile(r"\d[+-](\d+)")
_CANONICAL_SPLICE_BASES = 2
_POSITION = re.compile(r"^\(?(?:[A-Z][a-z]{2}|[A-Z*])(\d+)")


class VariantColumns(NamedTuple):
    """What a cohort's columns say of an individual's variants; None where it is not known.

    Attributes:
        variant_class: of the first variant: ``missense``, ``nonsense``, ``frameshift``, ``splice_canonical``,
            ``start_lost``, ``stop_lost``, ``inframe_indel``, ``intronic``, ``synonymous``, ``utr``, ``noncoding``,
            ``other``, or whatever a file calls it.
        variant_effect: ``loss_of_function`` where every variant is a frameshift, nonsense, canonical splice or start-
            loss variant, ``missense`` where every one is that; None for anything else, and for one of each.
        protein_position: number of the residue that the first variant begins at, as text.
    """

    variant_class: str | None
    variant_effect: str | None
    protein_position: str | None


def variant_columns(variants: Sequence[Mapping[str, object]]) -> VariantColumns:
    """Read variants given as ``class``, ``c`` and ``p`` (HGVS with or without a reference), each of them optional."""
    classes = [_text(v.get("class")) or variant_class(_text(v.get("p")), _text(v.get("c"))) for v in variants]
    position = _POSITION.match(_name(_text(variants[0].get("p")), "p")) if variants else None
    return VariantColumns(
        classes[0] if classes else None, variant_effect(classes), None if position is None else position[1]
    )


def variant_effect(classes: Sequence[str | None]) -> str | None:
    """`LOSS_OF_FUNCTION` or `MISSENSE` where all classes of an individual say so, else None."""
    if classes and all(name in _LOSES_FUNCTION for name in classes):
        return LOSS_OF_FUNCTION
    return MISSENSE if classes and all(name == MISSENSE for name in classes) else None


def variant_class(protein: str | None, coding: str | None) -> str | None:
    """Name the class of a variant from its HGVS names; None where neither is given.

    Args:
        protein: such as ``NP_056374.2:p.(Gly870Ser)`` or ``p.G870S``.
        coding: such as ``NM_015559.3:c.2608G>A``; looked at first for what lies in an intron.

    Example:
        >>> variant_class("p.(Arg465Ter)", "c.1393C>T"), variant_class("p.?", "c.12+1G>A")
        ('nonsense', 'splice_canonical')
    """
    of_protein, of_coding = _name(protein, "p"), _name(coding, "c")
    offsets = [int(offset) for offset in _IN_INTRON.findall(of_coding)]
    if offsets and min(offsets) <= _CANONICAL_SPLICE_BASES:
        return "splice_canonical"
    for name, pattern in _OF_PROTEIN:
        if pattern.search(of_protein):
            return name
    if offsets:
        return "intronic"
    if of_coding.startswith(("-", "*")):
        return "utr"
    if coding is not None and ":n." in coding:
        return "noncoding"
    return "other" if of_protein or of_coding else None


def _name(text: str | None, kind: str) -> str:
    """What follows ``p.`` or ``c.``."""
    return "" if text is None else text.rpartition(f"{kind}.")[2].strip()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
