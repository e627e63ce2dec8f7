"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def remove_left_over(folder: Path) -> None:
    """Remove what a run that was killed while it wrote has left in `folder`."""
    for left_over in folder.glob(f"{TEMPORARY_PREFIX}*"):
        if left_over.is_dir() and not left_over.is_symlink():
            shutil.rmtree(left_over)
        else:
            left_over.unlink()


def _beside(target: Path) -> Path:
    return target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(4)}-{target.name}")
