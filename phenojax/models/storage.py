"""A model set as a folder: written whole or not at all, for its owner's eyes only while it holds individuals."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from phenojax._files import folder_written_whole
from phenojax.errors import ResultError
from phenojax.models.layout import (
    FORMAT,
    FORMAT_VERSION,
    GENES,
    INDEX,
    INDIVIDUALS,
    TERMS,
    Tensors,
    file_names,
    sha256_of,
    to_json,
    to_tensors,
)
from phenojax.models.model_set import Individuals, ModelSet

RESEARCH_ONLY = "Research use only. It does not diagnose."
PERSONAL = (
    "This folder holds the observed terms and, if faces were used, the face embeddings of the {n} individuals that the "
    "models were fitted on, with their ids and scores: personal data. `phenojax models export` writes one without them."
)
NOT_PERSONAL = (
    "This folder holds no individual: no id, no terms, no embedding and no score of one person. No term that fewer "
    "than {n} training individuals of a gene have is worth anything of its own in it; what a term is worth, and the "
    "direction of a face, are weighted sums over all of them: who knows all but one may learn something of that one."
)


class Staged(NamedTuple):
    """A folder that is about to take its name, and the SHA-256 of its index."""

    folder: Path
    digest: str


def write_models(models: ModelSet, folder: str | os.PathLike[str]) -> Path:
    """Write a folder of models, whole or not at all; it takes the place of an earlier one.

    While it holds individuals, only its owner can read it: the folder is 0700 and its files are 0600.

    Args:
        models: what to write.
        folder: a new name, an empty folder, or an earlier folder of models.

    Raises:
        ResultError: it is a file, or holds something else; or the folder it is to lie in does not exist.
    """
    with staged_models(models, folder):
        pass
    return Path(folder)


@contextmanager
def staged_models(models: ModelSet, folder: str | os.PathLike[str]) -> Iterator[Staged]:
    """`write_models`, but the folder takes its name when the block ends well.

    Raises:
        ResultError: as for `write_models`.
    """
    target = check_models_folder(folder)
    private = models.holds_individuals
    with folder_written_whole(target, 0o700 if private else 0o777) as place:
        (place / GENES).mkdir(mode=0o700 if private else 0o777)
        files = _write_arrays(models, place, private)
        names = file_names(models.genes)
        individuals = models.individuals
        held = PERSONAL.format(n=0 if individuals is None else len(individuals.ids))
        described = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "holds_individuals": private,
            "about": [RESEARCH_ONLY, held if private else NOT_PERSONAL.format(n=models.min_individuals)],
            "notes": list(models.notes),
            "ontology": {"version": models.ontology_version, "annotation_version": models.annotation_version},
            "encoder": models.encoder,
            "config": models.config,
            "created": models.created,
            "min_individuals": models.min_individuals,
            "models": [to_json(model, names[model.gene]) for model in models.models.values()],
            "files": files,
        }
        text = json.dumps(described, indent=1, ensure_ascii=True, allow_nan=False)
        _write(place / INDEX, (text + "\n").encode(), private)
        yield Staged(place, sha256_of(place / INDEX))


def check_models_folder(folder: str | os.PathLike[str]) -> Path:
    """`folder` when models may be written there: absent, empty, or holding models.

    Raises:
        ResultError: it is a file, or holds something else; or the folder it is to lie in does not exist.
    """
    target = Path(folder)
    if not target.parent.is_dir():
        raise ResultError(f"{target}: the folder {target.parent} does not exist; make it first")
    if target.exists() and not target.is_dir():
        raise ResultError(f"{target}: is a file; models are written to a folder, so give another name")
    if target.is_dir() and any(target.iterdir()) and not is_models_folder(target):
        raise ResultError(f"{target}: holds files but no phenojax models; give an empty or a new folder")
    return target


def is_models_folder(folder: Path) -> bool:
    """Whether its index says that it holds models of ours, of whichever version."""
    return _index(folder).get("format") == FORMAT


def holds_individuals(folder: Path) -> bool:
    """Whether it is a folder of models of ours that does not say that it holds no individuals."""
    return is_models_folder(folder) and _index(folder).get("holds_individuals") is not False


def _index(folder: Path) -> dict[str, Any]:
    """What the index of a folder says; nothing where there is none."""
    try:
        told = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _write_arrays(models: ModelSet, place: Path, private: bool) -> dict[str, str]:
    """All files but the index; their SHA-256 by name."""
    names = file_names(models.genes)
    contents: dict[str, Tensors] = {TERMS: {"term_numbers": models.term_numbers, "weights": models.weights}}
    if models.familiarity is not None:
        contents[TERMS].update(models.familiarity.to_tensors())
    if models.individuals is not None:
        contents[INDIVIDUALS] = _individuals(models.individuals)
    for model in models.models.values():
        contents.setdefault(names[model.gene], {}).update(to_tensors(model))
    for name, tensors in contents.items():
        _write(place / name, save(tensors), private)
    return {name: sha256_of(place / name) for name in contents}


def _individuals(individuals: Individuals) -> Tensors:
    found: Tensors = {
        "ids": _text(individuals.ids),
        "groups": _text(individuals.groups),
        "term_offsets": individuals.terms.offsets,
        "term_indices": individuals.terms.indices,
    }
    if individuals.faces is not None:
        found["faces"] = np.ascontiguousarray(individuals.faces)
    return found


def _text(values: Any) -> NDArray[np.uint8]:
    """A list of strings as the bytes of its JSON: tensors hold no text."""
    return np.frombuffer(json.dumps(list(values), ensure_ascii=True).encode(), dtype=np.uint8)


def _write(path: Path, content: bytes, private: bool) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
