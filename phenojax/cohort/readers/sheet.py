"""Cohorts in tables: .tsv, .csv, .parquet and .xlsx, one row per individual."""

from __future__ import annotations

import csv
import warnings
import zipfile
from itertools import chain
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from phenojax.cohort.model import Cohort
from phenojax.cohort.readers.builder import CohortBuilder
from phenojax.cohort.readers.jsonl import open_bytes, text_lines
from phenojax.errors import CohortError

# A real sheet of a million rows unpacks to well under this; a zip bomb does not.
MAX_UNPACKED_BYTES = 4 << 30
_BATCH_ROWS = 65_536


def read_delimited(path: Path) -> Cohort:
    """Read .tsv or .csv (plain or .gz); a .csv whose header has semicolons and no comma is split at semicolons."""
    builder = CohortBuilder(str(path), path.parent, "line")
    with open_bytes(path) as stream:
        lines = text_lines(path, stream)
        header = next(lines, None)
        if header is None:
            raise CohortError(f"{path} is empty; expected a header line and one line per individual")
        reader = csv.reader(chain([header], lines), delimiter=_delimiter(path, header), strict=True)
        try:
            names = tuple(next(reader))
            for row in reader:
                if not row:
                    continue
                if len(row) != len(names):
                    raise builder.error(reader.line_num, f"{len(row)} cells, but the header has {len(names)}")
                builder.add_row(reader.line_num, names, row)
        except csv.Error as error:
            raise builder.error(reader.line_num, f"{error}; check the quotes and separators there") from None
    return builder.build()


def _delimiter(path: Path, header: str) -> str:
    if ".tsv" in path.suffixes or path.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"
    return ";" if ";" in header and "," not in header else ","


def read_parquet(path: Path) -> Cohort:
    """Read a .parquet file; term lists may be list columns or text."""
    builder = CohortBuilder(str(path), path.parent, "row")
    row = 0
    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    row += 1
                    builder.add_row(row, names, values)
    except (pa.ArrowException, OSError) as error:
        raise CohortError(f"{path}: not a readable Parquet file ({error})") from None
    return builder.build()


def read_xlsx(path: Path) -> Cohort:
    """Read the first sheet of an .xlsx file."""
    builder = CohortBuilder(str(path), path.parent, "row")
    _check_zip(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validation rules, which nobody reads here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            header = next(rows, ())
            if not any(header):
                raise CohortError(f"{path} is empty; expected a header row and one row per individual")
            names = tuple("" if name is None else str(name) for name in header)
            for number, row in enumerate(rows, 2):
                if any(cell is not None for cell in row):
                    values = list(row[: len(names)])
                    builder.add_row(number, names, values + [None] * (len(names) - len(values)))
        finally:
            book.close()
    except CohortError:
        raise
    except Exception as error:  # openpyxl lets whatever its parts raise through: KeyError, ParseError, zlib.error ...
        raise CohortError(f"{path}: not a readable Excel workbook ({error}); save it as .xlsx again") from None
    return builder.build()


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise CohortError(f"{path}: not an .xlsx workbook ({error}); open it in Excel and save it as .xlsx") from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise CohortError(f"{path} unpacks to {unpacked:,} bytes; the limit is {MAX_UNPACKED_BYTES:,}")
