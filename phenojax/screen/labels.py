"""Who is a case and who a control of a comparison: two values of a column, several a side, or a range of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError

# Values of a label column that mean "case" when `positive` is not given.
POSITIVE_LABELS = ("1", "1.0", "case", "true", "yes", "patient")
OTHERS = "others"
Values = str | Sequence[str] | None
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")


class TwoSets(NamedTuple):
    """Two sets of individuals that share none.

    Attributes:
        name: such as ``"label: 1 vs 0"``.
        cases: int64 rows, ascending.
        controls: int64 rows, ascending.
        note: how many were left out for a value that is no number, where a side is a range; else empty.
    """

    name: str
    cases: NDArray[np.int64]
    controls: NDArray[np.int64]
    note: str = ""


def two_sets(by: str, values: Sequence[str | None], positive: Values, negative: Values) -> TwoSets:
    """Divide individuals by a column; who has no value, or one that neither side names, is in no set.

    Args:
        by: the column's name.
        values: one for each individual.
        positive: the value, the values, or of numbers a range such as ``"400..620"``, that mark cases. None where the
            column holds two values: `POSITIVE_LABELS` where there is one, else the value that sorts first.
        negative: the same of controls; None for every other value.

    Raises:
        ConfigError: a side names no value of the column, a range is not written as one, both sides name one value, or
            nothing tells them apart.
    """
    there = sorted({value for value in values if value is not None})
    if positive is None:
        if negative is not None:
            raise ConfigError("negative needs positive: name the value that marks cases too")
        positive = _default(by, there)
    cases, case_name = _side("positive", by, there, positive)
    by_numbers = any(_RANGE.fullmatch(v.strip()) for v in (*_listed_values(positive), *_listed_values(negative)))
    if negative is None:
        controls, control_name = [v for v in there if v not in cases and (_is_number(v) or not by_numbers)], OTHERS
        if not controls:
            raise ConfigError(f"positive takes every value of column {by!r}, so that nobody is a control")
        if len(controls) == 1:
            control_name = controls[0]
    else:
        controls, control_name = _side("negative", by, there, negative)
        if both := [value for value in controls if value in cases]:
            raise ConfigError(f"positive and negative both take {both[0]!r} of column {by!r}")
    rows = [np.array([r for r, v in enumerate(values) if v in side], dtype=np.int64) for side in (cases, controls)]
    named = {*cases, *controls}
    n_left_out = sum(v is not None and v not in named and not _is_number(v) for v in values) if by_numbers else 0
    note = f"{n_left_out} left out, whose {by} is no number" if n_left_out else ""
    return TwoSets(f"{by}: {case_name} vs {control_name}", rows[0], rows[1], note)


def _default(by: str, there: list[str]) -> str:
    if len(there) != 2:
        more = "; name those of the cases with positive, and of the controls with negative" if len(there) > 2 else ""
        raise ConfigError(
            f"column {by!r} must hold exactly two different values to compare; it holds {len(there)}: "
            f"{_listed(there)}{more}"
        )
    return next((value for value in there if value.lower() in POSITIVE_LABELS), there[0])


def _side(side: str, by: str, there: list[str], wanted: str | Sequence[str]) -> tuple[list[str], str]:
    """The values of the column that one side takes, and what it is called."""
    asked = _listed_values(wanted)
    taken: dict[str, None] = {}
    for value in asked:
        found = [value] if value in there else _in_range(side, value, there)
        if not found:
            raise ConfigError(f"{side} is {value!r}, but column {by!r} holds {_listed(there)}")
        taken |= dict.fromkeys(found)
    if not taken:
        raise ConfigError(f"{side} names no value; column {by!r} holds {_listed(there)}")
    return list(taken), "+".join(asked)


def _in_range(side: str, value: str, there: list[str]) -> list[str]:
    """The numbers of the column from one to another, both included; none where `value` is no range."""
    if ".." not in value:
        return []
    limits = _RANGE.fullmatch(value.strip())
    if limits is None:
        raise ConfigError(f"{side} is {value!r}, which is no range; write two numbers and two points: 400..620")
    low, high = float(limits[1]), float(limits[2])
    if low > high:
        raise ConfigError(f"{side} is {value!r}, a range that ends before it begins; write {limits[2]}..{limits[1]}")
    return [v for v in there if _is_number(v) and low <= float(v) <= high]


def _is_number(value: str) -> bool:
    return re.fullmatch(_NUMBER, value) is not None


def _listed_values(wanted: Values) -> list[str]:
    if wanted is None:
        return []
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _listed(values: list[str]) -> str:
    shown = [repr(value) for value in values[:10]]
    if len(values) == 2:
        return " and ".join(shown)
    return (", ".join(shown) or "none") + (" ..." if len(values) > 10 else "")
