"""The page."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEAD = """# Maps of faces

`benchmarks/face_explanations.py`. Warped copies of 20 generated faces (nobody real), dlib's detector and encoder.
Light, framing, skin and noise differ in each photograph. A model is fitted on 10 of the people, with one photograph of
each facial feature and four without any, by the screen's classifier, and explained on photographs of the other 10.
Intervals are 95 %, redrawing these 10. Warps test the machinery and prove nothing about patients.
"""


def page(sections: Sequence[Sequence[str]]) -> str:
    """All sections, and where they were measured."""
    lines = [line for section in sections for line in section]
    return "\n".join([HEAD, *lines, f"{datetime.now(UTC):%Y-%m-%d}; one core; {_machine()}.", ""])


def bar(asked: str, found: str, met: bool) -> str:
    """One thing that was asked for."""
    return f"* {'met' if met else '**not met**'}: {asked}: {found}."


def told(values: NDArray[np.float64], people: NDArray[np.int64], draws: int = 2000) -> tuple[str, float]:
    """``mean (low to high)`` of photographs, the interval from redrawing people; and its lower end."""
    codes = np.unique(people, return_inverse=True)[1]
    sums, counts = np.bincount(codes, values), np.bincount(codes)
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=draws)
    low, high = np.quantile(drawn @ sums / (drawn @ counts), [0.025, 0.975])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})", float(low)


def _machine() -> str:
    facts = [f"processor: {_processor()}", f"Python {platform.python_version()}"]
    return "; ".join([*facts, *(f"{name} {version(name)}" for name in ("phenojax", "jax", "jaxlib"))])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "cpu family", "model", "stepping", "cache size")
    found = dict(line.split(":", 1) for line in lines if line.split("\t")[0] in wanted)
    return ", ".join(f"{key.strip()} {value.strip()}" for key, value in found.items())
