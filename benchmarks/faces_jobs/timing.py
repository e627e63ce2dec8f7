"""How a clock is read, and what every job needs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from faces_jobs.pictures import Pictures
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Context:
    """The pictures, and how much is done with them.

    Attributes:
        pictures: real and generated faces.
        cores: that this process may use.
        rounds: how often each side has its turn.
        quick: a run that only shows that everything works.
    """

    pictures: Pictures
    cores: int
    rounds: int
    quick: bool


def race(sides: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Milliseconds of processor time of each side: the median of its turns, the first of which is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds + 1):
        for name, side in sides.items():
            begin = time.process_time()
            jax.block_until_ready(side())
            if turn:
                taken[name].append((time.process_time() - begin) * 1e3)
    return {name: statistics.median(each) for name, each in taken.items()}


def differ(what: str, found: ArrayLike, wanted: ArrayLike, within: float) -> str:
    """By how much two answers differ, in words; more than `within` ends the run."""
    difference = float(np.abs(np.asarray(found, np.float64) - np.asarray(wanted, np.float64)).max())
    if not difference <= within:
        raise SystemExit(f"{what}: the answers differ by up to {difference:g}: a fast wrong answer is no result")
    return f"{what}: answers agree within {difference:.1e}"


def milliseconds(value: float) -> str:
    """To three digits."""
    return f"{value:.3g} ms" if value < 100 else f"{value:,.0f} ms"
