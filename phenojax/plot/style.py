"""Colours, new axes and files: what all figures share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from phenojax._extras import optional
from phenojax._files import written_whole
from phenojax.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours (jfly.uni-koeln.de/color), told apart by all common kinds of colour vision; every role has a
# marker or hatch of its own besides.
CASE, CONTROL, SIGNIFICANT, CAUTION = "#0072b2", "#999999", "#0072b2", "#d55e00"
FOR, AGAINST, BAND = "#0072b2", "#d55e00", "#dfe5ea"
# From vermilion over white to blue, as the bars: towards the gene is blue.
DIVERGING = "RdBu"
ALPHA = 0.05
FORMATS = (".pdf", ".svg", ".png")
NOTICE = "Research use only; does not diagnose."
DOTS_PER_INCH = 300
# Points, at the width of a journal's page.
SETTINGS = {"font.size": 8.0, "axes.linewidth": 0.7, "hatch.linewidth": 0.5}

Parameters = ParamSpec("Parameters")
Drawn = TypeVar("Drawn")


def styled(draw: Callable[Parameters, Drawn]) -> Callable[Parameters, Drawn]:
    """Draw with the settings of all figures, which are gone afterwards.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """

    @wraps(draw)
    def with_settings(*arguments: Parameters.args, **named: Parameters.kwargs) -> Drawn:
        with optional("matplotlib", "plots", "pj.plot").rc_context(SETTINGS):
            return draw(*arguments, **named)

    return with_settings


def new_figure(width: float, height: float) -> Figure:
    """A figure that belongs to the caller alone, inches."""
    from matplotlib.figure import Figure

    return Figure((width, height), layout="constrained")


def axes(ax: Axes | None, width: float = 3.4, height: float = 3.0) -> Axes:
    """`ax`, or the axes of a new figure; without the frame's upper and right side."""
    drawn: Axes = new_figure(width, height).add_subplot() if ax is None else ax
    drawn.spines[["top", "right"]].set_visible(False)
    return drawn


def save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure as .pdf, .svg or .png; text stays text, and the same figure makes the same bytes.

    Args:
        figure: of any function here, or ``ax.figure``.
        path: the file; one that is there is replaced.

    Returns:
        The path.

    Raises:
        ConfigError: another ending, a folder in its place, or a folder that does not exist.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in FORMATS:
        raise ConfigError(f"{target}: cannot write this figure; expected a name that ends in {', '.join(FORMATS)}")
    if target.is_dir():
        raise ConfigError(f"{target}: is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise ConfigError(f"{target}: the folder {target.parent} does not exist; make it first")
    matplotlib = optional("matplotlib", "plots", "pj.plot")
    undated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": None}[ending]
    fixed = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "phenojax"}
    with written_whole(target) as temporary, matplotlib.rc_context(fixed):
        figure.savefig(temporary, format=ending[1:], dpi=DOTS_PER_INCH, metadata=undated)
    return target


def shortened(text: str, most: int = 44) -> str:
    """Text of at most so many characters, which leaves room for the figure."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def as_number(name: str, value: int, lowest: int) -> int:
    """`value`, a whole number that is not below `lowest`.

    Raises:
        ConfigError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
        raise ConfigError(f"{name} must be a whole number of at least {lowest}, not {value!r}")
    return value


def p_text(value: float | None) -> str:
    """A p-value with two significant figures; a dash where there is none."""
    return "–" if value is None else f"{value:.2g}"
