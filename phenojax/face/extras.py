"""What is missing, said as the one command that mends it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Literal

from phenojax.errors import MissingExtraError

Extra = Literal["faces", "convert"]


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
