"""What the commands print at their end, and the folder of a result."""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from phenojax.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from phenojax.screen.results import ScreenResult

TOP_GENES = 15
# The table names the top terms where it leaves this many columns free.
TERM_WIDTH = 20
REPORT_NAME = "report.html"
# Unicode's categories of control and format characters, half pairs, and separators of lines and paragraphs.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def write_folder(result: ScreenResult, folder: Path) -> Path:
    """Write the result and its report into `folder`; returns the report's path."""
    from phenojax._files import written_whole
    from phenojax.report import render

    page, report = render(result), folder / REPORT_NAME
    result.write(folder)
    report.unlink(missing_ok=True)  # a report of an earlier run must not outlive its tables, nor go before them
    with written_whole(report) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return report


def draw_report_again(folder: Path) -> Path | None:
    """Draw the report of a result anew, with the face maps beside it; None where the folder has no report."""
    from phenojax.explain.face.storage import read_face_maps
    from phenojax.report import write_report
    from phenojax.screen.results import ScreenResult

    report = folder / REPORT_NAME
    if not report.is_file():
        return None
    return write_report(ScreenResult.read(folder), report, face_maps=read_face_maps(folder))


def check_file(path: Path, suffixes: Sequence[str], option: str = "--out") -> None:
    """Refuse, before any work is done, a name that cannot be written.

    Raises:
        ConfigError: another suffix, a folder that does not exist, or a folder of that name.
    """
    if path.suffix not in suffixes:
        listed = " or ".join(part for part in (", ".join(suffixes[:-1]), suffixes[-1]) if part)
        raise ConfigError(f"{option} {path}: cannot write this; expected a name that ends in {listed}")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: the folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise ConfigError(f"{option} {path}: is a folder; a file is written, so give another name")


def write_table(table: pa.Table, path: Path, formats: Mapping[str, Callable[[Any], str]]) -> None:
    """Write a table as ``.parquet``, or as ``.tsv`` with these formats of columns and nothing where it is null."""
    write_tables([(table, path, formats)])


def write_tables(tables: Sequence[tuple[pa.Table, Path, Mapping[str, Callable[[Any], str]]]]) -> None:
    """Write each table as `write_table` does; they take their names when all of them are complete."""
    from phenojax._files import written_whole

    with ExitStack() as files:
        for table, path, formats in tables:
            temporary = files.enter_context(written_whole(path))
            if path.suffix == ".parquet":
                import pyarrow.parquet as pq

                pq.write_table(table, temporary)
            else:
                _write_tsv(table, temporary, formats)


def _write_tsv(table: pa.Table, path: Path, formats: Mapping[str, Callable[[Any], str]]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as stream:
        writer: Any = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(table.column_names)
        written_as = [formats.get(name, str) for name in table.column_names]
        for batch in table.to_batches(max_chunksize=10_000):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                cells = zip(row, written_as, strict=True)
                writer.writerow(["" if value is None else form(value) for value, form in cells])


def printable(text: str) -> str:
    """`text` with U+FFFD for all that a terminal would obey rather than show.

    Names come from files of other people: control characters, those that turn the direction of writing, and line ends.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(one) in _OBEYED else one for one in text)


def echo(text: str, *, err: bool = False) -> None:
    """Print one line that may hold names."""
    typer.echo(printable(text), err=err)


def console() -> Console:
    """Give what prints tables and lines that may hold names: what a terminal would obey is shown by U+FFFD."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Plain(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for part in super().render(renderable, options):
                lines = (printable(line) for line in part.text.split("\n"))
                yield part if part.control else Segment("\n".join(lines), part.style)

    return Plain(highlight=False)


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
    printed = console()
    rows = sorted(result.table.to_pylist(), key=_strength)
    if rows:
        shown = rows[:TOP_GENES]
        plain = _top_table(shown)
        room = printed.width - printed.measure(plain).maximum
        printed.print(plain if room < TERM_WIDTH else _top_table(shown, _top_terms(result, shown), room))
    tested = sum(row["q_value"] is not None for row in rows)
    printed.print(
        f"{sum(map(is_significant, rows))} of {tested} tests significant (q <= 0.05); {len(rows)} rows in all"
    )
    if alone := sum(row["status"] == "single_group" for row in rows):
        printed.print(
            f"{alone} single_group: all cases or controls from one group, not protected from publication effects, so "
            "without q",
            style="dim",
            soft_wrap=True,
        )
    for note in result.run.get("notes") or ():
        printed.print(note, style="dim", markup=False)
    if folder is not None:
        if result.models is not None:
            printed.print(
                "models/ holds the individuals' terms and embeddings (personal data); phenojax models export gives the "
                "models away without",
                style="dim",
                soft_wrap=True,
            )
        printed.print(f"Report: {folder / REPORT_NAME}", soft_wrap=True, markup=False)


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
