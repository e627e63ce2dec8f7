"""Face maps as a folder: the arrays of each gene, and one JSON file with all that they mean.

    face_maps/face_maps.json                       facts, versions, SHA-256 of every other file
    face_maps/GENE.safetensors                     mean, error (float32), average_face (uint8); GENE percent-quoted
    face_maps/individuals/NUMBER.safetensors       values and face, with photographs only; NUMBER from face_maps.json

All of it can be read by its owner alone. The folder appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from phenojax._files import folder_written_whole
from phenojax.errors import ResultError
from phenojax.explain.face.face_map import FaceMap, IndividualMap

FOLDER, INDEX = "face_maps", "face_maps.json"
FORMAT, FORMAT_VERSION = "phenojax-face-maps", 1
_AGAIN = "run phenojax explain again"


def write_face_maps(
    folder: Path,
    maps: Sequence[FaceMap],
    about: Mapping[str, Any],
    individuals: Sequence[IndividualMap] = (),
) -> Path:
    """Write the face maps of a result folder; those of an earlier call are replaced.

    Args:
        folder: of the result.
        maps: one for each gene.
        about: what else stands in the JSON file: versions, encoder, failures; plain JSON values. Its ``models_sha256``
            is that of the models that were explained (`file_sha256`).
        individuals: single maps with their photographs.

    Returns:
        The folder that was written.

    Raises:
        ResultError: `folder` is no folder.
    """
    if not folder.is_dir():
        raise ResultError(f"{folder}: no such folder; phenojax screen --out makes one")
    with folder_written_whole(folder / FOLDER, mode=0o700) as place:
        genes: list[dict[str, Any]] = []
        for face_map in maps:
            name = _file_name(face_map.gene, {entry["file"].lower() for entry in genes})
            arrays: dict[str, NDArray[Any]]
            arrays = {"mean": face_map.mean, "error": face_map.error, "average_face": face_map.average_face}
            genes.append(_facts(face_map) | {"file": name, "sha256": _write(place / name, arrays)})
        singles = []
        for number, one in enumerate(individuals):
            (place / "individuals").mkdir(mode=0o700, exist_ok=True)
            name = f"individuals/{number}.safetensors"
            arrays = {"values": one.values}
            if one.face is not None:
                arrays["face"] = one.face
            facts: dict[str, Any] = {"id": one.id, "gene": one.gene, "held_out": one.held_out}
            facts |= {key: _number(getattr(one, key)) for key in ("score", "baseline", "gap")}
            singles.append(facts | {"file": name, "sha256": _write(place / name, arrays)})
        index = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "research_use_only": "does not diagnose",
            "holds_photographs": bool(singles),
            **about,
            "genes": genes,
            "individuals": singles,
        }
        text = json.dumps(index, indent=1, ensure_ascii=False, allow_nan=False)
        _private(place / INDEX, text.encode())
    return folder / FOLDER


def read_face_maps(folder: str | os.PathLike[str]) -> dict[str, FaceMap]:
    """Read the mean maps of a result folder, by gene; none where ``phenojax explain`` was not run.

    Args:
        folder: what ``phenojax screen --out`` wrote.

    Raises:
        ResultError: a file is missing, damaged, of another format, or made with other models than the folder's.
    """
    place = Path(folder) / FOLDER
    if not place.is_dir():
        return {}
    index = read_index(folder)
    found = {}
    for entry in index["genes"]:
        arrays = _arrays(place, entry)
        try:
            facts: dict[str, Any] = {key: entry[key] for key in _FACTS} | {key: arrays[key] for key in _SHAPES}
            face_map = FaceMap(**facts, notes=tuple(str(note) for note in entry["notes"]))
        except (KeyError, TypeError) as error:
            raise ResultError(f"{place / INDEX}: damaged ({error!r}); {_AGAIN}") from None
        _check(place / entry["file"], face_map)
        found[face_map.gene] = face_map
    return found


def read_individual_maps(folder: str | os.PathLike[str]) -> tuple[IndividualMap, ...]:
    """Read the maps of single individuals, with their photographs; none unless they were asked for.

    Args:
        folder: what ``phenojax screen --out`` wrote.

    Raises:
        ResultError: as `read_face_maps`.
    """
    place = Path(folder) / FOLDER
    if not place.is_dir():
        return ()
    found = []
    for entry in read_index(folder)["individuals"]:
        arrays = _arrays(place, entry)
        try:
            facts: dict[str, Any] = {key: entry[key] for key in ("id", "gene", "held_out")}
            facts |= {key: math.nan if entry[key] is None else entry[key] for key in ("score", "baseline", "gap")}
            found.append(IndividualMap(**facts, values=arrays["values"], face=arrays.get("face")))
        except KeyError as error:
            raise ResultError(f"{place / INDEX}: damaged ({error!r}); {_AGAIN}") from None
    return tuple(found)


def read_index(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what ``face_maps.json`` says, failures among it.

    Args:
        folder: of the result.

    Raises:
        ResultError: as `read_face_maps`, and where there is none.
    """
    path = Path(folder) / FOLDER / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        known = index["format"], index["format_version"]
        fine = isinstance(index["genes"], list) and isinstance(index["individuals"], list)
    except OSError:
        raise ResultError(f"{path}: no such file; {_AGAIN}") from None
    except (ValueError, KeyError, TypeError):
        raise ResultError(f"{path}: damaged; {_AGAIN}") from None
    if known != (FORMAT, FORMAT_VERSION) or not fine:
        raise ResultError(f"{path}: format {known}, expected {(FORMAT, FORMAT_VERSION)}; {_AGAIN}")
    models = Path(folder) / "models" / "models.json"
    if models.is_file() and index.get("models_sha256") != file_sha256(models):
        raise ResultError(f"{path}: made with other models than those of {folder}; {_AGAIN}")
    return dict(index)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _file_name(gene: str, taken: set[str]) -> str:
    """A name for any gene, told apart from others even where case does not count."""
    name = quote(gene, safe="", errors="surrogatepass").replace(".", "%2E")
    if len(name) > _LONGEST_NAME or not name or f"{name}.safetensors".lower() in taken:
        digest = hashlib.sha256(gene.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name = f"{name[:_LONGEST_NAME]}~{digest}"
    return f"{name}.safetensors"


_LONGEST_NAME = 120
_FACTS = ("gene", "modality", "n", "method", "gap", "above_baseline")
_SHAPES = {"mean": (np.float32, 2), "error": (np.float32, 2), "average_face": (np.uint8, 3)}


def _check(path: Path, face_map: FaceMap) -> None:
    arrays = {name: getattr(face_map, name) for name in _SHAPES}
    kinds = {name: (array.dtype, array.ndim) for name, array in arrays.items()}
    if kinds != _SHAPES or len({array.shape[:2] for array in arrays.values()}) != 1:
        raise ResultError(f"{path}: not the arrays of a face map; {_AGAIN}")


def _facts(face_map: FaceMap) -> dict[str, Any]:
    return {name: getattr(face_map, name) for name in _FACTS} | {"notes": list(face_map.notes)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    _private(path, content)
    return hashlib.sha256(content).hexdigest()


def _private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(content)


def _arrays(place: Path, entry: Any) -> dict[str, NDArray[Any]]:
    try:
        name, wanted = str(entry["file"]), entry["sha256"]
    except (KeyError, TypeError):
        raise ResultError(f"{place / INDEX}: damaged; {_AGAIN}") from None
    path = place / name
    try:
        content = path.read_bytes()
    except OSError:
        raise ResultError(f"{path}: no such file, though {INDEX} names it; {_AGAIN}") from None
    if hashlib.sha256(content).hexdigest() != wanted:
        raise ResultError(f"{path}: was changed after it was written; {_AGAIN}")
    try:
        return dict(load(content))
    except SafetensorError:
        raise ResultError(f"{path}: cannot be read as safetensors; {_AGAIN}") from None
