"""All genes of a screen at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from phenojax.errors import ConfigError
from phenojax.plot.style import ALPHA, BAND, CAUTION, CONTROL, SIGNIFICANT, as_number, axes, shortened, styled
from phenojax.screen.results import ScreenResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROLES = (
    ("not significant", CONTROL, "o", "none"),
    (f"one group only, p ≤ {ALPHA}, no q", CAUTION, "D", CAUTION),
    (f"significant (q ≤ {ALPHA})", SIGNIFICANT, "o", SIGNIFICANT),
)
Rows = list[dict[str, Any]]
# What a name takes of the axes' width and height, if it has as many characters as it may.
NAME_SIZE = np.array([0.25, 0.05])
LONGEST_NAME = 12


@styled
def volcano(result: ScreenResult, *, modality: str | None = None, names: int = 8, ax: Axes | None = None) -> Axes:
    """AUC against p of every gene that was tested.

    Args:
        result: of `pj.screen`.
        modality: ``"hpo"``, ``"face"`` or ``"both"``; needed where the result holds several.
        names: so many of the significant genes with the largest AUC are named.
        ax: where to draw.

    Raises:
        ConfigError: no such modality, several of them, or no gene was tested.
        MissingExtraError: matplotlib is not installed.
    """
    rows, drawn = _tested(result, modality), axes(ax)
    for members, look in _by_role(rows):
        drawn.scatter([r["auc"] for r in members], [-np.log10(r["p_value"]) for r in members], **look)
    drawn.axvline(0.5, color="0.6", lw=0.8, ls=":", zorder=0)
    drawn.set(xlabel="AUC (0.5 is chance)", ylabel="−log10 p")
    _name(drawn, rows, names, lambda row: (row["auc"], -np.log10(row["p_value"])))
    drawn.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1))
    return drawn


@styled
def qq(result: ScreenResult, *, modality: str | None = None, ax: Axes | None = None) -> Axes:
    """The p-values of a screen against those of genes without any signal, with the range that these keep to (95 %).

    Genes whose cases come from one group have no valid p-value and are not drawn.

    Args:
        result: of `pj.screen`.
        modality: as for `volcano`.
        ax: where to draw.

    Raises:
        ConfigError: as for `volcano`.
        MissingExtraError: matplotlib is not installed.
    """
    rows = sorted((r for r in _tested(result, modality) if r["q_value"] is not None), key=lambda r: r["p_value"])
    if not rows:
        raise ConfigError("result: no gene has a p-value across groups, so there is nothing to draw")
    drawn, n, rank = axes(ax), len(rows), np.arange(1, len(rows) + 1)
    expected = -np.log10((rank - 0.5) / n)
    low, high = (-np.log10(beta.ppf(share, rank, n - rank + 1)) for share in (0.975, 0.025))
    drawn.fill_between(expected, low, high, color=BAND, lw=0, label="95 % without any signal")
    drawn.plot([0, expected[0]], [0, expected[0]], color="0.6", lw=0.8, ls=":")
    at = {id(row): x for row, x in zip(rows, expected, strict=True)}
    for members, look in _by_role(rows):
        drawn.scatter([at[id(r)] for r in members], [-np.log10(r["p_value"]) for r in members], **look)
    drawn.set(xlabel="expected −log10 p", ylabel="observed −log10 p")
    drawn.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1))
    return drawn


@styled
def auc_by_size(result: ScreenResult, *, modality: str | None = None, names: int = 0, ax: Axes | None = None) -> Axes:
    """AUC with its interval against the number of cases.

    Args:
        result: of `pj.screen`.
        modality: as for `volcano`.
        names: as for `volcano`.
        ax: where to draw.

    Raises:
        ConfigError: as for `volcano`.
        MissingExtraError: matplotlib is not installed.
    """
    rows, drawn = _tested(result, modality), axes(ax)
    for row in rows:
        drawn.plot([row["n_cases"]] * 2, [row["auc_low"], row["auc_high"]], color=BAND, lw=1, zorder=0)
    for members, look in _by_role(rows):
        drawn.scatter([r["n_cases"] for r in members], [r["auc"] for r in members], **look)
    drawn.axhline(0.5, color="0.6", lw=0.8, ls=":", zorder=0)
    drawn.set(xscale="log", xlabel="number of cases", ylabel="AUC")
    drawn.xaxis.set_major_formatter("{x:g}")
    drawn.xaxis.set_minor_formatter("{x:g}")
    _name(drawn, rows, names, lambda row: (row["n_cases"], row["auc"]))
    drawn.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1))
    return drawn


def _tested(result: ScreenResult, modality: str | None) -> Rows:
    rows = [row for row in result.table.to_pylist() if row["p_value"] is not None]
    there = sorted({row["modality"] for row in rows})
    if modality is None and len(there) > 1:
        raise ConfigError(f"modality must be one of {', '.join(there)}: this result holds several")
    rows = [row for row in rows if modality in (None, row["modality"])]
    if not rows:
        raise ConfigError(f"result: no gene was tested{'' if modality is None else f' by {modality!r}'}")
    return rows


def _by_role(rows: Rows) -> list[tuple[Rows, dict[str, Any]]]:
    """Quiet genes are drawn first, so that they never hide another one."""
    members: tuple[Rows, Rows, Rows] = ([], [], [])
    for row in rows:
        without_q = row["q_value"] is None
        value = row["p_value"] if without_q else row["q_value"]
        members[0 if value > ALPHA else 1 if without_q else 2].append(row)
    looks = [
        {"label": label, "edgecolors": edge, "facecolors": face, "marker": marker, "s": 16, "linewidths": 0.7}
        for label, edge, marker, face in _ROLES
    ]
    return [(rows, look) for rows, look in zip(members, looks, strict=True) if rows]


def _name(drawn: Axes, rows: Rows, names: int, at: Callable[[dict[str, Any]], tuple[float, float]]) -> None:
    """Write the names of the best significant genes, but for those that would cover another name."""
    most = as_number("names", names, 0)
    drawn.get_xlim(), drawn.get_ylim()  # limits are found late; without them nobody has a place
    significant = [row for row in rows if row["q_value"] is not None and row["q_value"] <= ALPHA]
    taken: list[NDArray[np.float64]] = []
    for row in sorted(significant, key=lambda row: (-row["auc"], -row["n_cases"])):
        name = shortened(row["gene"], LONGEST_NAME)
        place = drawn.transAxes.inverted().transform(drawn.transData.transform(at(row)))
        if len(taken) == most:
            return
        if all((np.abs(place - other) > NAME_SIZE).any() for other in taken):
            taken.append(place)
            drawn.annotate(name, at(row), xytext=(-3, 3), textcoords="offset points", ha="right", fontsize="x-small")
