"""One picture that is the same everywhere, so that the vector of a network can be compared with a stored one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Steps across, steps down and start of a triangle wave, for red, green and blue. They differ, so that a mirrored,
# transposed or recoloured picture is another one.
_WAVES = ((3, 5, 0), (7, 2, 90), (1, 11, 170))
_PERIOD = 512


def golden_chip(size: int) -> NDArray[np.uint8]:
    """A picture of stripes, made of whole numbers alone; RGB, uint8 (1, size, size, 3)."""
    rows, columns = np.mgrid[:size, :size]
    waves = [(columns * across + rows * down + start) % _PERIOD for across, down, start in _WAVES]
    return np.stack([np.minimum(wave, _PERIOD - 1 - wave) for wave in waves], axis=-1)[None].astype(np.uint8)


def relative_difference(vector: NDArray[np.float32], golden: tuple[float, ...]) -> float:
    """Length of the difference over the length of the golden vector; infinite where their widths differ."""
    wanted = np.asarray(golden, dtype=np.float64)
    if vector.shape != wanted.shape:
        return float("inf")
    return float(np.linalg.norm(vector - wanted) / np.linalg.norm(wanted))
