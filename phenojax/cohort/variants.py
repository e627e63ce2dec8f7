"""What a variant does to the protein, told from how it is written (HGVS), so that carriers can be divided by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LOSS_OF_FUNCTION, MISSENSE = "loss_of_function", "missense"
# Classes that leave no working copy of the protein, most often. Large deletions take neighbouring genes along.
_LOSES_FUNCTION = frozenset({"frameshift", "nonsense", "splice_canonical", "start_lost"})

_RESIDUE = r"(?:[A-Z][a-z]{2}|[A-Z])"
# The first that is found, of the protein's name.
_OF_PROTEIN = (
    ("synonymous", re.compile(r"^\(?([A-Z][a-z]{2}|[A-Z*])\d+(?:\1|=)\)?$")),
    ("start_lost", re.compile(r"^\(?(?:Met|M)1(?:\?|_|[A-Z]|ext|del)")),
    ("frameshift", re.compile(r"fs|(?:\d|[A-Z][a-z]{2})FS")),
    ("stop_lost", re.compile(r"(?:Ter|\*)\d+\w*?ext|^\(?(?:Ter|\*|X)\d+")),
    ("nonsense", re.compile(r"(?i:ins)[A-Za-z]*(?:Ter|\*)")),
    ("inframe_indel", re.compile(r"(?i:\d(?:del|dup)|ins)")),
    ("nonsense", re.compile(r"\d(?:Ter|\*|X\b)")),
    ("missense", re.compile(rf"^\(?{_RESIDUE}\d+{_RESIDUE}\)?$")),
)
_RESIDUES = "ala arg asn asp cys gln glu gly his ile leu lys met phe pro ser thr trp tyr val sec pyl ter xaa"
_ANY_CASE = re.compile(_RESIDUES.replace(" ", "|"), re.IGNORECASE)
_IN_INTRON = re.compile(r"\d[+-](\d+)")
_UNCERTAIN_END = re.compile(r"\([^)]*_[^)]*\)")
_IN_START_CODON = re.compile(r"^[123][ACGT]>")
_UNKNOWN_PROTEIN = re.compile(r"^\(?[0?]?\??\)?$")
_CANONICAL_SPLICE_BASES = 2
_POSITION = re.compile(r"^\(?(?:[A-Z][a-z]{2}|[A-Z*])(\d+)")

# Names of the Sequence Ontology, which annotators such as VEP write.
_OF_SEQUENCE_ONTOLOGY = {
    "stop_gained": "nonsense",
    "missense_variant": "missense",
    "frameshift_variant": "frameshift",
    "frameshift_elongation": "frameshift",
    "frameshift_truncation": "frameshift",
    "splice_donor_variant": "splice_canonical",
    "splice_acceptor_variant": "splice_canonical",
    "initiator_codon_variant": "start_lost",
    "synonymous_variant": "synonymous",
    "stop_retained_variant": "synonymous",
    "inframe_insertion": "inframe_indel",
    "inframe_deletion": "inframe_indel",
    "conservative_inframe_insertion": "inframe_indel",
    "conservative_inframe_deletion": "inframe_indel",
    "disruptive_inframe_insertion": "inframe_indel",
    "disruptive_inframe_deletion": "inframe_indel",
    "intron_variant": "intronic",
    "5_prime_utr_variant": "utr",
    "3_prime_utr_variant": "utr",
    "non_coding_transcript_exon_variant": "noncoding",
    "non_coding_transcript_variant": "noncoding",
    "splice_region_variant": "other",
    "coding_sequence_variant": "other",
    "protein_altering_variant": "other",
    "sequence_variant": "other",
}
_CLASSES = frozenset(_OF_SEQUENCE_ONTOLOGY.values()) | {"stop_lost"}


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
    """Read variants given as ``class``, ``c`` and ``p`` (HGVS with or without a reference), each of them optional.

    Names of the Sequence Ontology become those of `VariantColumns`. Where the protein's name tells the class, it stands
    before the class that is given, unless that is a splice variant (the protein is its outcome then) or a name of the
    file's own.
    """
    classes = [_class_of(v) for v in variants]
    position = _POSITION.match(_name(_text(variants[0].get("p")), "p")) if variants else None
    return VariantColumns(
        classes[0] if classes else None, variant_effect(classes), None if position is None else position[1]
    )


def overruled(variants: Sequence[Mapping[str, object]]) -> int:
    """Count the variants whose given class is another than that of their protein's name, which is taken."""
    said = [_said(v) for v in variants]
    return sum(s in _CLASSES and s != "other" and s != _class_of(v) for s, v in zip(said, variants, strict=True))


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
    # a deletion whose ends lie anywhere in two introns is written with the bases next to the exons
    offsets = [] if _UNCERTAIN_END.search(of_coding) else [int(n) for n in _IN_INTRON.findall(of_coding)]
    if offsets and min(offsets) <= _CANONICAL_SPLICE_BASES:
        return "splice_canonical"
    if told := _told_by_protein(of_protein):
        return told
    if _IN_START_CODON.match(of_coding) and _UNKNOWN_PROTEIN.match(of_protein):
        return "start_lost"
    return _told_by_place(coding, of_coding, in_intron=bool(offsets)) or _remaining(of_protein, of_coding)


def _told_by_place(coding: str | None, of_coding: str, *, in_intron: bool) -> str | None:
    """The class of a variant outside of what is translated."""
    if in_intron:
        return "intronic"
    if of_coding.startswith(("-", "*")):
        return "utr"
    return "noncoding" if coding is not None and ":n." in coding else None


def _remaining(of_protein: str, of_coding: str) -> str | None:
    if "=" in of_protein:
        return "synonymous"
    return "other" if of_protein or of_coding else None


def _class_of(variant: Mapping[str, object]) -> str | None:
    """What the file says, or what the names say where they know better."""
    said, protein = _said(variant), _text(variant.get("p"))
    if said is None or said == "other":
        return variant_class(protein, _text(variant.get("c"))) or said
    told = _told_by_protein(_name(protein, "p"))
    return told if told and said in _CLASSES - {"splice_canonical"} else said


def _said(variant: Mapping[str, object]) -> str | None:
    """The class that is given, the first of several (``stop_gained&splice_region_variant``: the gravest)."""
    given = _text(variant.get("class"))
    if given is None:
        return None
    first = re.split("[&,]", given)[0].strip().lower().replace(" ", "_")
    name = _OF_SEQUENCE_ONTOLOGY.get(first, first)
    return name if name in _CLASSES else given


def _told_by_protein(name: str) -> str | None:
    return next((found for found, pattern in _OF_PROTEIN if pattern.search(name)), None)


def _name(text: str | None, kind: str) -> str:
    """What follows ``p.`` or ``c.``, residues of three letters written as ``Arg``."""
    name = "" if text is None else text.rpartition(f"{kind}.")[2].strip()
    return _ANY_CASE.sub(lambda found: found[0].capitalize(), name) if kind == "p" else name


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
