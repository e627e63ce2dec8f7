"""Five points for each photograph that the caller knows already."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float32
from phenojax.errors import ConfigError
from phenojax.face.landmarks import LandmarkScheme

COLUMNS = tuple(f"{axis}{number}" for number in range(1, 6) for axis in "xy")
_DELIMITERS = {".tsv": "\t", ".csv": ","}
_SCHEMES = ", ".join(LandmarkScheme)


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Five points for each id.

    Attributes:
        points: float32 (5, 2) by id: x, y in pixels of the file as it is seen upright, a pixel's centre at whole
            numbers.
        scheme: which five points they are.
    """

    points: Mapping[str, NDArray[np.float32]]
    scheme: LandmarkScheme = LandmarkScheme.FIVE_POINT


GivenLandmarks = Landmarks | Mapping[str, ArrayLike] | str | os.PathLike[str]


def as_landmarks(given: GivenLandmarks) -> Landmarks:
    """Check what the caller gives.

    Args:
        given: points of shape (5, 2) by id (of the scheme ``five_point``), a `Landmarks`, or a table: .tsv, .csv or
            .parquet with the columns ``id x1 y1 ... x5 y5`` and perhaps ``scheme``, the same in all rows.

    Raises:
        ConfigError: the table cannot be read, lacks a column, names an id twice, or holds what is no number.
    """
    if isinstance(given, Landmarks):
        return Landmarks(_checked(given.points), _scheme(given.scheme, "landmarks"))
    if isinstance(given, Mapping):
        return Landmarks(_checked(given))
    return _read(Path(given))


def _checked(points: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float32]]:
    return {str(id_): as_float32(f"landmarks of {id_!r}", value, (5, 2)) for id_, value in points.items()}


def _scheme(name: str, where: object) -> LandmarkScheme:
    try:
        return LandmarkScheme(name)
    except ValueError:
        raise ConfigError(f"{where}: scheme {name!r} is not known; there is {_SCHEMES}") from None


def _read(path: Path) -> Landmarks:
    suffix = path.suffix.lower()
    if suffix != ".parquet" and suffix not in _DELIMITERS:
        raise ConfigError(f"landmarks {path}: cannot read this; expected a table .tsv, .csv or .parquet")
    try:
        if suffix == ".parquet":
            table = pq.read_table(path)
            return _from_rows(path, table.column_names, table.to_pylist())
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, delimiter=_DELIMITERS[suffix])
            return _from_rows(path, reader.fieldnames or (), reader)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise ConfigError(f"landmarks {path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _from_rows(path: Path, names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Landmarks:
    if missing := [name for name in ("id", *COLUMNS) if name not in set(names)]:
        raise ConfigError(f"landmarks {path}: no column {', '.join(missing)}; expected id, {', '.join(COLUMNS)}")
    points: dict[str, NDArray[np.float32]] = {}
    schemes: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        id_ = str(row["id"])
        if id_ in points:
            raise ConfigError(f"landmarks {path}: row {number} is a second one for {id_!r}")
        values = [_number(path, number, name, row[name]) for name in COLUMNS]
        points[id_] = np.array(values, np.float32).reshape(5, 2)
        schemes.setdefault(str(row.get("scheme") or LandmarkScheme.FIVE_POINT), number)
    if len(schemes) > 1:
        found = " and ".join(f"{name!r} in row {number}" for name, number in schemes.items())
        raise ConfigError(f"landmarks {path}: scheme is {found}; make one table for each scheme")
    return Landmarks(points, _scheme(next(iter(schemes), LandmarkScheme.FIVE_POINT), f"landmarks {path}"))


def _number(path: Path, row: int, column: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"landmarks {path}: row {row}, {column} is {value!r}; expected a number of pixels")
    return number
