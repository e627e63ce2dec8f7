"""What is missing, said as the one command that mends it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType, ModuleType
from typing import Literal

from phenojax.errors import MissingExtraError

Extra = Literal["faces", "convert", "phenoscore", "head", "plots"]

MODULES = MappingProxyType(
    {
        "faces": ("face_recognition_models", "flax", "mtcnn", "optax", "orbax", "PIL"),
        "convert": ("onnx", "torch"),
        "phenoscore": ("sklearn",),
        "head": ("haiku", "optax"),
        "plots": ("matplotlib",),
    }
)
"""The modules that each extra brings, by the names they are imported by."""


def missing(extra: Extra, purpose: str) -> MissingExtraError:
    """The error for an extra that is not installed; `purpose` is what was asked for, as in "--modality face"."""
    return MissingExtraError(f"{purpose} needs packages that are not installed; run: pip install 'phenojax[{extra}]'")


def optional(module: str, extra: Extra, purpose: str) -> ModuleType:
    """Import a package of an extra.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise
        raise missing(extra, purpose) from None


def require(extra: Extra, purpose: str) -> None:
    """Look, before any work is done, whether an extra is whole; nothing is imported.

    Raises:
        MissingExtraError: one of its packages is not installed.
    """
    if any(find_spec(module) is None for module in MODULES[extra]):
        raise missing(extra, purpose)
