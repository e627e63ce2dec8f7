"""What an id is in a release."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class LookupStatus(IntEnum):
    """How a release knows an id."""

    CURRENT = 0
    """A term of the release."""
    ALTERNATE = 1
    """Another id of a current term."""
    REPLACED = 2
    """Obsolete, and the release says what to use instead."""
    OBSOLETE = 3
    """Obsolete without a replacement."""
    UNKNOWN = 4
    """Well formed, but not in the release."""


class Lookup(NamedTuple):
    """The answer of `Ontology.lookup`.

    Attributes:
        term_idx: the current term that the id leads to; -1 when there is none.
        status: how the release knows the id.
    """

    term_idx: int
    status: LookupStatus
