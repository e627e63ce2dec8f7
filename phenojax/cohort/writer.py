"""Writing a cohort so that `read_cohort` gives it back: the file appears whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError

from phenojax.cohort.model import Cohort, Individual
from phenojax.errors import CohortError

# What is written for every individual; further columns follow.
_FIELDS = ("id", "gene", "hpo", "hpo_excluded", "sex", "age", "group", "photo", "disease", "label")
_TYPES = (pa.string(), pa.string(), pa.list_(pa.string()), pa.list_(pa.string()), pa.string(), pa.float64())
_EXCEL_CELL_LIMIT = 32_767
_EXCEL_ROW_LIMIT = 1_048_576

Writer = Callable[[Cohort, Path, BinaryIO], None]


def write_cohort(cohort: Cohort, path: str | os.PathLike[str]) -> None:
    """Write a cohort as .jsonl(.gz), .tsv(.gz), .csv(.gz), .parquet or .xlsx.

    Photographs are written relative to the file's folder where they lie under it. The same cohort gives the same bytes
    (but for .xlsx, which holds the time of writing).

    Args:
        cohort: what to write.
        path: the extension says the format; an existing file is replaced.

    Raises:
        CohortError: another extension, a folder that does not exist, a further column named like a field, or a text
            that a spreadsheet cannot hold.
    """
    place = Path(path)
    name = place.name.lower()
    plain = name.removesuffix(".gz")
    writer = next((writer for extension, writer in _WRITERS.items() if plain.endswith(extension)), None)
    if writer is None or (plain != name and writer in (_write_parquet, _write_xlsx)):
        raise CohortError(f"{place}: cannot write this; expected .jsonl(.gz), .tsv(.gz), .csv(.gz), .parquet or .xlsx")
    for column in cohort.columns:
        if column.strip() != column or not column or column.lower() in _FIELDS:
            raise CohortError(f"{place}: the further column {column!r} cannot be written; rename it")
    if not place.parent.is_dir():
        raise CohortError(f"{place}: the folder {place.parent} does not exist")
    with _replacing(place) as stream:
        if plain == name:
            writer(cohort, place, stream)
        else:
            with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                writer(cohort, place, cast(BinaryIO, packed))


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            yield stream
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _records(cohort: Cohort, path: Path) -> Iterator[list[Any]]:
    """Yield the values of `_FIELDS` and of the further columns, one list per individual."""
    folder = Path(os.path.abspath(path.parent))
    columns = list(cohort.columns.values())
    for row, i in enumerate(cohort):
        photo = _photo(i, folder)
        fields = [i.id, i.gene, i.observed, i.excluded, i.sex.value, i.age, i.group, photo, i.disease, i.label]
        yield fields + [values[row] for values in columns]


def _photo(individual: Individual, folder: Path) -> str | None:
    photo = individual.photo
    if photo is None or "://" in photo:
        return photo
    absolute = Path(os.path.abspath(photo))
    return str(absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute)


def _write_jsonl(cohort: Cohort, path: Path, stream: BinaryIO) -> None:
    names = (*_FIELDS, *cohort.columns)
    for record in _records(cohort, path):
        line = json.dumps(dict(zip(names, record, strict=True)), ensure_ascii=False, separators=(",", ":"))
        stream.write(line.encode() + b"\n")


def _flat(value: Any) -> str:
    """Write a cell of a sheet: lists joined, no carriage returns, which a reader would take for the end of a line."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _write_delimited(delimiter: str) -> Writer:
    def write(cohort: Cohort, path: Path, stream: BinaryIO) -> None:
        text = io.TextIOWrapper(stream, "utf-8", newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        writer.writerow([*_FIELDS, *cohort.columns])
        for record in _records(cohort, path):
            writer.writerow([_flat(value) for value in record])
        text.flush()
        text.detach()

    return write


def _write_parquet(cohort: Cohort, path: Path, stream: BinaryIO) -> None:
    names = (*_FIELDS, *cohort.columns)
    types = {**dict.fromkeys(names, pa.string()), **dict(zip(_FIELDS, _TYPES, strict=False)), "disease": _TYPES[2]}
    columns: Mapping[str, list[Any]] = {name: [] for name in names}
    for record in _records(cohort, path):
        for column, value in zip(columns.values(), record, strict=True):
            column.append(value)
    pq.write_table(pa.table({name: pa.array(values, types[name]) for name, values in columns.items()}), stream)


def _write_xlsx(cohort: Cohort, path: Path, stream: BinaryIO) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("cohort")
    # All cells first: a sheet that was begun and not finished would leave its stream open.
    rows = [
        [value if value is None or isinstance(value, float) else _text_cell(sheet, path, value) for value in record]
        for record in _records(cohort, path)
    ]
    if len(rows) >= _EXCEL_ROW_LIMIT:
        raise CohortError(f"{path}: {len(rows):,} individuals do not fit an Excel sheet; write .tsv or .parquet")
    sheet.append([*_FIELDS, *cohort.columns])
    for row in rows:
        sheet.append(row)
    book.save(stream)


def _text_cell(sheet: Any, path: Path, value: Any) -> Any:
    """Make a cell that Excel takes as text, never as a formula."""
    text = _flat(value)
    if len(text) > _EXCEL_CELL_LIMIT:
        raise CohortError(f"{path}: {len(text):,} characters do not fit an Excel cell ({text[:40]!r} ...); write .tsv")
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError:
        raise CohortError(
            f"{path}: {text[:40]!r} holds a control character, which Excel cannot; write .jsonl"
        ) from None
    cell.data_type = "s"
    return cell


_WRITERS: Mapping[str, Writer] = {
    ".jsonl": _write_jsonl,
    ".tsv": _write_delimited("\t"),
    ".csv": _write_delimited(","),
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
