"""Cohorts of one JSON object per line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from phenojax.cohort.model import Cohort
from phenojax.cohort.readers.builder import CohortBuilder
from phenojax.errors import CohortError


def open_bytes(path: Path) -> IO[bytes]:
    """Open the file's bytes, unpacked when its name ends with .gz."""
    if path.name.lower().endswith(".gz"):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def text_lines(path: Path, stream: IO[bytes]) -> Iterator[str]:
    """Lines of UTF-8 text, each with its line end; an error names the line."""
    number = 0
    try:
        for number, line in enumerate(stream, 1):
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.start + 1]
        raise CohortError(
            f"{path}: line {number}: byte {bad.hex()!r} is not UTF-8 text; save the file as UTF-8"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CohortError(
            f"{path}: the gzip data is broken or cut short after line {number} ({error}); copy the file again"
        ) from None


def read_jsonl(path: Path) -> Cohort:
    """Read a .jsonl or .jsonl.gz file; of nested objects only the variants are read (`variant_columns`)."""
    builder = CohortBuilder(str(path), path.parent, "line")
    with open_bytes(path) as stream:
        for number, line in enumerate(text_lines(path, stream), 1):
            if line.isspace():
                continue
            try:
                record = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise builder.error(number, f"not JSON ({error}); expected one object per line") from None
            if not isinstance(record, dict):
                raise builder.error(number, f"holds a {type(record).__name__}; expected one JSON object per line")
            builder.add_row(number, tuple(record), tuple(record.values()))
    return builder.build()
