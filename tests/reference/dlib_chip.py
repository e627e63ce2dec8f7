"""The 150-pixel chip as dlib cuts it, in float64 and for one face at a time: plain, for comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# dlib's mean positions of its five points in a unit square (dlib/image_transforms/interpolation.h).
MEAN_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3): source to target, solved as linear least squares in a, b, tx, ty."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [(x, -y, 1, 0), (y, x, 0, 1)]
        values += [u, v]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.array([(a, -b, tx), (b, a, ty)])


def pyramid_down(image: NDArray[np.int64]) -> NDArray[np.int64]:
    """Half the size: 1 4 6 4 1 in both directions, every other pixel, rounded towards 0."""
    taps = (1, 4, 6, 4, 1)
    height, width = ((n - 3) // 2 for n in image.shape[:2])
    rows = sum(t * image[:, k : k + 2 * width : 2] for k, t in enumerate(taps))
    both = sum(t * rows[k : k + 2 * height : 2] for k, t in enumerate(taps))
    return np.asarray(both // 256)


def dlib_chip(
    image: NDArray[np.uint8], points: NDArray[np.float64], size: int = 150, padding: float = 0.25
) -> NDArray[np.uint8]:
    """The chip of a face with dlib's five points, (size, size, 3)."""
    to_image = similarity((padding + MEAN_FACE) / (2 * padding + 1) * size, points)
    scale = np.hypot(to_image[0, 0], to_image[1, 0])
    turn = to_image[:, :2] / scale
    centre = to_image[:, :2] @ (size / 2, size / 2) + to_image[:, 2]
    # A rectangle's width counts both its border pixels.
    low, high = centre - (size * scale - 1) / 2, centre + (size * scale - 1) / 2
    depth, grow, span = 0, 2.0, (high - low)[0] / 2
    while (span + 1) ** 2 > size**2:
        span, depth, grow = span / 2, depth + 1, 2 * grow + 2
    corners = np.array([(x, y) for x in (low[0], high[0]) for y in (low[1], high[1])])
    turned = (corners - centre) @ turn.T + centre
    limit = np.array(image.shape[1::-1]) - 1
    first = np.floor(np.maximum(turned.min(axis=0) - grow, 0) + 0.5).astype(int)
    last = np.floor(np.minimum(turned.max(axis=0) + grow, limit) + 0.5).astype(int)
    level = image[first[1] : last[1] + 1, first[0] : last[0] + 1].astype(np.int64)
    low, high = low - first, high - first
    for _ in range(depth):
        level = pyramid_down(level)
        low, high = (point / 2 - (1.25, 0.75) for point in (low, high))
    return bilinear(level, low, high, turn, size)


def bilinear(
    level: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    turn: NDArray[np.float64],
    size: int,
) -> NDArray[np.uint8]:
    """Pixels of the rectangle from low to high, turned about its centre; 0 where a neighbour is outside."""
    centre = (low + high) / 2
    steps = (high - low)[0] * np.arange(size) / (size - 1)
    grid = np.stack(np.meshgrid(low[0] + steps, low[1] + steps), axis=-1)
    x, y = np.moveaxis((grid - centre) @ turn.T + centre, -1, 0)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    inside = (left >= 0) & (top >= 0) & (left + 1 < level.shape[1]) & (top + 1 < level.shape[0])
    f, g = (x - left)[..., None], (y - top)[..., None]
    left, top = np.where(inside, left, 0), np.where(inside, top, 0)
    upper = (1 - f) * level[top, left] + f * level[top, left + 1]
    lower = (1 - f) * level[top + 1, left] + f * level[top + 1, left + 1]
    return np.where(inside[..., None], (1 - g) * upper + g * lower, 0).astype(np.uint8)
