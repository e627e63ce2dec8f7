"""The cascade of regression trees, one tree after the other, in the precision that dlib's answers show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax.face.weights.dlib_shape import ShapeForests


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation and scale of the least-squares similarity (Umeyama 1991), by singular values."""
    a, b = source - source.mean(0), target - target.mean(0)
    u, d, vt = np.linalg.svd(b.T @ a / len(a))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    return (u * signs) @ vt * (d * signs).sum() / (a**2).sum() * len(a)


def grey_value(picture: NDArray[np.uint8], x: int, y: int) -> int:
    if not (0 <= y < picture.shape[0] and 0 <= x < picture.shape[1]):
        return 0
    return int(picture[y, x].astype(int).sum()) // 3


def leaf_of(first, second, threshold, grey) -> int:  # type: ignore[no-untyped-def]
    node = 0
    while node < len(first):
        difference = np.float32(grey[first[node]] - grey[second[node]])
        node = 2 * node + (1 if difference > threshold[node] else 2)
    return node - len(first)


def predict_points(forests: ShapeForests, picture: NDArray[np.uint8], box: tuple[int, ...]) -> NDArray[np.float64]:
    """x, y of the points (points, 2), not rounded."""
    corner = np.array(box[:2], dtype=np.float64)
    extent = np.array(box[2:], dtype=np.float64) - corner
    shape = forests.initial_shape.copy()
    for level in range(len(forests.first)):
        turn = similarity(forests.initial_shape.astype(np.float64), shape.astype(np.float64)).astype(np.float32)
        grey = []
        for anchor, delta in zip(forests.anchors[level], forests.deltas[level], strict=True):
            where = (turn @ delta + shape[anchor]).astype(np.float64) * extent + corner
            x, y = np.floor(where + 0.5).astype(int)
            grey.append(grey_value(picture, x, y))
        for tree in range(forests.first.shape[1]):
            nodes = (forests.first[level, tree], forests.second[level, tree], forests.threshold[level, tree])
            shape = shape + forests.leaves[level, tree, leaf_of(*nodes, grey)]
    return shape.astype(np.float64) * extent + corner
