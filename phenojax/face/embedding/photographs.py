"""Which photographs are meant, and what each is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from phenojax.cohort import Cohort, read_cohort
from phenojax.errors import CohortError, ConfigError
from phenojax.face.photographs.file_kind import PICTURE_SUFFIXES

PathLike = str | os.PathLike[str]
Photographs = Cohort | PathLike | Mapping[str, PathLike] | Iterable[PathLike]


@dataclass(frozen=True)
class PhotographList:
    """Photographs in the order of their rows.

    Attributes:
        ids: unique.
        photos: path of each; None for an individual without one.
    """

    ids: tuple[str, ...]
    photos: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.ids)


def list_photographs(photographs: Photographs) -> PhotographList:
    """List the photographs of a cohort, of a folder, or those that are named.

    Args:
        photographs: a `Cohort`, one row for each individual; paths by id; paths; or one path. A path is that of a
            picture, by its name's suffix; of a folder with pictures in it, or in folders inside it (hidden ones are
            passed over), by name; else of what `read_cohort` reads. A folder that holds pictures and phenopackets is a
            folder of pictures.

    Returns:
        One row for each, whether or not there is such a file. A photograph without an individual is called by its path,
        relative to the folder (or to the innermost folder that holds them all), without suffix.

    Raises:
        CohortError: one path that does not exist or holds neither pictures nor a cohort; two photographs of one name.
        ConfigError: something else than a cohort or paths.
    """
    if isinstance(photographs, Cohort):
        return PhotographList(photographs.ids, tuple(individual.photo for individual in photographs))
    if isinstance(photographs, str | os.PathLike):
        return _one_path(Path(photographs))
    if isinstance(photographs, Mapping):
        return PhotographList(
            tuple(str(id_) for id_ in photographs), tuple(os.fspath(path) for path in photographs.values())
        )
    if not isinstance(photographs, Iterable):
        raise ConfigError(f"photographs must be a cohort, a folder or paths, not {type(photographs).__name__}")
    return _several([os.fspath(path) for path in photographs])


def _one_path(path: Path) -> PhotographList:
    if path.is_dir():
        found = sorted(pictures_in(path))
        if found:
            return _named([str(path / name) for name in found], [_without_suffix(name) for name in found])
        cohort = _cohort_in(path)
    elif path.suffix.lower() in PICTURE_SUFFIXES:
        if not path.exists():
            raise CohortError(f"{path}: no such file")
        return PhotographList((path.stem,), (str(path),))
    else:
        cohort = read_cohort(path)
    return list_photographs(cohort)


def _cohort_in(folder: Path) -> Cohort:
    try:
        return read_cohort(folder)
    except CohortError as error:
        suffixes = ", ".join(sorted(PICTURE_SUFFIXES))
        raise CohortError(f"{folder}: holds no pictures ({suffixes}), and is no cohort either: {error}") from None


def pictures_in(folder: Path) -> Iterator[str]:
    """Paths relative to the folder; links to folders are not followed, so that none is walked twice."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name[0] != "."]
        inside = os.path.relpath(place, folder)
        for name in files:
            if name[0] != "." and PurePath(name).suffix.lower() in PICTURE_SUFFIXES:
                yield os.path.normpath(os.path.join(inside, name))


def _several(paths: list[str]) -> PhotographList:
    local = [os.path.abspath(path) for path in paths if "://" not in path]
    folder = os.path.commonpath([os.path.dirname(path) for path in local]) if local else ""
    names = [
        path if "://" in path else _without_suffix(os.path.relpath(os.path.abspath(path), folder)) for path in paths
    ]
    return _named(paths, names)


def _named(paths: list[str], names: list[str]) -> PhotographList:
    first: dict[str, str] = {}
    for name, path in zip(names, paths, strict=True):
        if name in first:
            raise CohortError(
                f"{first[name]} and {path} would both be called {name!r}; rename one, or give a mapping of ids to paths"
            )
        first[name] = path
    return PhotographList(tuple(names), tuple(paths))


def _without_suffix(name: str) -> str:
    return PurePath(name).with_suffix("").as_posix()
