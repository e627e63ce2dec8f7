"""Numbers and strings as dlib writes them: the alphabet of its .dat files."""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError

_SIGN = 0x80
_N_BYTES = 0x0F
# Exponents that stand for what has no mantissa.
_SPECIAL = {32000: math.inf, 32001: -math.inf, 32002: math.nan}


class DlibStream:
    """Reads one value after the other from the bytes of a .dat file.

    An integer is a control byte (sign in the highest bit, number of bytes in the lowest four) and its magnitude, little
    endian. A float is two integers, mantissa and binary exponent. A string is its length and its bytes.

    Args:
        data: the whole file.
        name: of the file, for errors.

    Every method raises `WeightsError` where the file ends too early or holds something else.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data = memoryview(data)
        self._name = name
        self._at = 0

    @property
    def position(self) -> int:
        """Offset of the next value, bytes."""
        return self._at

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self._at == len(self._data)

    def fail(self, message: str) -> WeightsError:
        """An error that names file and offset; the caller raises it."""
        return WeightsError(f"{self._name}, byte {self._at}: {message}")

    def raw(self, n_bytes: int) -> memoryview:
        """The next `n_bytes` as they are."""
        if n_bytes < 0 or self._at + n_bytes > len(self._data):
            raise self.fail(
                f"{n_bytes} bytes expected, {len(self._data) - self._at} left: the file is cut off or damaged"
            )
        piece = self._data[self._at : self._at + n_bytes]
        self._at += n_bytes
        return piece

    def integer(self) -> int:
        """The next integer."""
        control = self.raw(1)[0]
        n_bytes = control & _N_BYTES
        if not 1 <= n_bytes <= 8 or control & ~(_SIGN | _N_BYTES):
            raise self.fail(f"0x{control:02x} begins no integer")
        magnitude = int.from_bytes(self.raw(n_bytes), "little")
        return -magnitude if control & _SIGN else magnitude

    def expect(self, wanted: int, what: str) -> None:
        """The next integer must be `wanted`; `what` names it in the error."""
        found = self.integer()
        if found != wanted:
            raise self.fail(f"{what} {found} is not known, expected {wanted}")

    def boolean(self) -> bool:
        """The next truth value: one byte, the character 0 or 1."""
        value = bytes(self.raw(1))
        if value not in (b"0", b"1"):
            raise self.fail(f"{value!r} is no truth value")
        return value == b"1"

    def floating(self) -> float:
        """The next float."""
        mantissa, exponent = self.integer(), self.integer()
        if exponent in _SPECIAL:
            return _SPECIAL[exponent]
        try:
            return math.ldexp(mantissa, exponent)
        except OverflowError:
            raise self.fail(f"{mantissa} * 2^{exponent} is too large for a float") from None

    def string(self) -> str:
        """The next string."""
        try:
            return bytes(self.raw(self.integer())).decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail("a string that is no UTF-8") from None

    def floats(self, count: int) -> NDArray[np.float32]:
        """The next `count` floats, each written as `floating` reads it; shape (count,)."""
        return np.array([self.floating() for _ in range(count)], dtype=np.float32)

    def raw_floats(self, count: int) -> NDArray[np.float32]:
        """The next `count` floats written as four bytes each, little endian; shape (count,), a copy."""
        return np.frombuffer(self.raw(4 * count), dtype="<f4").astype(np.float32)

    def remaining_integers(self) -> NDArray[np.int64]:
        """Everything that is left, in a file that from here on holds integers only; shape (count,), a copy.

        The same as `integer` until the end, a hundred times faster: a shape predictor has three millions of them.
        """
        left = bytes(self._data[self._at :])
        starts = array("q")
        at, end = 0, len(left)
        while at < end:
            starts.append(at)
            at += 1 + (left[at] & _N_BYTES)
        first = np.frombuffer(starts, dtype=np.int64)
        data = np.frombuffer(left + bytes(8), dtype=np.uint8)
        n_bytes = data[first] & _N_BYTES
        wrong = (n_bytes < 1) | (n_bytes > 8) | ((data[first] & ~np.uint8(_SIGN | _N_BYTES)) != 0)
        if wrong.any() or at > end:
            self._at += int(first[wrong.argmax()] if wrong.any() else first[-1])
            raise self.fail("no integer begins here, or it is cut off")
        magnitude = np.zeros(len(first), dtype=np.uint64)
        for place in range(int(n_bytes.max(initial=0))):
            digit = np.where(place < n_bytes, data[first + 1 + place], 0).astype(np.uint64)
            magnitude |= digit << np.uint64(8 * place)
        if magnitude.max(initial=0) > np.iinfo(np.int64).max:
            raise self.fail("an integer of more than 63 bits")
        self._at += end
        values = magnitude.astype(np.int64)
        return np.where(data[first] & _SIGN, -values, values)
