"""Embeddings as a parquet file: one row for each photograph, and beside them all that their meaning depends on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from phenojax._files import written_whole
from phenojax.errors import ConfigError, PhenojaxError, ResultError
from phenojax.face.embedding.faces import Faces, Failure
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.settings import EmbeddingSettings
from phenojax.face.photographs.failure import FailureReason
from phenojax.face.weights.card import ModelCard

FORMAT_VERSION = 1
SUFFIX = ".parquet"
EMBEDDED = "ok"
_KEY = b"phenojax.face_embeddings"
_COLUMNS = {
    "id": pa.string(),
    "photo": pa.string(),
    "status": pa.string(),
    "detail": pa.string(),
    "note": pa.string(),
    "n_faces": pa.int32(),
    "score": pa.float32(),
    "box": pa.list_(pa.float32(), 4),
    "landmarks": pa.list_(pa.float32(), 10),
    "sharpness": pa.float32(),
    "quality": pa.float32(),
}


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """`written_whole`, but nobody else may read the file at any time: mode 0600 from its first byte on."""
    with written_whole(path) as temporary:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield temporary


def to_table(embeddings: FaceEmbeddings) -> pa.Table:
    """One row for each photograph; what failed has nulls, and ``status`` says why."""
    n, width = embeddings.vectors.shape
    faces = embeddings.faces
    row_of = {id_: row for row, id_ in enumerate(embeddings.ids)}
    failed: list[Failure | None] = [None] * n
    for failure in embeddings.failures:
        failed[row_of[failure.id]] = failure
    values = {
        "id": list(embeddings.ids),
        "photo": list(embeddings.photos),
        "status": [EMBEDDED if failure is None else failure.reason.value for failure in failed],
        "detail": [None if failure is None or not failure.detail else failure.detail for failure in failed],
        "note": list(faces.notes),
        "n_faces": [None if count < 0 else count for count in faces.n_faces.tolist()],
        "score": _or_null(faces.scores),
        "box": _lists(faces.boxes),
        "landmarks": _lists(faces.landmarks.reshape(n, 10)),
        "sharpness": _or_null(faces.sharpness),
        "quality": _or_null(embeddings.quality),
    }
    columns = {
        name: value if isinstance(value, pa.Array) else pa.array(value, _COLUMNS[name])
        for name, value in values.items()
    }
    return pa.table({**columns, "vector": _lists(embeddings.vectors.reshape(n, width))})


def check_out(path: str | os.PathLike[str]) -> Path:
    """Refuse a name that cannot be written.

    Raises:
        ConfigError: another suffix, a folder that does not exist, or a file that holds something else.
    """
    place = Path(path)
    if place.suffix != SUFFIX:
        raise ConfigError(f"{place}: embeddings are written as {SUFFIX}; give a name that ends so")
    if not place.parent.is_dir():
        raise ConfigError(f"{place}: the folder {place.parent} does not exist; make it first")
    if place.exists() and not _is_ours(place):
        raise ConfigError(f"{place}: is there already and is no file of face embeddings; name another file")
    return place


def _is_ours(place: Path) -> bool:
    try:
        return _KEY in (pq.read_schema(place).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def write_embeddings(embeddings: FaceEmbeddings, path: str | os.PathLike[str], key: str | None = None) -> None:
    """Write a file, mode 0600, whole or not at all (`FaceEmbeddings.write`).

    Args:
        embeddings: what to write.
        path: ``NAME.parquet``.
        key: what tells this run from others, for a later one that wants to know whether it is done.

    Raises:
        ConfigError: another suffix, or a folder that does not exist.
    """
    place = check_out(path)
    about = {
        "format_version": FORMAT_VERSION,
        "personal_data": "embeddings of faces: whoever holds them can recognise the people",
        "versions": embeddings.versions,
        "settings": embeddings.settings.to_dict(),
        "card": embeddings.card.to_dict(),
        "other_cards": [card.to_dict() for card in embeddings.other_cards],
        "key": key,
    }
    table = embeddings.table.replace_schema_metadata({_KEY: json.dumps(about, ensure_ascii=False).encode()})
    with private_file(place) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_embeddings(path: str | os.PathLike[str]) -> FaceEmbeddings:
    """Read what ``phenojax embed`` or `FaceEmbeddings.write` wrote.

    Args:
        path: a ``.parquet`` file.

    Raises:
        ResultError: the file is absent or damaged, is no file of embeddings, or is of a later version of phenojax.
    """
    place = Path(path)
    try:
        table = pq.read_table(place, memory_map=False)
    except FileNotFoundError:
        raise ResultError(f"{place}: no such file; phenojax embed writes one") from None
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"{place}: cannot be read as parquet ({str(error).splitlines()[0]})") from error
    about = _about(place, table.schema)
    missing = [name for name in (*_COLUMNS, "vector") if name not in table.column_names]
    if missing:
        raise ResultError(f"{place}: columns {', '.join(missing)} are missing; embed the photographs again")
    try:
        return _from_table(table, about)
    except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException) as error:
        reason = str(error) if isinstance(error, PhenojaxError) else repr(error)
        raise ResultError(f"{place}: not what phenojax wrote ({reason}); embed the photographs again") from error


def read_key(path: Path) -> str | None:
    """The `key` that a file was written with; None where there is no such file, or it holds no embeddings."""
    try:
        return None if not path.is_file() else _about(path, pq.read_schema(path)).get("key")
    except (OSError, pa.ArrowException, ResultError):
        return None


def _about(place: Path, schema: pa.Schema) -> dict[str, Any]:
    stored = (schema.metadata or {}).get(_KEY)
    if stored is None:
        raise ResultError(f"{place}: is no file of face embeddings; phenojax embed writes one")
    try:
        about: dict[str, Any] = json.loads(stored)
        version = about["format_version"]
    except (ValueError, KeyError, TypeError):
        raise ResultError(f"{place}: what it says of its embeddings is damaged; embed the photographs again") from None
    if version != FORMAT_VERSION:
        raise ResultError(
            f"{place}: format {version}, this phenojax reads {FORMAT_VERSION}; use the phenojax that wrote it "
            f"({(about.get('versions') or {}).get('phenojax', 'unknown')}), or embed again"
        )
    return about


def _from_table(table: pa.Table, about: dict[str, Any]) -> FaceEmbeddings:
    table = table.combine_chunks()
    ids, photos, notes = (tuple(table[name].to_pylist()) for name in ("id", "photo", "note"))
    if len(set(ids)) != len(ids):
        raise ValueError("ids are not unique")
    failures = tuple(
        Failure(id_, photo, FailureReason(status), detail or "")
        for id_, photo, status, detail in zip(
            ids, photos, table["status"].to_pylist(), table["detail"].to_pylist(), strict=True
        )
        if status != EMBEDDED
    )
    counts = np.array([-1 if count is None else count for count in table["n_faces"].to_pylist()], np.int32)
    faces = Faces(
        counts,
        _numbers(table["score"]),
        _matrix(table["box"]),
        _matrix(table["landmarks"]).reshape(-1, 5, 2),
        _numbers(table["sharpness"]),
        notes,
    )
    return FaceEmbeddings(
        ids=ids,
        photos=photos,
        vectors=_matrix(table["vector"]),
        quality=_numbers(table["quality"]),
        faces=faces,
        failures=failures,
        card=ModelCard.from_dict(about["card"]),
        other_cards=tuple(ModelCard.from_dict(card) for card in about["other_cards"]),
        settings=EmbeddingSettings.from_dict(about["settings"]),
        versions=dict(about["versions"]),
    )


def _or_null(values: NDArray[np.float32]) -> pa.Array:
    return pa.array(values, pa.float32(), mask=np.isnan(values))


def _lists(rows: NDArray[np.float32]) -> pa.Array:
    """Lists of one length; a row with a NaN is null."""
    width = rows.shape[1]
    flat = pa.array(np.ascontiguousarray(rows).reshape(-1), pa.float32())
    return pa.FixedSizeListArray.from_arrays(flat, width, mask=pa.array(np.isnan(rows).any(axis=1)))


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float32]:
    values: NDArray[np.float32] = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float32)
    return values


def _matrix(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Lists of one length to (n, width); null is NaN."""
    width = column.type.list_size
    rows = np.full((len(column), width), np.nan, np.float32)
    there = column.is_valid().to_numpy()
    flat = column.combine_chunks().drop_null().flatten()
    rows[there] = np.asarray(flat.to_numpy(zero_copy_only=False), np.float32).reshape(-1, width)
    return rows
