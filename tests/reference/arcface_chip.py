"""The 112-pixel chip in float64, one pixel after the other; the similarity by singular values."""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import NDArray

TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)


def umeyama(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3): source to target, by singular values, never a mirror."""
    middle, there = source.mean(axis=0), target.mean(axis=0)
    covariance = (target - there).T @ (source - middle) / len(source)
    left, values, right = np.linalg.svd(covariance)
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    turn = left @ np.diag(signs) @ right
    scale = (values * signs).sum() / (source - middle).var(axis=0).sum()
    return np.column_stack([scale * turn, there - scale * turn @ middle])


def arcface_chip(image: NDArray[np.uint8], points: NDArray[np.float64], target: NDArray[np.float64] = TEMPLATE):  # type: ignore[no-untyped-def]
    """float64 (112, 112, 3), not rounded; what is beyond the picture is black."""
    to_chip = np.vstack([umeyama(points, target), (0, 0, 1)])
    to_picture = np.linalg.inv(to_chip)
    chip = np.zeros((112, 112, 3))
    for v in range(112):
        for u in range(112):
            x, y, _ = to_picture @ (u, v, 1)
            for row in (floor(y), floor(y) + 1):
                for column in (floor(x), floor(x) + 1):
                    if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                        chip[v, u] += (1 - abs(x - column)) * (1 - abs(y - row)) * image[row, column]
    return chip
