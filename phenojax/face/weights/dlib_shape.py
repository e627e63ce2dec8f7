"""The regression forests of a shape predictor that dlib has saved, as plain arrays."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.weights.dlib_stream import DlibStream

Floats: TypeAlias = NDArray[np.float32]

_MAX_COORDINATES, _MAX_NODES, _MAX_EXPONENT = 2_000, 1 << 16, 200


class ShapeForests(NamedTuple):
    """A cascade of regression forests that moves points from where they are in the mean face to where they are here.

    Coordinates are those of the face's box: (0, 0) its top left pixel, (1, 1) its bottom right one. The children of
    node ``i`` are ``2 i + 1`` (where the pixels' difference exceeds the threshold) and ``2 i + 2``.

    Attributes:
        initial_shape: float32 (points, 2): x, y.
        first, second: int32 (levels, trees, nodes): which two of the level's pixels a node compares.
        threshold: float32 (levels, trees, nodes): grey values, 0 to 255.
        leaves: float32 (levels, trees, nodes + 1, points, 2): what is added to the points.
        anchors: int32 (levels, pixels): the point beside which a pixel is taken.
        deltas: float32 (levels, pixels, 2): from that point to the pixel, in the initial shape.
    """

    initial_shape: Floats
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    threshold: Floats
    leaves: Floats
    anchors: NDArray[np.int32]
    deltas: Floats


def read_dlib_shape(path: Path) -> ShapeForests:
    """Read a shape predictor from a .dat file of dlib.

    Raises:
        WeightsError: the file cannot be read, is cut off or damaged, or its trees differ in shape; names the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from error
    return parse_dlib_shape(data, path.name)


def parse_dlib_shape(data: bytes, name: str) -> ShapeForests:
    """`read_dlib_shape` of a file's bytes; `name` is for errors."""
    tape = _Tape(DlibStream(data, name).remaining_integers(), name)
    tape.expect(1, "version of a shape predictor")
    n_values = -tape.integer()
    tape.expect(-1, "minus the number of columns")
    if not 2 <= n_values <= _MAX_COORDINATES or n_values % 2:
        raise tape.fail(f"{n_values} coordinates of points")
    initial = tape.floats(n_values).reshape(-1, 2)
    forests = [_forest(tape, n_values) for _ in range(tape.size("levels"))]
    anchors = [tape.take(tape.size("anchors")).astype(np.int32) for _ in range(tape.size("levels"))]
    deltas = [tape.floats(2 * tape.size("deltas")).reshape(-1, 2) for _ in range(tape.size("levels"))]
    if not tape.at_end:
        raise tape.fail("more data after the last value")
    columns = [*zip(*forests, strict=True), anchors, deltas]
    if any(len({piece.shape for piece in column}) != 1 or len(column) != len(forests) for column in columns):
        raise tape.fail("levels that differ in size")
    result = ShapeForests(initial, *(np.stack(column) for column in columns))
    n_pixels = len(result.deltas[0])
    _check_range(tape, "pixels", result.first, n_pixels)
    _check_range(tape, "pixels", result.second, n_pixels)
    _check_range(tape, "points", result.anchors, len(initial))
    if result.anchors.shape[1] != n_pixels:
        raise tape.fail(f"{result.anchors.shape[1]} anchors of {n_pixels} pixels")
    return result


def _forest(tape: _Tape, n_values: int) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats, Floats]:
    """First and second pixel, thresholds (trees, nodes) and leaves (trees, leaves, points, 2) of one level.

    All trees have the same size, so that the whole forest is one table with a row for each.
    """
    n_trees, n_nodes = tape.size("trees"), tape.peek()
    n_leaves = n_nodes + 1
    if not 1 <= n_nodes <= _MAX_NODES or n_leaves & n_nodes:
        raise tape.fail(f"{n_nodes} nodes are no full binary tree")
    leaf_width = 2 + 2 * n_values
    rows = tape.take(n_trees * (2 + 4 * n_nodes + n_leaves * leaf_width)).reshape(n_trees, -1)
    nodes = rows[:, 1 : 1 + 4 * n_nodes].reshape(n_trees, n_nodes, 4)
    leaves = rows[:, 2 + 4 * n_nodes :].reshape(n_trees, n_leaves, leaf_width)
    marks = (rows[:, 0] == n_nodes, rows[:, 1 + 4 * n_nodes] == n_leaves, leaves[..., :2] == (-n_values, -1))
    if not all(mark.all() for mark in marks):
        raise tape.fail("trees that differ in size")
    return (
        nodes[..., 0].astype(np.int32),
        nodes[..., 1].astype(np.int32),
        tape.as_floats(nodes[..., 2:])[..., 0],
        tape.as_floats(leaves[..., 2:]).reshape(n_trees, n_leaves, -1, 2),
    )


def _check_range(tape: _Tape, what: str, numbers: NDArray[np.int32], count: int) -> None:
    if numbers.min() < 0 or numbers.max() >= count:
        raise tape.fail(f"numbers of {what} from {numbers.min()} to {numbers.max()} where there are {count}")


class _Tape:
    """The integers of a file, taken in order; a float is two of them."""

    def __init__(self, values: NDArray[np.int64], name: str) -> None:
        self._values = values
        self._name = name
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._values)

    def fail(self, message: str) -> WeightsError:
        return WeightsError(f"{self._name}, value {self._at}: {message}")

    def take(self, count: int) -> NDArray[np.int64]:
        if self._at + count > len(self._values):
            raise self.fail(f"{count} values expected, {len(self._values) - self._at} left: the file is cut off")
        self._at += count
        return self._values[self._at - count : self._at]

    def integer(self) -> int:
        return int(self.take(1)[0])

    def peek(self) -> int:
        value = self.integer()
        self._at -= 1
        return value

    def expect(self, wanted: int, what: str) -> None:
        if (found := self.integer()) != wanted:
            raise self.fail(f"{what} {found} is not known, expected {wanted}")

    def size(self, what: str) -> int:
        found = self.integer()
        if not 1 <= found <= len(self._values):
            raise self.fail(f"{found} {what}")
        return found

    def floats(self, count: int) -> Floats:
        return self.as_floats(self.take(2 * count))

    def as_floats(self, pairs: NDArray[np.int64]) -> Floats:
        """Mantissa and exponent in turn along the last axis, to half as many numbers."""
        mantissa, exponent = pairs[..., 0::2], pairs[..., 1::2]
        # dlib marks what is not finite by exponents beyond any float's.
        if abs(exponent).max() > _MAX_EXPONENT:
            raise self.fail("a number that is not finite")
        return np.ldexp(mantissa.astype(np.float64), exponent.astype(np.int32)).astype(np.float32)
