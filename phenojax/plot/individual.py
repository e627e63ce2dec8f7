"""One individual against one gene's model: the probability, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike

from phenojax.errors import ConfigError
from phenojax.plot.explanation import contributions, face_map
from phenojax.plot.style import CASE, NOTICE, axes, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class ScoreTables(Protocol):
    """What `individual` needs of the scores that `pj.score` gives."""

    @property
    def table(self) -> pa.Table: ...  # noqa: D102
    @property
    def explanations(self) -> pa.Table | None: ...  # noqa: D102


@styled
def individual(
    scores: ScoreTables,
    id: str,
    gene: str,
    *,
    modality: str | None = None,
    face: ArrayLike | None = None,
    photo: ArrayLike | None = None,
    n: int = 12,
) -> Figure:
    """The figure of an individual: probability with interval, what each term added, and the map of the face if given.

    Args:
        scores: of ``pj.score(..., explain=True)``.
        id: of the individual.
        gene: the model's.
        modality: ``"hpo"``, ``"face"`` or ``"both"``; the widest there is when not given.
        face: ``(h, w)``; what each pixel of the aligned face adds to the score.
        photo: uint8 ``(h, w, 3)``; the aligned photograph below the map. Without it none is shown: the person may be
            recognised.
        n: so many terms.

    Returns:
        A matplotlib figure; `save` writes it.

    Raises:
        ConfigError: no such individual or gene.
        MissingExtraError: matplotlib is not installed.
    """
    row = _row(scores, id, gene, modality)
    explained = _explained(scores, row)
    panels = bool(explained) + (face is not None)
    figure = new_figure(6.8, 1.5 + (3.6 if panels else 0))
    grid = figure.add_gridspec(2 if panels else 1, 2, height_ratios=[0.9, 3.6] if panels else None)
    _probability(row, figure.add_subplot(grid[0, :]))
    if explained:
        contributions(explained, n=n, ax=figure.add_subplot(grid[1, 0] if face is not None else grid[1, :]))
    if face is not None:
        face_map(face, photo, ax=figure.add_subplot(grid[1, 1] if explained else grid[1, :]))
    figure.suptitle(fill(f"{id} against {gene} ({row['modality']})", 80), fontsize="large")
    figure.supxlabel(NOTICE, fontsize="x-small", color="0.35", x=0.99, ha="right")
    return figure


def _row(scores: ScoreTables, id: str, gene: str, modality: str | None) -> Mapping[str, Any]:
    table = scores.table
    found = table.filter(pc.and_(pc.equal(table["id"], id), pc.equal(table["gene"], gene))).to_pylist()
    rows = {row["modality"]: row for row in found}
    if not rows:
        raise ConfigError(f"scores: no row for individual {id!r} and gene {gene!r}")
    if modality is not None and modality not in rows:
        raise ConfigError(f"scores: {gene} has no model of modality {modality!r}; there are {', '.join(sorted(rows))}")
    return next(rows[name] for name in ((modality,) if modality else ("both", "hpo", "face")) if name in rows)


def _explained(scores: ScoreTables, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    table = scores.explanations
    if table is None:
        return []
    same = [pc.equal(table[name], row[name]) for name in ("id", "gene", "modality")]
    rows: list[dict[str, Any]] = table.filter(pc.and_(same[0], pc.and_(same[1], same[2]))).to_pylist()
    return rows


def _probability(row: Mapping[str, Any], ax: Axes) -> None:
    """The probability on its scale, with its interval; or why there is none to trust."""
    drawn = axes(ax)
    drawn.spines["left"].set_visible(False)
    if row["probability"] is not None:
        drawn.axvline(0.5, color="0.6", lw=0.8, ls=":")
        colour, style = ("0.55", "none") if row["abstained"] else (CASE, CASE)
        drawn.hlines(0, row["probability_low"], row["probability_high"], color=colour, lw=4, alpha=0.4)
        drawn.scatter([row["probability"]], [0], edgecolors=colour, facecolors=style, marker="D", s=44, zorder=3)
    else:
        drawn.set_axis_off()
    drawn.set(xlim=(-0.02, 1.02), ylim=(-1, 1), yticks=[])
    drawn.set_xlabel("probability of being a case, were cases and controls equally frequent", fontsize="small")
    if row["abstained"]:
        words = fill(f"abstains, {row['reason'].replace('_', ' ')}: {row.get('note') or 'no note'}", 110)
    else:
        value, low, high = (row[name] for name in ("probability", "probability_low", "probability_high"))
        words = f"{value:.2f} ({low:.2f} to {high:.2f})"
    drawn.set_title(words, fontsize="medium")
