"""Finding terms by words: ranked hits for a user who types, near matches for an error message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"\w+")
_NEAR = 0.6  # difflib's ratio below which two texts are not alike


class SearchHit(NamedTuple):
    """A term that matches a search.

    Attributes:
        term_id: the term.
        label: its label.
        matched: the label or synonym that matched.
        score: in (0, 1]; 1 for the text itself.
    """

    term_id: str
    label: str
    matched: str
    score: float


def text_score(query: str, text: str) -> float:
    """Say how well `text` answers `query`, both casefolded: 0 unless each word of the query begins one of the text.

    1 for equal texts; else at least .5, more where the query covers more of the text and stands at its beginning.
    """
    if query == text:
        return 1.0
    wanted = _WORD.findall(query)
    words = _WORD.findall(text)
    if not wanted or not all(any(word.startswith(want) for word in words) for want in wanted):
        return 0.0
    covered = min(1.0, len(query) / len(text))
    return 0.5 + 0.35 * covered + (0.1 if text.startswith(query) else 0.0)


def near(query: str, texts: Sequence[str], limit: int, *, among: int = 300) -> list[str]:
    """Find the `limit` texts most like `query`, best first; only the `among` sharing most letter pairs are compared."""
    pairs = _pairs(query)
    shared = [len(pairs & _pairs(text)) / (1 + abs(len(text) - len(query))) for text in texts]
    candidates = sorted(range(len(texts)), key=lambda i: (-shared[i], i))[:among]
    return difflib.get_close_matches(query, [texts[i] for i in candidates], n=limit, cutoff=_NEAR)


def spelled(items: Iterable[str]) -> str:
    """Write `a, b or c` for an error message."""
    listed = list(items)
    return " or ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
