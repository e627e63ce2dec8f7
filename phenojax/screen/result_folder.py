"""A folder of results: tables, and a run.json that comes last and tells which files belong to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from phenojax._files import holds_an_unfinished_write, plain_json, remove_left_over, sha256, write_tsv, written_whole
from phenojax.errors import ResultError
from phenojax.models.reading import IN_A_RESULT, RUN
from phenojax.models.storage import check_models_folder

Entered = TypeVar("Entered")


class ResultFormat(NamedTuple):
    """What kind of result a folder holds.

    Attributes:
        name: as in its run.json.
        version: of the format.
        files: names of all that lies beside run.json.
    """

    name: str
    version: int
    files: tuple[str, ...]


class ResultFiles:
    """The files of a result that is being written: each takes its name when all of them are complete.

    Attributes:
        folder: where they will lie.
        digests: SHA-256 by name, of what run.json is to vouch for.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.digests: dict[str, str] = {}
        self._stack = stack

    def enter(self, written: AbstractContextManager[Entered]) -> Entered:
        """Whatever else is written whole; it ends with the result."""
        return self._stack.enter_context(written)

    def parquet(self, name: str, table: pa.Table) -> None:
        """A table as ``name``, with its digest."""
        path = self.enter(written_whole(self.folder / name))
        pq.write_table(table, path)
        self.digests[name] = sha256(path)

    def tsv(self, name: str, table: pa.Table) -> None:
        """A table as text."""
        write_tsv(table, self.enter(written_whole(self.folder / name)))


@contextmanager
def result_written_whole(
    folder: str | os.PathLike[str], run: Mapping[str, Any], expected: ResultFormat
) -> Iterator[ResultFiles]:
    """Give the files of a result to write; run.json is added, and on any exception `folder` stays as it was.

    Args:
        folder: new, empty, or an earlier result of the same format.
        run: of run.json; format, version and digests are added.
        expected: the format.

    Raises:
        ResultError: as `check_folder`.
    """
    target = check_folder(folder, expected)
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as stack:
            # An ExitStack renames in the reverse order of entry: run.json is entered first, to appear last.
            run_path = stack.enter_context(written_whole(target / RUN))
            files = ResultFiles(target, stack)
            yield files
            told = {**run, "format": expected.name, "format_version": expected.version, "files": files.digests}
            text = json.dumps(plain_json(told), indent=2, ensure_ascii=False, allow_nan=False)
            run_path.write_text(text + "\n", encoding="utf-8")
    except BaseException:
        if made and not any(target.iterdir()):
            target.rmdir()
        raise
    remove_left_over(target)


def check_folder(folder: str | os.PathLike[str], expected: ResultFormat) -> Path:
    """`folder` when a result may be written there: absent, empty, or holding an earlier result of the same format.

    What a killed run left in a new folder counts as such; it stays until the next result is whole, as it is what tells
    the folder from somebody else's.

    Raises:
        ResultError: it is a file, or a folder with files of somebody else in it.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise ResultError(f"{target}: is a file; results are written to a folder, so give another name")
    if not target.is_dir():
        return target
    if _is_result(target, expected):
        remove_left_over(target)
    elif any(target.iterdir()) and not holds_an_unfinished_write(target, RUN, expected.files):
        raise ResultError(f"{target}: holds files but no phenojax result; give an empty or a new folder")
    check_models_folder(target / IN_A_RESULT)
    return target


def _is_result(folder: Path, expected: ResultFormat) -> bool:
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(run, dict) and run.get("format") == expected.name
