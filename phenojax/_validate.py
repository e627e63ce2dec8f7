"""The only place that casts arrays: what a caller gives becomes what the core reads, or one error says why not.

A cast that would change a value is refused (fractions to integers, integers out of range, a float32 overflow); only
rounding float64 to float32 is let through. Arrays that already fit are passed on without a copy.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._csr import Csr
from phenojax.errors import ConfigError

_INT32_MAX = 2**31 - 1


def as_float64(
    name: str,
    value: ArrayLike,
    shape: Sequence[int | None] | None = None,
    *,
    allow_nan: bool = False,
    minimum: float = -math.inf,
) -> NDArray[np.float64]:
    """Make a contiguous float64 array of numbers; `shape` fixes its axes (None: any length).

    Raises:
        ConfigError: not numbers, another shape, NaN where it is not allowed, infinite, or below `minimum`.
    """
    array = _real(name, value, shape)
    _check_values(name, array, allow_nan, minimum)
    return np.ascontiguousarray(array, dtype=np.float64)


def as_float32(
    name: str, value: ArrayLike, shape: Sequence[int | None] | None = None, *, minimum: float = -math.inf
) -> NDArray[np.float32]:
    """Make a contiguous float32 array of numbers; `shape` fixes its axes (None: any length).

    Raises:
        ConfigError: not numbers, another shape, NaN, infinite (in float32), or below `minimum`.
    """
    array = _real(name, value, shape)
    with np.errstate(over="ignore"):
        cast = np.ascontiguousarray(array, dtype=np.float32)
    _check_values(name, array if np.isfinite(cast).all() else cast, False, minimum)
    return cast


def as_int32(
    name: str,
    value: ArrayLike,
    shape: Sequence[int | None] | None = None,
    *,
    minimum: int = -_INT32_MAX - 1,
    limit: int = _INT32_MAX + 1,
) -> NDArray[np.int32]:
    """Make a contiguous int32 array of integers in ``[minimum, limit)``.

    Raises:
        ConfigError: not integers, another shape, or a value outside the range; the message names the first.
    """
    array = _integers(name, value, shape)
    outside = (array < minimum) | (array >= limit)
    if outside.any():
        where = tuple(int(i) for i in np.argwhere(outside)[0])
        spot = where[0] if len(where) == 1 else where
        raise ConfigError(f"{name} must be from {minimum} to {limit - 1}, not {array[where]} (at {spot})")
    return np.ascontiguousarray(array, dtype=np.int32)


def as_csr(name: str, value: tuple[ArrayLike, ArrayLike], limit: int) -> Csr:
    """Make a `Csr` whose every index is in ``[0, limit)``, from a pair of offsets and indices.

    Raises:
        ConfigError: not such a pair, or offsets that do not start at 0, decrease, or end elsewhere than the indices.
    """
    try:
        raw_offsets, raw_indices = value
    except (TypeError, ValueError):
        raise ConfigError(f"{name} must be a pair of offsets and indices (Csr), not {type(value).__name__}") from None
    indices = as_int32(f"{name}.indices", raw_indices, (None,), minimum=0, limit=limit)
    offsets = np.ascontiguousarray(_integers(f"{name}.offsets", raw_offsets, (None,)), dtype=np.int64)
    if len(offsets) == 0 or offsets[0] != 0:
        found = "nothing" if len(offsets) == 0 else int(offsets[0])
        raise ConfigError(f"{name}.offsets must start with 0, not {found}")
    falls = np.flatnonzero(offsets[1:] < offsets[:-1])
    if len(falls):
        raise ConfigError(f"{name}.offsets must never decrease, and do after position {falls[0]}")
    if offsets[-1] != len(indices):
        raise ConfigError(f"{name}.offsets must end with the number of indices, {len(indices)}, not {offsets[-1]}")
    return Csr(offsets, indices)


def as_share(name: str, value: float) -> float:
    """Make a number from 0 to 1.

    Raises:
        ConfigError: anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0.0 <= value <= 1.0:
        raise ConfigError(f"{name} must be from 0 to 1, not {value!r}")
    return float(value)


def as_thread_count(threads: int | None) -> int:
    """Say how many threads to use: those given, or as many as there are processors for this process.

    Raises:
        ConfigError: not a positive integer.
    """
    if threads is None:
        # What a container or taskset leaves to the process, where the platform can say.
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or not 1 <= threads <= _INT32_MAX:
        raise ConfigError(f"threads must be a positive integer, or None for all processors, not {threads!r}")
    return int(threads)


def as_count(name: str, value: int, minimum: int = 1) -> int:
    """Make a whole number of at least `minimum`.

    Raises:
        ConfigError: anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not minimum <= value <= _INT32_MAX:
        raise ConfigError(f"{name} must be a whole number of at least {minimum}, not {value!r}")
    return int(value)


def _array(name: str, value: ArrayLike, shape: Sequence[int | None] | None) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except ValueError:  # lists of unequal length
        raise ConfigError(f"{name} must be a regular array; its rows have unequal lengths") from None
    if shape is not None:
        wanted = tuple(shape)
        fits = array.ndim == len(wanted) and all(w in (None, n) for w, n in zip(wanted, array.shape, strict=True))
        if not fits:
            raise ConfigError(f"{name} must have shape {_spelled(wanted)}, not {_spelled(array.shape)}")
    return array


def _real(name: str, value: ArrayLike, shape: Sequence[int | None] | None) -> NDArray[Any]:
    array = _array(name, value, shape)
    if array.dtype.kind not in "fiu":
        raise ConfigError(f"{name} must hold real numbers, not {array.dtype}")
    if array.dtype.kind in "iu" and array.size and max(abs(int(array.min())), abs(int(array.max()))) > 2**53:
        raise ConfigError(f"{name} holds an integer beyond 2^53, which a float64 cannot keep")
    return array


def _integers(name: str, value: ArrayLike, shape: Sequence[int | None] | None) -> NDArray[Any]:
    array = _array(name, value, shape)
    if array.size == 0 and not isinstance(value, np.ndarray):
        return array.astype(np.int64)  # an empty list is float64 to numpy
    if array.dtype.kind not in "iu":
        raise ConfigError(f"{name} must hold integers, not {array.dtype}")
    return array


def _check_values(name: str, array: NDArray[Any], allow_nan: bool, minimum: float) -> None:
    if not array.size or (array.min() >= minimum and -math.inf < array.min() and array.max() < math.inf):
        return  # the usual case, without scratch arrays: NaN fails each comparison
    bad = np.isinf(array) | (array < minimum)
    if not allow_nan:
        bad |= np.isnan(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        spot = where[0] if len(where) == 1 else where
        lower = "" if minimum == -math.inf else f" and at least {minimum:g}"
        raise ConfigError(f"{name} must be finite{lower}, not {array[where]} (at {spot})")


def _spelled(shape: Sequence[int | None]) -> str:
    inner = ", ".join("any" if n is None else str(n) for n in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
