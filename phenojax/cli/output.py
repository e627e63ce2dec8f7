"""What the commands print at their end, and the folder of a result."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phenojax.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

    from phenojax.screen.results import ScreenResult

TOP_GENES = 15
# The table names the top terms where it leaves this many columns free.
TERM_WIDTH = 20
REPORT_NAME = "report.html"


def write_folder(result: ScreenResult, folder: Path) -> Path:
    """Write the result and its report into `folder`; returns the report's path."""
    from phenojax.report import write_report

    report = folder / REPORT_NAME
    report.unlink(missing_ok=True)  # a report of an earlier run must not outlive its tables
    result.write(folder)
    return write_report(result, report)


def check_file(path: Path, suffixes: Sequence[str], option: str = "--out") -> None:
    """Refuse, before any work is done, a name that cannot be written.

    Raises:
        ConfigError: another suffix, or a folder that does not exist.
    """
    if path.suffix not in suffixes:
        listed = " or ".join(part for part in (", ".join(suffixes[:-1]), suffixes[-1]) if part)
        raise ConfigError(f"{option} {path}: cannot write this; expected a name that ends in {listed}")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: the folder {path.parent} does not exist; make it first")


def write_table(table: pa.Table, path: Path, formats: Mapping[str, Callable[[Any], str]]) -> None:
    """Write a table as ``.parquet``, or as ``.tsv`` with these formats of columns and nothing where it is null."""
    from phenojax._files import written_whole

    with written_whole(path) as temporary:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, temporary)
            return
        import csv

        with temporary.open("w", encoding="utf-8", newline="") as stream:
            writer: Any = csv.writer(stream, delimiter="\t", lineterminator="\n")
            writer.writerow(table.column_names)
            written_as = [formats.get(name, str) for name in table.column_names]
            for batch in table.to_batches(max_chunksize=10_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    cells = zip(row, written_as, strict=True)
                    writer.writerow(["" if value is None else form(value) for value, form in cells])


def rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Give the rows one after the other, without a list of all of them."""
    for batch in table.to_batches(max_chunksize=1000):
        yield from batch.to_pylist()


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    json.dump(_finite(value), sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def summary(result: ScreenResult, folder: Path | None) -> dict[str, Any]:
    """Make the machine-readable end of a screen: every row of the table, counts, and where the files are."""
    rows = result.table.to_pylist()
    statuses = [row["status"] for row in rows]
    return {
        "out": None if folder is None else str(folder),
        "report": None if folder is None else str(folder / REPORT_NAME),
        "n_genes": len({row["gene"] for row in rows}),
        "n_significant": sum(is_significant(row) for row in rows),
        "status": {status: statuses.count(status) for status in sorted(set(statuses))},
        "ontology": dict(result.run.get("ontology") or {}),
        "results": rows,
    }


def print_summary(result: ScreenResult, folder: Path | None) -> None:
    """Print the strongest genes as a table, the counts, and where the report is."""
    from rich.console import Console

    console = Console(highlight=False)
    rows = sorted(result.table.to_pylist(), key=_strength)
    if rows:
        shown = rows[:TOP_GENES]
        plain = _top_table(shown)
        room = console.width - console.measure(plain).maximum
        console.print(plain if room < TERM_WIDTH else _top_table(shown, _top_terms(result, shown), room))
    tested = sum(row["q_value"] is not None for row in rows)
    console.print(
        f"{sum(map(is_significant, rows))} of {tested} tests significant (q <= 0.05); {len(rows)} rows in all"
    )
    if alone := sum(row["status"] == "single_group" for row in rows):
        console.print(
            f"{alone} single_group: all cases or controls from one group, not protected from publication effects, so "
            "without q",
            style="dim",
            soft_wrap=True,
        )
    for note in result.run.get("notes") or ():
        console.print(note, style="dim", markup=False)
    if folder is not None:
        console.print(f"Report: {folder / REPORT_NAME}", soft_wrap=True, markup=False)


def is_significant(row: Mapping[str, Any]) -> bool:
    """Say whether the false discovery rate is at most one in twenty."""
    return row["q_value"] is not None and row["q_value"] <= 0.05


def _top_terms(result: ScreenResult, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Name the term of the smallest p of each significant gene among ``rows`` that has one, by gene."""
    genes = {row["gene"] for row in rows if is_significant(row)}
    terms = result.explanations.select(["gene", "label", "p_value"]).to_pylist()
    wanted = [term for term in terms if term["gene"] in genes and term["p_value"] is not None]
    found: dict[str, str] = {}
    for term in sorted(wanted, key=lambda term: float(term["p_value"])):
        found.setdefault(term["gene"], term["label"])
    return found


def _top_table(rows: Sequence[Mapping[str, Any]], top_terms: Mapping[str, str] | None = None, room: int = 0) -> Any:
    """Lay the rows out; with ``top_terms``, by gene, in ``room`` columns that the rest leaves free."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    several = len({row["modality"] for row in rows}) > 1
    table.add_column("gene", overflow="fold")
    if several:
        table.add_column("by")
    for name in ("cases", "groups", "AUC", "interval", "p", "q"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    if top_terms:
        table.add_column("top term", no_wrap=True, overflow="ellipsis", max_width=room - 3)
    for row in rows:
        interval = "" if row["auc_low"] is None else f"{row['auc_low']:.2f} to {row['auc_high']:.2f}"
        cells = (
            row["gene"] or "",
            *([row["modality"]] if several else []),
            _number(row["n_cases"], "d"),
            _number(row["n_groups"], "d"),
            _number(row["auc"], ".3f"),
            interval,
            _number(row["p_value"], ".2g"),
            _number(row["q_value"], ".2g"),
            row["status"] or "",
            *([top_terms.get(row["gene"], "") if is_significant(row) else ""] if top_terms else []),
        )
        table.add_row(*map(escape, cells), style="bold" if is_significant(row) else "")
    return table


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _strength(row: Mapping[str, Any]) -> tuple[float, float, int]:
    """Sort by q, then those without one by p; among equals, and permutations make many, by what is clearer, larger."""
    without_q = 4.0 if row["p_value"] is None else 2.0 + row["p_value"]
    q_value = without_q if row["q_value"] is None else row["q_value"]
    return (q_value, -(row["auc"] or 0.0), -(row["n_cases"] or 0))


def _finite(value: Any) -> Any:
    """`value` with null for the numbers that JSON lacks."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
