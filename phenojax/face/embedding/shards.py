"""Work cut into shards whose results are files, so that a run that is killed at any moment goes on where it was.

A shard is a run of consecutive photographs. Its file is called by a hash of all that its vectors depend on, and appears
whole or not at all: where there is a file of that name, its work is done, and nothing else has to be remembered.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from phenojax._files import TEMPORARY_PREFIX
from phenojax.errors import ConfigError
from phenojax.face.embedding.given_landmarks import Landmarks
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.storage import SUFFIX, read_embeddings, write_embeddings

try:
    import fcntl
except ImportError:  # Windows: two runs into one file are the user's to avoid
    fcntl = None  # type: ignore[assignment]

_LOG = logging.getLogger(__name__)
_LOCK = "lock"


def cut(n: int, size: int) -> list[range]:
    """Consecutive rows, `size` in each shard but the last."""
    return [range(begin, min(begin + size, n)) for begin in range(0, n, size)]


def shard_key(rows: range, photographs: PhotographList, landmarks: Landmarks | None, run: str) -> str:
    """A hash of what the vectors of a shard depend on.

    A photograph is known by its path, its size and the time of its last change: to read all of it would take as long
    as to decode it.

    Args:
        rows: of the shard.
        photographs: all of them.
        landmarks: given ones.
        run: a hash of settings and weights.
    """
    digest = hashlib.sha256(run.encode())
    for row in rows:
        id_, photo = photographs.ids[row], photographs.photos[row]
        points = None if landmarks is None else landmarks.points.get(id_)
        given = None if points is None else points.tobytes().hex()
        digest.update(json.dumps([id_, photo, _state(photo), given]).encode() + b"\n")
    return digest.hexdigest()[:32]


def _state(photo: str | None) -> list[Any] | None:
    if photo is None or "://" in photo:
        return None
    try:
        found = os.stat(photo)
    except (OSError, ValueError):
        return None
    return [os.path.abspath(photo), found.st_size, found.st_mtime_ns]


class ShardFolder:
    """The finished shards of a run, in ``OUT.parts`` beside the file that they become; 0700, the files 0600.

    Made by `shard_folder`, which lets only one run at a time into it.

    Args:
        folder: that exists.
        keys: of all shards, in order.
    """

    def __init__(self, folder: Path, keys: Sequence[str]) -> None:
        self._folder = folder
        self._keys = keys
        wanted, stale = set(keys), []
        for path in folder.iterdir():
            if path.name.startswith(TEMPORARY_PREFIX):  # of a run that was killed while it wrote
                path.unlink()
            elif path.suffix == SUFFIX and path.stem not in wanted:
                stale.append(path)
        for path in stale:
            path.unlink()
        if stale:
            _LOG.warning(
                "%s: %d finished parts belong to other photographs, settings or weights; they are removed and "
                "computed again",
                folder,
                len(stale),
            )

    def is_done(self, shard: int) -> bool:
        """Whether there is a file of this shard."""
        return self._path(shard).exists()

    def write(self, shard: int, embeddings: FaceEmbeddings) -> None:
        """Keep a finished shard."""
        write_embeddings(embeddings, self._path(shard), key=self._keys[shard])

    def read(self, shard: int) -> FaceEmbeddings:
        """Read a finished shard.

        Raises:
            ResultError: somebody else wrote something else there.
        """
        return read_embeddings(self._path(shard))

    def remove(self) -> None:
        """Remove the shards and, if nothing else lies in it, the folder."""
        for key in self._keys:
            (self._folder / f"{key}{SUFFIX}").unlink(missing_ok=True)
        (self._folder / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            self._folder.rmdir()

    def _path(self, shard: int) -> Path:
        return self._folder / f"{self._keys[shard]}{SUFFIX}"


@contextmanager
def shard_folder(out: Path, keys: Sequence[str]) -> Iterator[ShardFolder]:
    """Open, or make, the folder of the shards of `out`.

    Raises:
        ConfigError: another process works in it.
    """
    folder = out.with_name(f"{out.name}.parts")
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # gone with the process, however it ends
            except BlockingIOError:
                raise ConfigError(f"{out}: another run is writing it; wait for its end or give another name") from None
        yield ShardFolder(folder, keys)
    finally:
        os.close(lock)
