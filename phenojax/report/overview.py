"""The three overview plots as Plotly figures in plain JSON values.

A trace names its role in ``meta`` and the row behind each mark in ``customdata``; the page's script paints roles in the
colours of the light or dark theme and adds the words of `mark_words`, which stand in the page once for all plots. The
colours are those of Okabe and Ito (jfly.uni-koeln.de/color), and every role has a symbol of its own besides.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.stats import beta

from phenojax.report import numbers
from phenojax.report.genes import ALPHA, GeneRow

Figure = dict[str, Any]

_ROLES = (
    ("significant", f"significant (q ≤ {ALPHA})", "circle"),
    ("caution", f"one group only, p ≤ {ALPHA}, no q", "diamond"),
    ("quiet", "not significant", "circle-open"),
)


def overview_figures(rows: list[GeneRow]) -> dict[str, Figure]:
    """Volcano, QQ and size plot of the rows that were tested, by name; empty when none was."""
    tested = [row for row in rows if row.tested and row.values["p_value"] is not None]
    if not tested:
        return {}
    return {"volcano": _volcano(tested), "qq": _qq(tested), "size": _size(tested)}


def mark_words(rows: list[GeneRow]) -> dict[int, tuple[str, str]]:
    """Lines that a mark shows when it is pointed at, and the section that it leads to, "" for none, by row number."""
    return {row.number: (_lines(row), row.anchor if row.has_section else "") for row in rows if row.tested}


def _volcano(rows: list[GeneRow]) -> Figure:
    traces = [
        _genes_trace(
            members,
            role,
            x=[row.values["auc"] for row in members],
            y=[_log_p(row) for row in members],
            size=[_marker_size(row.values["n_cases"]) for row in members],
        )
        for role, members in _by_role(rows)
    ]
    floor = -math.log10(min(row.values["min_p"] or row.values["p_value"] for row in rows))
    return _figure(
        traces,
        x=_axis("AUC (0.5 is chance, 1 is perfect)", range=[_lowest_auc(rows), 1.02]),
        y=_axis("−log10 p", range=[-0.1, floor * 1.12 + 0.1]),
        shapes=[_line(x0=0.5, x1=0.5, y0=0, y1=1, yref="paper"), _line(x0=0, x1=1, xref="paper", y0=floor, y1=floor)],
        annotations=[
            {"x": 0, "xref": "paper", "xanchor": "left", "y": floor, "yanchor": "bottom", "showarrow": False}
            | {"text": "smallest p that any of these designs can give"}
        ],
    )


def _qq(rows: list[GeneRow]) -> Figure:
    # the p-value of a single group does not hold, so that its place in the order means nothing
    ordered = sorted((row for row in rows if row.corrected), key=lambda row: float(row.values["p_value"]))
    n = len(ordered)
    rank = np.arange(1, n + 1)
    expected = -np.log10((rank - 0.5) / n)
    low, high = (-np.log10(beta.ppf(share, rank, n - rank + 1)) for share in (0.975, 0.025))
    at = {id(row): float(x) for row, x in zip(ordered, expected, strict=True)}
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": _rounded(np.concatenate([expected, expected[::-1]])),
        "y": _rounded(np.concatenate([low, high[::-1]])),
        "fill": "toself",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": "95% range without any signal",
        "meta": {"role": "band"},
    }
    traces = [
        _genes_trace(members, role, x=[at[id(row)] for row in members], y=[_log_p(row) for row in members], size=7)
        for role, members in _by_role(ordered)
    ]
    end = float(expected[0]) if n else 1.0
    return _figure(
        [band, *traces],
        x=_axis("expected −log10 p"),
        y=_axis("observed −log10 p"),
        shapes=[_line(x0=0, y0=0, x1=end, y1=end)],
        showlegend=False,  # the volcano above it explains the marks, the caption explains the band
    )


def _size(rows: list[GeneRow]) -> Figure:
    traces = [
        _genes_trace(
            members,
            role,
            x=[row.values["n_cases"] for row in members],
            y=[row.values["auc"] for row in members],
            size=7,
        )
        for role, members in _by_role(rows)
    ]
    sizes = [row.values["n_cases"] for row in rows]
    ticks = [tick for tick in (2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if tick <= max(sizes) * 1.6]
    limits = [math.log10(min(sizes) * 0.85), math.log10(max(sizes) * 1.2)]
    return _figure(
        traces,
        x=_axis("number of cases", type="log", range=limits, tickvals=ticks, ticktext=[str(t) for t in ticks]),
        y=_axis("AUC", range=[_lowest_auc(rows), 1.02]),
        shapes=[_line(x0=0, x1=1, xref="paper", y0=0.5, y1=0.5)],
        showlegend=False,
    )


def _by_role(rows: list[GeneRow]) -> list[tuple[tuple[str, str, str], list[GeneRow]]]:
    members: dict[str, list[GeneRow]] = {role: [] for role, _, _ in _ROLES}
    for row in rows:
        role = "significant" if row.significant else "caution" if row.caution else "quiet"
        members[role].append(row)
    # quiet genes are drawn first, so that they never hide another one
    return [(role, members[role[0]]) for role in reversed(_ROLES) if members[role[0]]]


def _genes_trace(
    rows: list[GeneRow], role: tuple[str, str, str], *, x: list[float], y: list[float], size: float | list[float]
) -> Figure:
    name, words, symbol = role
    return {
        "type": "scatter",
        "mode": "markers",
        "name": words,
        "meta": {"role": name},
        "x": _rounded(x),
        "y": _rounded(y),
        "customdata": [row.number for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": size, "symbol": symbol, "opacity": 0.75},
    }


def _lines(row: GeneRow) -> str:
    values = row.values
    interval = f"{numbers.fixed(values['auc_low'])} to {numbers.fixed(values['auc_high'])}"
    return (
        f"{values['gene']} ({values['modality']})\nAUC {numbers.fixed(values['auc'])} ({interval})"
        f"\np {numbers.probability(values['p_value'])}, q {numbers.probability(values['q_value'])}"
        f"\n{values['n_cases']} cases in {values['n_groups']} groups, {values['n_controls']} controls"
    )


def _figure(traces: list[Figure], *, x: Figure, y: Figure, **layout: Any) -> Figure:
    return {"data": traces, "layout": {"xaxis": x, "yaxis": y, **layout}}


def _axis(title: str, **more: Any) -> Figure:
    return {"title": {"text": title}, "automargin": True, "zeroline": False, **more}


def _line(**ends: Any) -> Figure:
    return {"type": "line", "layer": "below", "line": {"width": 1, "dash": "dot"}, **ends}


def _log_p(row: GeneRow) -> float:
    return -math.log10(max(float(row.values["p_value"]), 1e-300))


def _marker_size(n_cases: int) -> float:
    """Pixels; the area grows with the number of cases, within what can be seen and what does not cover the rest."""
    return round(min(34.0, max(6.0, 2.2 * math.sqrt(n_cases))), 1)


def _lowest_auc(rows: list[GeneRow]) -> float:
    return round(min(0.45, min(float(row.values["auc"]) for row in rows) - 0.03), 2)


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]
