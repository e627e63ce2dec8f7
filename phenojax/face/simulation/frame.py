"""Coordinates of a face: independent of where it is in the picture, how large, and how it is turned."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax.errors import ConfigError
from phenojax.face.landmarks import LandmarkScheme

# Where the lower of the five points lies below the eyes on an average face, in distances between the eyes' centres.
NOSE_BASE = 0.77
MOUTH = 1.16


class FaceFrame(NamedTuple):
    """An affine frame on a face: (0, 0) is midway between the eyes' centres, which are at (-.5, 0) and (.5, 0).

    The second axis points from the eyes to the mouth, which on every face lies at `MOUTH`, as the base of the nose does
    at `NOSE_BASE`: so features are found at the same place on long and on short faces.

    Attributes:
        origin: float64 (2,), pixels x, y.
        axes: float64 (2, 2): column 0 is the step of one unit to the right, column 1 of one unit downwards, in pixels.
    """

    origin: NDArray[np.float64]
    axes: NDArray[np.float64]

    def to_face(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Pixels (..., 2), x and y, to face coordinates (..., 2)."""
        inverse = np.linalg.inv(self.axes).astype(np.float64)
        return (np.asarray(pixels, np.float64) - self.origin) @ inverse.T

    def to_pixels(self, points: ArrayLike) -> NDArray[np.float64]:
        """Face coordinates (..., 2) to pixels (..., 2), x and y."""
        return np.asarray(points, np.float64) @ self.axes.T + self.origin

    def moved(self, matrix: NDArray[np.float64], shift: NDArray[np.float64]) -> FaceFrame:
        """The frame after every pixel p has gone to ``matrix @ p + shift``."""
        return FaceFrame(matrix @ self.origin + shift, matrix @ self.axes)


def face_frame(landmarks: ArrayLike, scheme: LandmarkScheme) -> FaceFrame:
    """The frame of a face from its five points.

    Args:
        landmarks: (5, 2), pixels x, y.
        scheme: which points these are.

    Raises:
        ConfigError: not five points, not finite, or the eyes on one spot or in line with the point below them.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape != (5, 2) or not np.isfinite(points).all():
        raise ConfigError(f"landmarks must be five finite points of x and y, not an array of shape {points.shape}")
    if scheme is LandmarkScheme.DLIB5:
        right, left, below, depth = points[:2].mean(axis=0), points[2:4].mean(axis=0), points[4], NOSE_BASE
    else:
        left, right, below, depth = points[0], points[1], points[3:].mean(axis=0), MOUTH
    origin, across = (left + right) / 2, right - left
    axes = np.stack((across, (below - origin) / depth), axis=1)
    width, height = np.linalg.norm(axes, axis=0)
    if width < 1 or height < 1 or abs(np.linalg.det(axes)) < 0.3 * width * height:
        raise ConfigError("these five points lie on one spot or nearly in a line: they are no face")
    return FaceFrame(origin, axes)
