"""Files and folders that appear whole or not at all, and what results are made of: tables, JSON values, checksums."""

from __future__ import annotations

import csv
import hashlib
import math
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

TEMPORARY_PREFIX = ".writing-"


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; it takes the name `path` when the block ends well.

    On any exception, Ctrl-C among them, the temporary file is removed and `path` stays as it was. The temporary name
    ends like `path`, since writers choose a format by the suffix.
    """
    target = Path(path)
    temporary = _beside(target)
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def folder_written_whole(path: str | os.PathLike[str], mode: int = 0o777) -> Iterator[Path]:
    """Give a temporary folder beside `path` to fill; it takes the place of `path` when the block ends well.

    On any exception the temporary folder is removed and `path` stays as it was; `mode` is the folder's, less the umask.
    """
    target = Path(path)
    temporary = _beside(target)
    temporary.mkdir(mode=mode)
    try:
        yield temporary
        with folder_removed_in_the_end(target):
            pass
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def folder_removed_in_the_end(path: str | os.PathLike[str]) -> Iterator[None]:
    """Remove the folder `path`, where there is one, when the block ends well; its name is free at once."""
    yield
    target = Path(path)
    if target.is_dir():
        away = target.rename(_beside(target))
        shutil.rmtree(away)


def holds_an_unfinished_write(folder: Path, last: str, names: Collection[str]) -> bool:
    """Whether all in `folder` is of a run that was killed before its `last` file took its name.

    Such a run leaves temporary files, that of `last` among them, and of `names` those that had their place already.
    """
    found = [path.name for path in folder.iterdir()]
    temporary = [name for name in found if name.startswith(TEMPORARY_PREFIX)]
    placed = set(found) - set(temporary)
    begun = any(name.endswith(f"-{last}") for name in temporary)
    return (begun or not placed) and placed <= set(names)


def remove_left_over(folder: Path) -> None:
    """Remove what a run that was killed while it wrote has left in `folder`."""
    for left_over in folder.glob(f"{TEMPORARY_PREFIX}*"):
        if left_over.is_dir() and not left_over.is_symlink():
            shutil.rmtree(left_over)
        else:
            left_over.unlink()


def _beside(target: Path) -> Path:
    return target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}-{target.name}")


def sha256(path: Path) -> str:
    """Checksum of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_tsv(table: pa.Table, path: Path) -> None:
    """Write a table with a header, numbers to six digits, nothing where it is null."""
    columns = [column.to_pylist() for column in table.columns]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))


def _cell(value: object) -> object:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value


def plain_json(value: Any) -> Any:
    """`value` in JSON's own types; a number that JSON lacks (nan, inf) becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_json(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
