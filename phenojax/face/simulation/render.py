"""One warped photograph: the features drawn, then taken under its circumstances, in a single resampling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from phenojax.face.simulation.deformations import displacement
from phenojax.face.simulation.features import FacialFeature
from phenojax.face.simulation.frame import FaceFrame
from phenojax.face.simulation.nuisance import Nuisance, tone

# The eyes are so far apart in a written picture, in shares of its side, and their middle is so far from the top.
EYE_DISTANCE = 0.25
EYE_LEVEL = 0.42


class Rendered(NamedTuple):
    """A warped photograph.

    Attributes:
        pixels: uint8 (side, side, 3), RGB.
        frame: of the face in it, before its features moved: the one that `warped_region` takes.
    """

    pixels: NDArray[np.uint8]
    frame: FaceFrame


def render(
    photograph: NDArray[np.uint8],
    frame: FaceFrame,
    features: tuple[FacialFeature, ...],
    severity: float,
    nuisance: Nuisance,
    rng: np.random.Generator,
    side: int = 512,
) -> Rendered:
    """Draw features into a photograph and take it again.

    Args:
        photograph: uint8 (h, w, 3), RGB.
        frame: of the face in it.
        features: to draw; none for a face as it is.
        severity: 0 draws nothing, 1 is plain to see.
        nuisance: light, framing and the rest.
        rng: of noise and texture.
        side: of the result, pixels.
    """
    matrix, shift = _placement(frame, nuisance, side)
    placed = frame.moved(matrix, shift)
    rows, columns = np.mgrid[:side, :side]
    seen = placed.to_face(np.stack((columns, rows), axis=-1))
    for feature in features:
        # One after the other: features that overlap then compose and cannot fold the picture between them.
        seen = seen - displacement(seen, feature.deformations, severity)
    source = frame.to_pixels(seen)
    shrinks = 1 / np.sqrt(abs(np.linalg.det(matrix)))
    blurred = photograph.astype(np.float64)
    if shrinks > 1:
        blurred = ndimage.gaussian_filter(blurred, (0.5 * shrinks, 0.5 * shrinks, 0))
    coordinates = source[..., 1], source[..., 0]
    planes = [
        ndimage.map_coordinates(blurred[..., colour], coordinates, order=1, mode="nearest") for colour in range(3)
    ]
    return Rendered(tone(np.stack(planes, axis=-1), nuisance, rng), placed)


def _placement(frame: FaceFrame, nuisance: Nuisance, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rotation and scaling, and the shift, that bring the face upright to its place in the picture, then askew."""
    across = frame.axes[:, 0]
    scale = EYE_DISTANCE * side * nuisance.zoom / float(np.linalg.norm(across))
    angle = nuisance.turn - float(np.arctan2(across[1], across[0]))
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = side * (np.array([0.5, EYE_LEVEL]) + np.array(nuisance.shift))
    return matrix, target - matrix @ frame.origin
