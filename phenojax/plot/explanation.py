"""Why: what each term added to a score, where on the face it was looked for, and whether that holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax.errors import ConfigError
from phenojax.plot.style import AGAINST, BAND, CASE, DIVERGING, FOR, as_number, axes, shortened, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Nothing of a map below this part of its largest value is drawn: the face shows through.
FAINTEST = 0.1


@styled
def contributions(explanation: Sequence[Mapping[str, Any]], *, n: int = 12, ax: Axes | None = None) -> Axes:
    """What each term of one individual added to (blue, to the right) or took from the score of one gene.

    Args:
        explanation: rows of one individual, gene and modality, as in ``scores.explanations.to_pylist()``: ``label`` and
            ``contribution``; with ``standard_error`` above 0 a line shows two of them.
        n: so many terms, those with the largest contribution; what the others add together is one bar.
        ax: where to draw.

    Raises:
        ConfigError: no row, rows of several individuals, genes or modalities, a row without a finite contribution, or
            ``n`` is no positive number.
        MissingExtraError: matplotlib is not installed.
    """
    if not explanation:
        raise ConfigError("explanation: no row; terms are explained where `score(..., explain=True)` did not abstain")
    for column in ("id", "gene", "modality"):
        if len(named := {str(row.get(column)) for row in explanation}) > 1:
            raise ConfigError(f"explanation: rows of several {column} ({', '.join(sorted(named))}); give one")
    for row in explanation:
        if not {"label", "contribution"} <= row.keys() or not np.isfinite(row["contribution"]):
            raise ConfigError(f"explanation: each row needs a label and a finite contribution, and one has {dict(row)}")
    most = as_number("n", n, 1)
    rows = sorted(explanation, key=lambda row: -abs(row["contribution"]))
    bars = [(shortened(row["label"]), row["contribution"], row.get("standard_error") or 0.0) for row in rows[:most]]
    if len(rows) > most:
        rest = rows[most:]
        bars.append((f"{len(rest)} other terms", sum(row["contribution"] for row in rest), 0.0))
    drawn, at = axes(ax, 4.8, 0.7 + 0.28 * len(bars)), np.arange(len(bars))
    values = np.array([value for _, value, _ in bars])
    colours = [FOR if value >= 0 else AGAINST for value in values]
    hatches = ["" if value >= 0 else "///" for value in values]
    drawn.barh(at, values, color=colours, hatch=hatches, edgecolor="white", height=0.7)
    errors = 2 * np.array([error for _, _, error in bars])
    uncertain = errors > 0
    drawn.errorbar(values[uncertain], at[uncertain], xerr=errors[uncertain], fmt="none", ecolor="0.2", lw=0.8)
    drawn.axvline(0, color="0.2", lw=0.8)
    drawn.set_yticks(at, [label for label, _, _ in bars])
    drawn.set(xlabel="added to the score", ylim=(len(bars) - 0.4, -0.6))
    return drawn


@styled
def face_map(
    values: ArrayLike, face: ArrayLike | None = None, *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Where on the face a score comes from: towards the gene blue or away from it red, over a face.

    Args:
        values: ``(h, w)``; what each pixel adds to the score.
        face: uint8 ``(h, w, 3)``, drawn in grey below it: an average face, or a photograph if the caller may show it.
        title: such as how many individuals it is the mean of.
        ax: where to draw.

    Raises:
        ConfigError: a shape does not fit, or a value is not finite.
        MissingExtraError: matplotlib is not installed.
    """
    shown = np.asarray(values, np.float64)
    if shown.ndim != 2 or shown.size == 0 or not np.isfinite(shown).all():
        raise ConfigError(f"values must be finite numbers (h, w), not of shape {shown.shape}")
    drawn = axes(ax, 3.2, 3.0)
    if face is not None:
        picture = np.asarray(face)
        if picture.shape != (*shown.shape, 3):
            raise ConfigError(f"face must have shape {(*shown.shape, 3)}, as the map, not {picture.shape}")
        drawn.imshow(picture.mean(axis=2), cmap="gray", vmin=0, vmax=255)
    largest = float(np.abs(shown).max()) or 1.0
    alpha = 0.75 * np.clip((np.abs(shown) / largest - FAINTEST) / (1 - FAINTEST), 0, 1) ** 0.5
    image = drawn.imshow(shown, cmap=DIVERGING, vmin=-largest, vmax=largest, alpha=alpha)
    drawn.set_axis_off()
    if title is not None:
        drawn.set_title(title, fontsize="small")
    figure = drawn.get_figure()
    if figure is not None:
        bar = figure.colorbar(
            _opaque(image, largest), ax=drawn, location="bottom", shrink=0.8, ticks=[-largest, 0, largest]
        )
        bar.ax.set_xticklabels(["away", "0", "towards"], fontsize="x-small")
    return drawn


def _opaque(image: Any, largest: float) -> Any:
    """The scale of an image without its transparency."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    return ScalarMappable(Normalize(-largest, largest), image.get_cmap())


@styled
def deletion(
    removed: ArrayLike,
    important: ArrayLike,
    random: ArrayLike,
    band: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Deletion curve: how a score falls while the most important parts go, beside random ones.

    Args:
        removed: ``(k,)``; the share, or number, that is gone.
        important: ``(k,)``; the score when the most important ones are.
        random: ``(k,)``; the mean score when random ones are.
        band: low and high ``(k,)`` of the random ones.
        ax: where to draw.

    Raises:
        ConfigError: the curves have unequal lengths.
        MissingExtraError: matplotlib is not installed.
    """
    curves: list[NDArray[np.float64]] = [np.asarray(a, np.float64) for a in (removed, important, random, *(band or ()))]
    if len({curve.shape for curve in curves}) > 1 or curves[0].ndim != 1:
        raise ConfigError(f"curves must be of one length, not {', '.join(str(curve.shape) for curve in curves)}")
    drawn = axes(ax)
    if band is not None:
        drawn.fill_between(curves[0], curves[3], curves[4], color=BAND, lw=0)
    drawn.plot(curves[0], curves[2], color="0.4", lw=1.2, ls="--", label="random")
    drawn.plot(curves[0], curves[1], color=CASE, lw=1.8, label="most important first")
    drawn.set(xlabel="removed", ylabel="score")
    drawn.legend(frameon=False, fontsize="small")
    return drawn
