"""Lists of HPO ids as files write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from phenojax.cohort.age import MISSING, FieldError, is_missing

_TERM_ID = re.compile(r"HP:[0-9]{7}")
_SEPARATORS = re.compile(r"[;,|\s]+")
_BRACKETS = {"[": "]", "(": ")", "{": "}"}


def is_term_id(text: str) -> bool:
    """Whether `text` is ``HP:`` and seven digits.

    >>> is_term_id("HP:0001250"), is_term_id("hp0001250")
    (True, False)
    """
    return _TERM_ID.fullmatch(text) is not None


def split_list(text: str) -> list[str]:
    """Split a list written as text: separated by ``;`` ``,`` ``|`` or space, or a Python or JSON list literal.

    Nothing is evaluated.

    >>> split_list("HP:0001250; HP:0000252"), split_list("['HP:0001250', 'HP:0000252']")
    (['HP:0001250', 'HP:0000252'], ['HP:0001250', 'HP:0000252'])
    """
    text = text.strip()
    if text.lower() in MISSING:
        return []
    closing = _BRACKETS.get(text[0])
    if closing is not None:
        if text[-1] != closing or len(text) < 2:
            raise FieldError(f"the list {_shortened(text)!r} opens with {text[0]!r} and does not end with {closing!r}")
        text = text[1:-1]
    return [entry for entry in (part.strip("'\"") for part in _SEPARATORS.split(text)) if entry]


class TermParser:
    """Reads term lists and keeps one string object per distinct id, so that a million rows share their ids."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, field: str, value: object) -> tuple[str, ...]:
        """Read the ids of a cell: None, a list, or text that `split_list` reads; order and repeats are kept.

        Raises:
            FieldError: an entry that is not ``HP:`` and seven digits.
        """
        if is_missing(value):
            return ()
        entries: Iterable[object]
        known = self._known
        if isinstance(value, str):
            try:  # Nearly every cell of a large sheet: known ids between semicolons.
                return tuple([known[entry] for entry in value.split(";")])
            except KeyError:
                entries = split_list(value)
        elif isinstance(value, list | tuple):
            entries = value
        else:
            raise FieldError(f"{field} {value!r} is not a list of HPO ids")
        try:
            return tuple([known[entry] for entry in entries])
        except (KeyError, TypeError):
            return tuple([self._checked(field, entry) for entry in entries])

    def _checked(self, field: str, entry: object) -> str:
        text = entry.strip() if isinstance(entry, str) else entry
        if not isinstance(text, str) or not is_term_id(text):
            shown = _shortened(text) if isinstance(text, str) else text
            raise FieldError(
                f"{field} holds {shown!r}, which is not an HPO id; expected 'HP:' and seven digits, as in HP:0001250"
            )
        return self._known.setdefault(text, text)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
