"""One cell of a cohort file to one field of an individual, whatever the format."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

from phenojax.cohort.age import MISSING, FieldError, is_missing
from phenojax.cohort.model import Sex
from phenojax.cohort.terms import split_list

_SEXES = {
    "female": Sex.FEMALE,
    "f": Sex.FEMALE,
    "male": Sex.MALE,
    "m": Sex.MALE,
    "other": Sex.OTHER,
    "other_sex": Sex.OTHER,
    "unknown_sex": Sex.UNKNOWN,
    "u": Sex.UNKNOWN,
    **dict.fromkeys(MISSING, Sex.UNKNOWN),
}
_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")


def parse_text(value: object) -> str | None:
    """Read a cell as text, trimmed; None when there is nothing in it. Lists of plain values are joined by ``;``."""
    if is_missing(value):
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ";".join(str(entry) for entry in value) or None
    return str(value)


def parse_sex(value: object) -> Sex:
    """Read the sex as GA4GH (``FEMALE``, ``UNKNOWN_SEX``), as a word or as a letter.

    Raises:
        FieldError: anything else; numbers too, because sheets disagree on what they mean.
    """
    text = parse_text(value) or ""
    sex = _SEXES.get(text.lower())
    if sex is None:
        raise FieldError(f"sex {value!r} is not known; expected female, male, other, unknown, f, m or nothing")
    return sex


def parse_diseases(value: object) -> tuple[str, ...]:
    """Disease ids of a list or of text; a name with spaces or commas stays whole."""
    if is_missing(value):
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(entry).strip() for entry in value if entry)
    text = str(value).strip()
    if text.lower() in MISSING:
        return ()
    entries = split_list(text)
    if all(_CURIE.fullmatch(entry) for entry in entries):
        return tuple(entries)
    return tuple(part.strip() for part in re.split(r"[;|]", text) if part.strip())


def parse_photo(value: object, folder: Path) -> str | None:
    """Resolve a photograph's path against the folder of its file; either slash separates; a web address stays."""
    text = parse_text(value)
    if text is None:
        return None
    if "://" in text:
        parts = urlsplit(text)
        return unquote(parts.path) if parts.scheme == "file" else text
    return str(folder / text.replace("\\", "/"))


def photo_name(photo: str) -> str:
    """Give the file's name without folder and extension."""
    return PureWindowsPath(photo).stem
