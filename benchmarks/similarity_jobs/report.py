"""What was measured, as a table and as JSON."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import phenojax
from phenojax import _core


@dataclass(frozen=True)
class Row:
    """One side of one job. `seconds` are processor seconds on one core unless the row says otherwise."""

    who: str
    seconds: float
    pairs: int | None = None
    times_as_fast: float | None = None
    limit_seconds: float | None = None


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
    rows: list[Row] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    when: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d}")


INTRODUCTION = """# Similarity against its peers

`benchmarks/similarity_vs_peers.py`. One core, the same release and the same sets on every side, in the same run; medians of
processor seconds unless a row says otherwise. "ns a pair": for sets against themselves pairs are i <= j, although both halves
are written. "of the limit": the seconds that gathering the 64-byte rows alone would take (bytes gathered over the bandwidth that
this core reaches for random rows of a table as large), over the seconds measured; filling the table, the sums and the writing
are not in that limit.
"""  # noqa: E501


def write(folder: Path, measured: dict[str, Section], facts: dict[str, str]) -> str:
    """Sections of an earlier run stay where this run did not measure them again."""
    stored = folder / "similarity_vs_peers.json"
    told: dict[str, Any] = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {}
    sections = told.get("sections", {}) | {name: asdict(section) for name, section in measured.items()}
    told = {"facts": told.get("facts", {}) | facts, "sections": dict(sorted(sections.items()))}
    text = "\n".join(
        [INTRODUCTION, *(_section(name, s) for name, s in told["sections"].items()), _facts(told["facts"])]
    )
    folder.mkdir(parents=True, exist_ok=True)
    stored.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    stored.with_suffix(".md").write_text(text, encoding="utf-8")
    return text


def machine_facts(release: str) -> dict[str, str]:
    return {
        "processor": processor(),
        "instruction set": _core.active_isa(),
        "phenojax": phenojax.__version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "HPO": release,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "cpu family", "model", "stepping", "cache size")
    found = dict(line.split(":", 1) for line in lines if line.split("\t")[0] in wanted)
    return ", ".join(f"{key.strip()} {value.strip()}" for key, value in found.items())


def _section(name: str, section: dict[str, Any]) -> str:
    lines = [f"## ({name}) {section['title']}", ""]
    if section["rows"]:
        lines += ["| | seconds | ns a pair | times as fast as hpo3 | of the limit |", "|---|---|---|---|---|"]
        lines += [_row(row) for row in section["rows"]]
        lines += [""]
    lines += [f"* {'met' if bar['met'] else '**not met**'}: {bar['asked']}. {bar['found']}." for bar in section["bars"]]
    lines += [f"* {note}" for note in section["notes"]]
    lines += [f"* {section['when']}", ""]
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    seconds, pairs, fast, limit = (row[key] for key in ("seconds", "pairs", "times_as_fast", "limit_seconds"))
    cells = [
        row["who"],
        f"{seconds:.3g}" if seconds < 1 else f"{seconds:,.2f}",
        f"{seconds / pairs * 1e9:,.2f}" if pairs else "",
        "" if fast is None else f"{fast:,.0f}" if fast >= 10 else f"{fast:.2g}",
        f"{limit / seconds:.0%}" if limit else "",
    ]
    return f"| {' | '.join(cells)} |"


def _facts(facts: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in facts.items()) + ".\n"
