"""The arrays of a network that the package mtcnn has saved, read without running what a pickle may ask for.

The file is a pickle of a list of arrays, as joblib writes one, in a frame of LZ4: where an array belongs stands its
description, and its bytes lie in the stream right behind, between two instructions of the pickle. Nothing is built but
that description; any other class that a file names is refused.
"""

from __future__ import annotations

import io
import math
import pickle
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional
from phenojax.errors import WeightsError

Floats: TypeAlias = NDArray[np.float32]

_MAX_BYTES = 64 << 20
_DAMAGED = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_mtcnn_layers(path: Path) -> tuple[Floats, ...]:
    """Read the weights of one of the three networks, in the order in which its layers have them.

    Args:
        path: ``pnet.lz4``, ``rnet.lz4`` or ``onet.lz4``.

    Returns:
        float32 arrays, each a copy.

    Raises:
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: the file cannot be read, is damaged, or holds something else; names the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from error
    return parse_mtcnn_layers(data, path.name)


def parse_mtcnn_layers(data: bytes, name: str) -> tuple[Floats, ...]:
    """`read_mtcnn_layers` of a file's bytes; `name` is for errors."""
    stream = io.BytesIO(_decompress(data, name))
    try:
        found = _Reader(stream, name).load()
    except WeightsError:
        raise
    except _DAMAGED as error:
        raise WeightsError(f"{name}, byte {stream.tell()} unpacked: cut off or damaged ({error})") from error
    if not isinstance(found, list) or not all(isinstance(layer, _Described) for layer in found):
        raise WeightsError(f"{name} holds a {type(found).__name__}, expected a list of arrays")
    if stream.read(1):
        raise WeightsError(f"{name}, byte {stream.tell()} unpacked: more data after the last array")
    return tuple(layer.values for layer in found)


def _decompress(data: bytes, name: str) -> bytes:
    frame = optional("lz4.frame", "faces", "detector mtcnn")
    try:
        unpacker = frame.LZ4FrameDecompressor()
        unpacked: bytes = unpacker.decompress(data, max_length=_MAX_BYTES)
    except RuntimeError as error:
        raise WeightsError(f"{name} is no LZ4 file, or a damaged one ({error})") from error
    if not unpacker.eof:
        raise WeightsError(f"{name} is cut off, or unpacks to more than {_MAX_BYTES >> 20} MiB")
    return unpacked


class _Described:
    """Stands where an array belongs; takes its bytes from the stream as soon as it has been told its shape."""

    stream: io.BytesIO
    values: Floats

    def __setstate__(self, state: dict[str, Any]) -> None:
        shape = tuple(state["shape"])
        if state["dtype"] != np.dtype("<f4") or state["order"] not in ("C", "F"):
            raise ValueError(f"an array of {state['dtype']} in order {state['order']!r}, expected float32")
        n_bytes = 4 * math.prod(shape)
        if state.get("numpy_array_alignment_bytes") is not None:
            self.stream.read(self.stream.read(1)[0])
        data = self.stream.read(n_bytes)
        if len(data) != n_bytes:
            raise EOFError(f"an array of shape {shape} has {len(data):,} bytes, expected {n_bytes:,}")
        self.values = np.frombuffer(data, "<f4").reshape(shape, order=state["order"]).astype(np.float32)


class _Reader(pickle.Unpickler):
    """Knows the three names that a list of arrays needs, and none besides."""

    def __init__(self, stream: io.BytesIO, name: str) -> None:
        super().__init__(stream)
        self._name = name
        described = type("_Described", (_Described,), {"stream": stream})
        self._known: dict[tuple[str, str], type] = {
            ("joblib.numpy_pickle", "NumpyArrayWrapper"): described,
            ("numpy", "dtype"): np.dtype,
            ("numpy", "ndarray"): object,
        }

    def find_class(self, module: str, name: str) -> type:
        """The class that a pickle names.

        Raises:
            WeightsError: it is none of those.
        """
        try:
            return self._known[module, name]
        except KeyError:
            raise WeightsError(f"{self._name} asks for {module}.{name}; only arrays are read from it") from None
