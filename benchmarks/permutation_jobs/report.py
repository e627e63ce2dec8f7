"""What was measured, as a page of tables, and how a clock is read."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

INTRODUCTION = """# Permutations

`benchmarks/permutation.py`. One core; processor time, so that neighbours on the machine count little; compilation left
out; medians. A permutation is a whole cross-validation of one labelling, with its weighing of penalties and mixes by
leave-group-out residuals in every fold, and its AUC.
"""


@dataclass
class Section:
    """One job: a table, and whether its bars were met."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)

    def at_least(self, what: str, value: float, bar: float) -> str:
        """The bar as a cell; remembered where it was missed."""
        if value < bar:
            self.missed.append(f"{what}: {value:,.3g}, asked for {bar:,.3g}")
        return f">= {bar:,.6g}{'' if value >= bar else ' (**missed**)'}"

    def at_most(self, what: str, value: float, bar: float) -> str:
        """The same for what should be small."""
        if value > bar:
            self.missed.append(f"{what}: {value:,.3g}, asked for at most {bar:,.3g}")
        return f"<= {bar:,.6g}{'' if value <= bar else ' (**missed**)'}"

    def met(self) -> bool:
        return not self.missed

    def text(self) -> str:
        lines = [f"## {self.title}", "", f"| {' | '.join(self.columns)} |", "|" + "---|" * len(self.columns)]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        if self.notes:
            lines += ["", *(f"* {note}" for note in self.notes)]
        return "\n".join([*lines, ""])


def page(sections: list[Section]) -> str:
    """The whole page."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("phenojax", "jax", "jaxlib", "numpy", "scikit-learn"))
    facts = f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}; Python {platform.python_version()}, {versions}."
    return "\n".join([INTRODUCTION, *(section.text() for section in sections), facts, ""])


def seconds(work: Callable[[], Any], rounds: int) -> float:
    """Processor time of one call: the median; a first call, which compiles, is not counted."""
    jax.block_until_ready(work())
    return statistics.median(_once(work) for _ in range(rounds))


def _once(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    jax.block_until_ready(work())
    return time.process_time() - begin


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    wanted = ("model name", "cpu family", "model", "cache size")
    found = dict(line.split(":", 1) for line in lines if line.split("\t")[0] in wanted)
    return ", ".join(f"{key.strip()} {value.strip()}" for key, value in found.items()) or platform.processor()
