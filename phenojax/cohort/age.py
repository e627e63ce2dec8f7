"""Ages as files write them, read as years."""

from __future__ import annotations

import math
import re

DAYS_PER_YEAR = 365.25
MAX_AGE = 150.0
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown", "."})

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_YEARS_PER_UNIT = (
    1.0,
    1 / 12,
    7 / DAYS_PER_YEAR,
    1 / DAYS_PER_YEAR,
    1 / (24 * DAYS_PER_YEAR),
    1 / (1440 * DAYS_PER_YEAR),
    1 / (86400 * DAYS_PER_YEAR),
)
_EXPECTED = "expected an ISO 8601 duration such as P3Y9M, or a number of years"


class FieldError(ValueError):
    """A value of one field cannot be used; whoever knows the file and the row adds them."""


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, or the NaN that pandas and Excel leave in an empty one."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def parse_age(value: object) -> float | None:
    """Years, from an ISO 8601 duration (``P3Y9M``, ``P6W``, ``P10D``) or a plain number of years.

    An age told only as a stage of life (``Congenital onset``, ``HP:0003577``) is not a number of years: None.

    Raises:
        FieldError: neither of these, negative, or above 150 years.

    >>> parse_age("P3Y9M"), parse_age("P18M"), parse_age("4.5"), parse_age("NA")
    (3.75, 1.5, 4.5, None)
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _checked(float(value), value)
    text = str(value).strip()
    lowered = text.lower()
    if lowered in MISSING or lowered.endswith(" onset") or lowered.startswith("hp:"):
        return None
    if "P" in text:
        return _checked(_years_of_duration(text), value)
    try:
        return _checked(float(text), value)
    except FieldError:
        raise
    except ValueError:
        raise FieldError(f"age {value!r} cannot be read; {_EXPECTED}") from None


def _years_of_duration(text: str) -> float:
    if "-" in text:
        raise FieldError(f"age {text!r} is negative; {_EXPECTED}")
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise FieldError(f"age {text!r} is not an ISO 8601 duration; {_EXPECTED}")
    parts = (float(part.replace(",", ".")) if part else 0.0 for part in match.groups())
    return sum(part * unit for part, unit in zip(parts, _YEARS_PER_UNIT, strict=True))


def _checked(years: float, value: object) -> float | None:
    if math.isnan(years):
        return None
    if years < 0:
        raise FieldError(f"age {value!r} is negative; {_EXPECTED}")
    if years > MAX_AGE:
        raise FieldError(f"age {value!r} is above {MAX_AGE:g} years; {_EXPECTED}")
    return years
