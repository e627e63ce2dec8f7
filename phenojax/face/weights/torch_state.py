"""The tensors of a PyTorch file, read without running anything that is in it."""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional
from phenojax.errors import WeightsError

CONVERT = (
    "where the program that made it runs, load it and write torch.save(model.state_dict(), 'weights.pth'), "
    "then import that file"
)
NESTED_UNDER = ("state_dict", "model_state_dict", "model", "net", "backbone")
"""Keys under which a checkpoint keeps the tensors of its network, beside an epoch, an optimiser ..."""

_PICKLE = b"\x80"  # the first byte of every pickle since protocol 2
# How torch names what a pickle would have called.
_PROGRAM = re.compile(r"GLOBAL ([\w.]+)")


def read_state_dict(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read every floating-point tensor of a file that ``torch.save(model.state_dict(), ...)`` made.

    Loading is restricted to tensors and plain containers (``weights_only=True``): a pickled module would run its
    maker's code.

    Args:
        path: with the tensors at its top, or under one of `NESTED_UNDER`.

    Returns:
        Float32 arrays by name, in the order of the file. Whole numbers (counters) are left out.

    Raises:
        MissingExtraError: torch is not installed.
        WeightsError: no file of tensors, a damaged one, or one that holds a pickled module or a TorchScript program.
    """
    torch = optional("torch", "convert", "reading .pth files")
    try:
        with path.open("rb") as stream:
            pickled = stream.read(1) == _PICKLE
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    if _is_torchscript(path):
        raise WeightsError(f"{path}: is a TorchScript program, not a file of weights; {CONVERT}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's remarks on old formats; what fails raises
            held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what torch raises for a damaged file depends on the byte that is wrong
        refused, program = isinstance(error, pickle.UnpicklingError), _PROGRAM.search(str(error))
        if refused and (pickled or program):
            what = f" ({program[1]})" if program else ""
            raise WeightsError(f"{path}: holds a pickled program{what}, which is not run; {CONVERT}") from error
        reason = "" if refused else f" ({_first_line(error)})"  # torch's own advice would be to run it
        raise WeightsError(f"{path}: is no PyTorch file, or a damaged one{reason}") from error
    return {name: _array(path, name, tensor) for name, tensor in _tensors(torch, path, held).items()}


def _tensors(torch: Any, path: Path, held: Any) -> dict[str, Any]:
    """The floating-point tensors of what was loaded."""
    if isinstance(held, Mapping):
        for key in NESTED_UNDER:
            if isinstance(held.get(key), Mapping):
                held = held[key]
                break
        tensors = {str(name): value for name, value in held.items() if isinstance(value, torch.Tensor)}
        floats = {name: value for name, value in tensors.items() if value.is_floating_point()}
        if floats:
            return floats
    raise WeightsError(f"{path}: holds no tensors by name, but {type(held).__name__}; {CONVERT}")


def _array(path: Path, name: str, tensor: Any) -> NDArray[np.float32]:
    try:
        array: NDArray[np.float32] = tensor.detach().float().numpy()
    except (RuntimeError, TypeError, NotImplementedError) as error:  # sparse, or without data
        raise WeightsError(f"{path}: {name} is no plain tensor ({_first_line(error)})") from error
    return array


def _is_torchscript(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.partition("/")[2].startswith("code/") for name in archive.namelist())
    except Exception:  # no archive or a damaged one, which torch.load will say
        return False


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
