"""Sharpness, pixel by pixel."""

from __future__ import annotations

import numpy as np


def laplacian_variance(picture: np.ndarray) -> float:
    """Variance of the four neighbours less four times the pixel, of the mean of the colours; (h, w, 3)."""
    grey = [[sum(int(value) for value in pixel) / 3 for pixel in row] for row in picture]
    values = []
    for y in range(1, len(grey) - 1):
        for x in range(1, len(grey[0]) - 1):
            around = grey[y - 1][x] + grey[y + 1][x] + grey[y][x - 1] + grey[y][x + 1]
            values.append(around - 4 * grey[y][x])
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)
