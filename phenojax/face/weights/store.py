"""Imported weights on disk: NAME.safetensors with the arrays, NAME.json with the card, in one folder.

Neither holds code: safetensors is a list of arrays, and the card is JSON. Names of arrays are the paths of the
parameters in the network, joined by a slash.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional
from phenojax._files import TEMPORARY_PREFIX, written_whole
from phenojax.errors import WeightsError
from phenojax.face.weights.card import ModelCard, WeightFile
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.locate import check_file, describe_file

SUFFIX = ".safetensors"
FORMAT_VERSION = 1
FOLDER_VARIABLE = "PHENOJAX_WEIGHTS"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MEND = "import it again: phenojax weights import"

Shapes = Mapping[str, tuple[int, ...]]
Weights = Mapping[str, Any]


@dataclass(frozen=True)
class StoredModel:
    """What lies beside the arrays.

    Attributes:
        card: what the model is; ``card.files`` is the one file of arrays.
        sources: the files that it was imported from, as they were.
        golden: its vector for `phenojax.face.weights.golden.golden_chip`, float32 arithmetic, when it was imported.
    """

    card: ModelCard
    sources: tuple[WeightFile, ...]
    golden: tuple[float, ...]


def default_folder() -> Path:
    """Where imported models lie: ``$PHENOJAX_WEIGHTS``, else the user's data folder (XDG), made when it is needed."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "phenojax" / "weights"


def stored_path(name: str, weights_dir: Path | None = None) -> Path:
    """The file of arrays of a model of this name, whether or not it exists."""
    return (weights_dir or default_folder()) / f"{name}{SUFFIX}"


def stored_names(weights_dir: Path | None = None) -> tuple[str, ...]:
    """Names of the models in the folder, sorted; none where there is no folder."""
    paths = (weights_dir or default_folder()).glob(f"*{SUFFIX}")
    return tuple(sorted(path.stem for path in paths if not path.name.startswith(TEMPORARY_PREFIX)))


def check_new_name(name: str) -> None:
    """Whether an imported model may be called so.

    Raises:
        WeightsError: it is a name of the catalogue that stands for something else, or no good file name.
    """
    if name in BUNDLED:
        raise WeightsError(f"name {name!r} is that of a model of the extra faces; choose another with --name")
    if not _NAME.fullmatch(name):
        raise WeightsError(
            f"name {name!r} is not allowed: lower-case letters, digits, dots, hyphens and underscores, at most 64, "
            "starting with a letter or a digit"
        )


def write_model(
    path: Path, card: ModelCard, params: Weights, sources: tuple[WeightFile, ...], golden: tuple[float, ...]
) -> StoredModel:
    """Write arrays and card; both whole or not at all.

    Args:
        path: the file of arrays, ``NAME.safetensors``; its folder is made.
        card: without files.
        params: the parameters of the network, nested.
        sources: what they were read from.
        golden: the network's vector for the golden chip.

    Raises:
        MissingExtraError: safetensors is not installed.
        WeightsError: the folder cannot be written.
    """
    safetensors = optional("safetensors.numpy", "faces", "writing weights")
    arrays = {name: np.ascontiguousarray(leaf, dtype=np.float32) for name, leaf in leaves(params)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Both are written before either takes its name, so that what fails leaves a model of that name as it was.
        with written_whole(path.with_suffix(".json")) as card_file, written_whole(path) as arrays_file:
            # One entry: several are written in any order, and the same weights must make the same file.
            safetensors.save_file(arrays, arrays_file, metadata={"phenojax": card.name})
            file = replace(describe_file(arrays_file), name=path.name)
            stored = StoredModel(replace(card, files=(file,)), sources, golden)
            card_file.write_text(json.dumps(_to_dict(stored), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise WeightsError(f"{path}: cannot be written ({error.strerror})") from error
    return stored


def read_card(path: Path) -> StoredModel:
    """Read the card beside a file of arrays, which is not looked at.

    Raises:
        WeightsError: there is no such file of arrays, or no card, or one that cannot be read.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file; {_MEND}")
    beside = path.with_suffix(".json")
    try:
        values = json.loads(beside.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsError(
            f"{path}: its card {beside.name} cannot be read ({error.strerror}); arrays without a card mean nothing; "
            f"{_MEND}"
        ) from error
    except ValueError as error:
        raise WeightsError(f"{beside}: is no JSON ({error}); {_MEND}") from error
    return _from_dict(values, beside)


def read_stored(path: Path) -> StoredModel:
    """Read the card beside a file of arrays, and check that the file is the one that the card describes.

    Raises:
        WeightsError: as for `read_card`; or the card belongs to another file of arrays.
    """
    stored = read_card(path)
    check_file(path, stored.card.files[0], _MEND)
    return stored


def read_params(path: Path, shapes: Shapes) -> Weights:
    """Read the arrays of a file for a network whose parameters have these shapes.

    Nothing is read before names, shapes and type of all of them were compared.

    Args:
        path: the file.
        shapes: of every parameter, by its path.

    Returns:
        The parameters, nested, float32.

    Raises:
        MissingExtraError: safetensors is not installed.
        WeightsError: no safetensors file, or the parameters of another network.
    """
    safetensors = optional("safetensors", "faces", "reading weights")
    try:
        with safetensors.safe_open(path, framework="numpy") as opened:
            _compare(path, {name: opened.get_slice(name) for name in opened.keys()}, shapes)  # noqa: SIM118 - no mapping
            return nested({name: opened.get_tensor(name) for name in shapes})
    except safetensors.SafetensorError as error:
        raise WeightsError(f"{path}: is no safetensors file, or a damaged one ({error}); {_MEND}") from error
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error})") from error


def leaves(tree: Weights, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every array of nested parameters with its path, joined by a slash."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", value


def nested(arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, Any]:
    """The inverse of `leaves`."""
    tree: dict[str, Any] = {}
    for path, array in arrays.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = array
    return tree


def _compare(path: Path, found: Mapping[str, Any], shapes: Shapes) -> None:
    if missing := sorted(set(shapes) - set(found)):
        raise WeightsError(f"{path}: {missing[0]} is missing ({len(missing)} of {len(shapes)} parameters are)")
    if unknown := sorted(set(found) - set(shapes)):
        raise WeightsError(f"{path}: {unknown[0]} is no parameter of this network ({len(unknown)} such names)")
    for name, wanted in shapes.items():
        shape, kind = tuple(found[name].get_shape()), found[name].get_dtype()
        if shape != tuple(wanted):
            raise WeightsError(f"{path}: {name} has shape {shape}, expected {tuple(wanted)}")
        if kind != "F32":
            raise WeightsError(f"{path}: {name} has type {kind}, expected F32")


def _to_dict(stored: StoredModel) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "card": stored.card.to_dict(),
        "sources": [vars(source) for source in stored.sources],
        "golden": list(stored.golden),
    }


def _from_dict(values: Any, path: Path) -> StoredModel:
    if not isinstance(values, dict) or values.get("format") != FORMAT_VERSION:
        found = values.get("format") if isinstance(values, dict) else type(values).__name__
        raise WeightsError(f"{path}: format {found!r} is not known, expected {FORMAT_VERSION}; {_MEND}")
    try:
        card = ModelCard.from_dict(values["card"])
        sources = tuple(WeightFile(**source) for source in values["sources"])
        golden = tuple(float(value) for value in values["golden"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{path}: is no card of an imported model ({error}); {_MEND}") from error
    if len(card.files) != 1 or card.preprocessing is None:
        raise WeightsError(f"{path}: is no card of an imported encoder; {_MEND}")
    return StoredModel(card, sources, golden)
