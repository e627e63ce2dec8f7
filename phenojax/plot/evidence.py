"""What a screen found of one gene: who is told apart, and by which terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.errors import ConfigError
from phenojax.plot.style import CASE, CONTROL, as_number, axes, shortened, styled
from phenojax.screen.results import ScreenResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def gene_row(result: ScreenResult, gene: str, modality: str | None) -> dict[str, Any]:
    """The row of a tested gene: of `modality`, or of the widest one there is.

    Raises:
        ConfigError: the result has no such gene, or did not test it (so).
    """
    rows: dict[str, dict[str, Any]] = {r["modality"]: r for r in result.table.to_pylist() if r["gene"] == gene}
    if not rows:
        raise ConfigError(f"result: no gene {gene!r}; its table lists those that were looked at")
    tested = [name for name in ("both", "hpo", "face") if name in rows and rows[name]["auc"] is not None]
    if modality is None and tested:
        return rows[tested[0]]
    if modality not in tested:
        row = rows.get(modality or "", next(iter(rows.values())))
        by = "" if modality is None else f" by {modality!r}"
        raise ConfigError(f"result: {gene} was not tested{by}: {row['status']}; {row['note'] or 'no note'}")
    return rows[modality]


@styled
def roc(result: ScreenResult, gene: str, *, modality: str | None = None, ax: Axes | None = None) -> Axes:
    """ROC curve of the out-of-fold scores of a gene's cases and controls.

    Args:
        result: of `pj.screen`.
        gene: one that was tested.
        modality: ``"hpo"``, ``"face"`` or ``"both"``; the widest there is when not given.
        ax: where to draw.

    Raises:
        ConfigError: no such gene, or it was not tested.
        MissingExtraError: matplotlib is not installed.
    """
    row, drawn = gene_row(result, gene, modality), axes(ax, 3.0, 3.0)
    is_case, scores, _ = _predictions(result, row)
    x, y = stats.roc_points(is_case, scores)
    drawn.plot([0, 1], [0, 1], color="0.6", lw=0.8, ls=":")
    drawn.plot(x, y, color=CASE, lw=1.6)
    text = f"AUC {row['auc']:.2f}\n({row['auc_low']:.2f} to {row['auc_high']:.2f})"
    drawn.text(0.97, 0.05, text, ha="right", va="bottom", transform=drawn.transAxes, fontsize="small")
    drawn.set(xlabel="controls taken for cases", ylabel="cases found", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    drawn.set_aspect("equal")
    return drawn


@styled
def probabilities(result: ScreenResult, gene: str, *, modality: str | None = None, ax: Axes | None = None) -> Axes:
    """Out-of-fold probabilities of a gene's cases and controls, each as a share of its own number.

    Args:
        result: of `pj.screen`.
        gene: as for `roc`.
        modality: as for `roc`.
        ax: where to draw.

    Raises:
        ConfigError: as for `roc`.
        MissingExtraError: matplotlib is not installed.
    """
    row, drawn = gene_row(result, gene, modality), axes(ax)
    is_case, _, values = _predictions(result, row)
    bins = np.linspace(0, 1, 21).tolist()
    for members, colour, hatch, name in ((~is_case, CONTROL, "///", "controls"), (is_case, CASE, "", "cases")):
        weights = np.full(int(members.sum()), 1 / members.sum())
        drawn.hist(
            values[members], bins, weights=weights, color=colour, alpha=0.65, hatch=hatch, edgecolor="white",
            label=f"{int(members.sum())} {name}",
        )  # fmt: skip
    drawn.set(xlabel="probability (cases and controls equally frequent)", ylabel="share", xlim=(0, 1))
    drawn.set_ylim(0, 1.3 * drawn.get_ylim()[1])  # room for the legend
    drawn.yaxis.set_major_formatter(_percent())
    drawn.legend(frameon=False, fontsize="small", loc="upper center", ncols=2)
    return drawn


@styled
def terms(result: ScreenResult, gene: str, *, n: int = 10, ax: Axes | None = None) -> Axes:
    """How often the terms that tell a gene's cases apart are seen in cases and in others; descendants count.

    Args:
        result: of `pj.screen`.
        gene: one that was tested by its terms.
        n: so many terms, those with the smallest p-value.
        ax: where to draw.

    Raises:
        ConfigError: nothing is known of this gene's terms, or ``n`` is no positive number.
        MissingExtraError: matplotlib is not installed.
    """
    most = as_number("n", n, 1)
    rows = sorted((r for r in result.explanations.to_pylist() if r["gene"] == gene), key=lambda r: r["p_value"])[:most]
    if not rows:
        raise ConfigError(f"result: the terms of {gene!r} were not compared")
    drawn, at = axes(ax, 4.6, 0.6 + 0.28 * len(rows)), np.arange(len(rows))
    case, control = ([row[name] for row in rows] for name in ("case_prevalence", "control_prevalence"))
    drawn.hlines(at, control, case, color="0.8", lw=2, zorder=0)
    drawn.scatter(control, at, color="white", edgecolors="0.4", marker="o", s=24, label="others")
    drawn.scatter(case, at, color=CASE, marker="D", s=24, label="cases")
    drawn.set_yticks(at, [shortened(row["label"]) for row in rows])
    drawn.set(xlabel="share that have the term or a descendant", xlim=(-0.02, 1.02), ylim=(len(rows) - 0.4, -0.6))
    drawn.xaxis.set_major_formatter(_percent())
    drawn.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return drawn


def _predictions(
    result: ScreenResult, row: dict[str, Any]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    import pyarrow.compute as pc

    table = result.predictions
    found = table.filter(pc.and_(pc.equal(table["gene"], row["gene"]), pc.equal(table["modality"], row["modality"])))
    is_case = found["is_case"].to_numpy(zero_copy_only=False).astype(bool)
    if not is_case.any() or is_case.all():
        raise ConfigError(f"result: holds no predictions of {row['gene']!r} to draw")
    return is_case, found["score"].to_numpy(), found["probability"].to_numpy()


def _percent() -> Any:
    from matplotlib.ticker import PercentFormatter

    return PercentFormatter(1.0, decimals=0)
