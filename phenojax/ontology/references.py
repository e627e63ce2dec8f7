"""How publications are named, so that knowledge that cites them can be left out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from phenojax.errors import OntologyError

logger = logging.getLogger("phenojax")

REFERENCE_PREFIXES = ("PMID", "OMIM", "ORPHA", "DECIPHER")


def reference_names(references: Sequence[str]) -> list[str]:
    """Write references as the release does: a bare number is a PMID, and "pmid: 1" is "PMID:1".

    Raises:
        OntologyError: `references` is one string where a list is wanted.
    """
    if isinstance(references, str):
        raise OntologyError(
            f"without_references takes a list such as ['PMID:31675180'], found the string {references!r}"
        )
    names = ("".join(str(reference).split()) for reference in references)
    return [_reference_name(name) for name in names]


def _reference_name(name: str) -> str:
    if name.isdecimal():
        return f"PMID:{name}"
    prefix, colon, rest = name.partition(":")
    return f"{prefix.upper()}{colon}{rest}" if prefix.upper() in REFERENCE_PREFIXES else name


def warn_of_uncited(names: Sequence[str], references: Sequence[str], version: str) -> None:
    """Name the references to leave out that no annotation cites: misspelled, or nothing was there to leave out."""
    uncited = sorted(set(names).difference(references))
    if uncited:
        shown = ", ".join(uncited[:3])
        logger.warning(
            "%d of the %d references to leave out are cited by no annotation of HPO release %s, such as %s",
            len(uncited), len(set(names)), version, shown,
        )  # fmt: skip
