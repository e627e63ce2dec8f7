"""Numbers as a reader wants them: no false precision in a p-value, a dash for what is absent."""

from __future__ import annotations

import math

ABSENT = "–"


def fixed(value: float | None, digits: int = 3) -> str:
    """`value` with `digits` decimals."""
    return ABSENT if value is None or math.isnan(value) else f"{value:.{digits}f}"


def probability(value: float | None) -> str:
    """Write a p-value or q-value: two significant figures, scientific below a thousandth."""
    if value is None or math.isnan(value):
        return ABSENT
    if value == 0:
        return "0"
    if value < 0.00095:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e−{abs(int(exponent))}"
    return f"{value:.2g}" if value < 0.995 else "1"


def percent(value: float | None) -> str:
    """Write a share in whole per cent, except that a share above nought never reads as nought."""
    if value is None or math.isnan(value):
        return ABSENT
    if 0 < value < 0.01:
        return "<1%"
    return f"{value:.0%}"


def ratio(value: float | None) -> str:
    """Write an odds ratio."""
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def count(value: int | None) -> str:
    """Write a whole number, its thousands apart."""
    return ABSENT if value is None else f"{value:,}"


def seconds(value: float) -> str:
    """Write a duration."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def sortable(value: float | None) -> str:
    """Write a number for the page's script to sort by; nothing where there is none."""
    return "" if value is None or math.isnan(value) else f"{value:.7g}"


def width(share: float | None) -> str:
    """Write a share as a CSS length."""
    return "0" if share is None or math.isnan(share) else f"{share * 100:.3g}%"
