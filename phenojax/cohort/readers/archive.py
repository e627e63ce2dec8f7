"""Where phenopackets lie: one file, a folder, a zip or a tar. Archives are read in memory, never unpacked to disk."""

from __future__ import annotations

import gzip
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from phenojax.cohort.model import Cohort
from phenojax.cohort.readers.builder import CohortBuilder
from phenojax.cohort.readers.jsonl import open_bytes
from phenojax.cohort.readers.phenopacket import add_phenopackets
from phenojax.errors import CohortError

# One phenopacket takes some kilobytes; these stop a bomb before it fills the memory.
MAX_MEMBER_BYTES = 256 << 20
MAX_TOTAL_BYTES = 4 << 30
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile, RuntimeError)


def read_json(path: Path) -> Cohort:
    """Read one .json file: a Phenopacket, Family or Cohort, or a list of them."""
    try:
        with open_bytes(path) as stream:
            data = stream.read(MAX_MEMBER_BYTES + 1)
    except _BROKEN as error:
        raise CohortError(f"{path}: the gzip data is broken or cut short ({error}); copy the file again") from None
    _check_size(str(path), len(data))
    return _cohort(path, [(path.name, data)], lambda _: path.parent)


def read_folder(path: Path) -> Cohort:
    """Read every .json file under a folder, by name; hidden files are passed over."""
    files = sorted(
        (file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.suffix.lower() == ".json"
    )
    wanted = [(name, file) for name, file in files if _is_document(name) and file.is_file()]
    for _, file in wanted:
        _check_size(str(file), file.stat().st_size)
    documents = ((name, file.read_bytes()) for name, file in wanted)
    return _cohort(path, documents, lambda name: (path / name).parent)


def read_zip(path: Path) -> Cohort:
    """Read every .json member of a .zip, by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and _is_document(m.filename)]
            for m in members:
                _check_size(f"{path}: member {m.filename}", m.file_size)
            _check_total(path, sum(m.file_size for m in members))
            data = [(m.filename, archive.read(m)) for m in members]
    except _BROKEN as error:
        raise CohortError(f"{path}: the zip is broken, cut short or encrypted ({error}); make it again") from None
    return _cohort(path, sorted(data), lambda _: path.parent)


def read_tar(path: Path) -> Cohort:
    """Read every .json member of a .tar, .tar.gz or .tar.xz, by name; links and devices are passed over."""
    data: list[tuple[str, bytes]] = []
    total = 0
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                if not member.isfile() or not _is_document(member.name):
                    continue
                _check_size(f"{path}: member {member.name}", member.size)
                total += member.size
                _check_total(path, total)
                stream = archive.extractfile(member)
                data.append((member.name, stream.read() if stream else b""))
            _check_end(path, archive)
    except _BROKEN as error:
        raise CohortError(f"{path}: the archive is broken or cut short ({error}); copy it again") from None
    return _cohort(path, sorted(data), lambda _: path.parent)


def _check_end(path: Path, archive: tarfile.TarFile) -> None:
    """Refuse what is cut after its last whole member: the tar's block of zeros and the packer's checksum come last."""
    stream = archive.fileobj
    if stream is None:
        return
    if path.name.lower().endswith(".tar"):
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("no end mark")
        return
    unpacked = 0
    while chunk := stream.read(1 << 20):
        unpacked += len(chunk)
        _check_total(path, unpacked)


def _is_document(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) and part not in (".", "..") for part in path.parts)
    return path.suffix.lower() == ".json" and not hidden


def _check_size(name: str, size: int) -> None:
    if size > MAX_MEMBER_BYTES:
        raise CohortError(f"{name} is larger than {MAX_MEMBER_BYTES:,} bytes, the limit for one phenopacket file")


def _check_total(path: Path, total: int) -> None:
    if total > MAX_TOTAL_BYTES:
        raise CohortError(f"{path} unpacks to more than {MAX_TOTAL_BYTES:,} bytes, the limit for one cohort")


def _cohort(path: Path, documents: Iterable[tuple[str, bytes]], folder_of: Callable[[str], Path]) -> Cohort:
    """Build the cohort of named JSON documents; `folder_of` one is what its photographs are relative to."""
    builder = CohortBuilder(str(path), path.parent, "file")
    found = False
    for name, data in documents:
        found = True
        try:
            document = json.loads(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise builder.error(name, f"not UTF-8 text at byte {error.start}; save it as UTF-8") from None
        except (json.JSONDecodeError, RecursionError) as error:
            raise builder.error(name, f"not JSON ({error})") from None
        add_phenopackets(builder, name, document, folder_of(name))
    if not found:
        raise CohortError(f"{path} holds no .json file; expected GA4GH Phenopacket v2 JSON")
    return builder.build()
