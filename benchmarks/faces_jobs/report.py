"""What was measured, as a page of tables."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jax

import phenojax

PEERS = ("jax", "jaxlib", "dlib-bin", "onnxruntime", "torch")


@dataclass(frozen=True)
class Row:
    """One side of one comparison.

    Attributes:
        what: the work.
        who: does it.
        value: measured.
        ratio: what the section says, where there is one.
    """

    what: str
    who: str
    value: str
    ratio: float | None = None


@dataclass(frozen=True)
class Bar:
    """What was asked for, and whether it was met."""

    asked: str
    found: str
    met: bool


@dataclass
class Section:
    """One job."""

    title: str
    ratio_of: str = "ratio"
    rows: list[Row] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def at_most(self, asked: str, value: float, most: float) -> None:
        """A bar for small numbers."""
        self.bars.append(Bar(asked, f"{value:.3g}", value <= most))

    def at_least(self, asked: str, value: float, least: float) -> None:
        """A bar for large numbers."""
        self.bars.append(Bar(asked, f"{value:.3g}", value >= least))


INTRODUCTION = """# Faces against their peers

`benchmarks/faces.py`. All sides in one process, turn by turn, on the same pictures and weights; the answers are compared
before the clock runs. Medians; milliseconds are those of the processor, compilation left out. Every side has as many threads
as there are cores: {cores}.
"""  # noqa: E501


def page(measured: Mapping[str, Section], cores: int) -> str:
    """The whole page."""
    texts = [INTRODUCTION.format(cores=cores), *(_section(name, section) for name, section in measured.items())]
    return "\n".join([*texts, f"{datetime.now(UTC):%Y-%m-%d}; {_machine()}.\n"])


def _section(name: str, section: Section) -> str:
    lines = [f"## {section.title} (`--job {name}`)", ""]
    if section.rows:
        lines += [f"| what | who | measured | {section.ratio_of} |", "|---|---|---|---|"]
        for row in section.rows:
            lines.append(
                f"| {row.what} | {row.who} | {row.value} | {'' if row.ratio is None else f'{row.ratio:.2f}'} |"
            )
        lines += [""]
    lines += [f"* {'met' if bar.met else '**not met**'}: {bar.asked}: {bar.found}." for bar in section.bars]
    lines += [f"* {note}" for note in section.notes]
    return "\n".join([*lines, ""])


def _machine() -> str:
    devices = ", ".join(sorted({f"{device.platform} {device.device_kind}" for device in jax.devices()}))
    facts = [f"processor: {_processor()}", f"devices: {devices}", f"Python {platform.python_version()}"]
    facts += [f"phenojax {phenojax.__version__}", *(f"{name} {_version(name)}" for name in PEERS)]
    return "; ".join(facts)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "cpu family", "model", "stepping", "cache size")
    found = dict(line.split(":", 1) for line in lines if line.split("\t")[0] in wanted)
    return ", ".join(f"{key.strip()} {value.strip()}" for key, value in found.items())
