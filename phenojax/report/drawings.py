"""Small pictures as inline SVG: they print, need no script, and take their colours from the page's style sheet.

Every function gives markup that holds numbers only, never a text of the result, so that nothing in it needs escaping.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from phenojax import stats

_BINS = 20
_BAR_WIDTH = 96.0
_STRIP_WIDTH = 160.0

AXES = Markup(
    '<svg class="vh" aria-hidden="true"><defs>'
    '<path id="bar-axis" class="ax" d="M2 8H94M48 3V13"/>'
    '<path id="strip-axis" class="ax" d="M4 15H156M4 12V15M80 12V15M156 12V15"/>'
    '<g id="roc-axes"><path class="grid" d="M0 0H140V140H0ZM0 70H140M70 0V140"/><path class="chance" d="M0 140L140 0"/>'
    '<text x="0" y="151">0</text><text x="70" y="151">.5</text><text x="140" y="151">1</text>'
    '<text x="-5" y="143" class="e">0</text><text x="-5" y="73" class="e">.5</text>'
    '<text x="-5" y="4" class="e">1</text>'
    '<text x="70" y="162">controls called cases</text>'
    '<text transform="translate(-24 70)rotate(-90)">cases called cases</text></g>'
    '<g id="hist-axes"><path class="grid" d="M0 70H240"/>'
    '<text x="0" y="151">0</text><text x="120" y="151">.5</text><text x="240" y="151">1</text>'
    '<text x="4" y="6" class="s">cases ↑</text><text x="4" y="139" class="s">controls ↓</text>'
    '<text x="120" y="162">probability of being a case</text></g></defs></svg>'
)
"""What every drawing of a kind shares; the page holds it once, and each drawing refers to it."""


def interval_bar(value: float, low: float | None, high: float | None) -> Markup:
    """Draw an AUC between 0 and 1 as a dot, its interval as a line, a tick where chance is (0.5)."""
    line = "" if low is None or high is None else f'<path class="iv" d="M{_at(low)} 8H{_at(high)}"/>'
    return Markup(
        f'<svg class="bar" viewBox="0 0 {_BAR_WIDTH:.0f} 16" aria-hidden="true"><use href="#bar-axis"/>{line}'
        f'<path class="dot" d="M{_at(value)} 8h0"/></svg>'
    )


def roc_curves(tests: Sequence[tuple[NDArray[np.bool_], NDArray[np.float64]]]) -> Markup:
    """Draw the ROC curves of out-of-fold scores, each with dashes of its own; tied scores make one slanted step.

    Args:
        tests: for each curve who is a case, bool ``(n,)``, with at least one case and one control, and the scores,
            float64 ``(n,)``.
    """
    lines = []
    for number, (is_case, score) in enumerate(tests):
        false_positive, true_positive = stats.roc_points(is_case, score)
        points = " ".join(f"{_px(x)},{_px(1 - y)}" for x, y in zip(false_positive, true_positive, strict=True))
        lines.append(f'<polyline class="curve k{number}" points="{points}"/>')
    return Markup(
        '<svg class="roc" viewBox="-34 -8 178 172" role="img" aria-label="ROC curve of the out-of-fold scores">'
        f'<use href="#roc-axes"/>{"".join(lines)}</svg>'
    )


def score_histogram(is_case: NDArray[np.bool_], score: NDArray[np.float64]) -> Markup:
    """How the probabilities lie: cases upwards, controls downwards, each as a share of its own number.

    Args:
        is_case: bool ``(n,)``.
        score: float64 ``(n,)`` in [0, 1].
    """
    bins = np.minimum((np.clip(score, 0, 1) * _BINS).astype(int), _BINS - 1)
    shares = [np.bincount(bins[side], minlength=_BINS) / max(1, int(side.sum())) for side in (is_case, ~is_case)]
    top = max(float(np.max(share)) for share in shares) or 1.0
    paths = "".join(
        f'<path class="{name}" d="{_bars(share / top, sign)}"/>'
        for name, share, sign in zip(("case", "control"), shares, (-1, 1), strict=True)
    )
    return Markup(
        '<svg class="hist" viewBox="-10 -8 260 172" role="img" '
        'aria-label="Out-of-fold probabilities of cases, above the line, and controls, below it">'
        f'{paths}<use href="#hist-axes"/></svg>'
    )


def score_strip(probability: NDArray[np.float64], controls: tuple[float, float]) -> Markup:
    """Mark probabilities between 0 and 1, over a band from the lower to the upper quartile of the controls."""
    # what would lie within a unit is one mark
    places = np.unique(np.round(4 + probability * (_STRIP_WIDTH - 8)))
    marks = "".join(f"M{place:g} 8h0" for place in places)
    low, high = (4 + share * (_STRIP_WIDTH - 8) for share in controls)
    return Markup(
        f'<svg class="strip" viewBox="0 0 {_STRIP_WIDTH:.0f} 16" aria-hidden="true">'
        f'<path class="among" d="M{low:.0f} 2H{high + 1:.0f}V14H{low:.0f}Z"/>'
        f'<use href="#strip-axis"/><path class="marks" d="{marks}"/></svg>'
    )


def _bars(heights: NDArray[np.float64], sign: int) -> str:
    step = 240 / _BINS
    return "".join(
        f"M{i * step + 1:.0f} 70v{sign * height * 60:.1f}h{step - 2:.0f}V70Z"
        for i, height in enumerate(heights)
        if height > 0
    )


def _at(value: float) -> str:
    return f"{4 + value * (_BAR_WIDTH - 8):.1f}".removesuffix(".0")


def _px(share: float) -> str:
    return f"{share * 140:.1f}".removesuffix(".0")
