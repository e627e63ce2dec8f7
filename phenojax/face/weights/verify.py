"""Whether a model is intact: its files are those of its card, and the network still gives the vector it once gave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from phenojax.errors import MissingExtraError, WeightsError
from phenojax.face.encoders.model import golden_output, load_model
from phenojax.face.weights.card import Role
from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.golden import relative_difference
from phenojax.face.weights.inventory import Entry, Where, check_files, find_entry, inventory
from phenojax.face.weights.store import read_card, stored_path

TOLERANCE = 1e-4


@dataclass(frozen=True)
class Verification:
    """What was found of one model.

    Attributes:
        name: of the model.
        problem: what is wrong, one sentence; empty where nothing is.
        files: how many files were compared with their card.
        difference: length of the difference between the network's vector for a fixed picture and the stored one, over
            the length of that; None for what is no encoder, or when the files are wrong.
    """

    name: str
    problem: str
    files: int
    difference: float | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "ok": self.ok}


def verify(names: tuple[str, ...] = (), weights_dir: Path | None = None) -> tuple[Verification, ...]:
    """Check models; every one that is on this machine where no name is given.

    The golden check runs the network in float32 with the highest precision of the device, on the picture of
    `phenojax.face.weights.golden`.

    Raises:
        MissingExtraError: a named model, or all, want the extra ``faces``, which is not installed.
        WeightsError: a name that is no model, or one that was not imported.
    """
    entries = [find_entry(name, weights_dir) for name in names] or [e for e in inventory(weights_dir) if e.usable]
    for entry in entries:
        if entry.where is Where.NOT_INSTALLED:
            raise MissingExtraError(f"model {entry.card.name} is not installed; run: {entry.obtain}")
        if entry.where is Where.TO_IMPORT:
            raise WeightsError(f"model {entry.card.name} was not imported. {entry.obtain}")
    return tuple(_verify_one(entry, weights_dir) for entry in entries)


def golden_vector(name: str | Path, weights_dir: Path | None = None) -> tuple[float, ...]:
    """The stored vector of an encoder for the golden chip.

    Raises:
        WeightsError: the model has no readable card.
    """
    if str(name) in BUNDLED:
        text = files("phenojax.face.weights").joinpath("golden_vectors.json").read_text(encoding="utf-8")
        return tuple(json.loads(text)[str(name)])
    return read_card(stored_path(str(name), weights_dir)).golden


def _verify_one(entry: Entry, weights_dir: Path | None) -> Verification:
    name, n_files = entry.card.name, len(entry.card.files)
    if problem := check_files(entry):
        return Verification(name, problem, n_files, None)
    if entry.card.role is not Role.ENCODER:
        return Verification(name, "", n_files, None)
    try:
        vector = golden_output(load_model(name, weights_dir))
        difference = relative_difference(vector, golden_vector(name, weights_dir))
    except WeightsError as error:
        return Verification(name, str(error), n_files, None)
    problem = f"model {name}: its vector is off by {difference:.1e} of its length, more than {TOLERANCE:.0e}"
    return Verification(name, "" if difference <= TOLERANCE else problem, n_files, difference)
