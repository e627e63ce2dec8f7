"""Faces whose points are those of a template, moved by a similarity that is known."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.face.alignment.align import align
from phenojax.face.alignment.schemes import target_points
from phenojax.face.alignment.templates import find_template
from phenojax.face.landmarks import LandmarkScheme


def placed(
    template: str, scheme: LandmarkScheme, step: float, degrees: float, centre: tuple[float, float]
) -> NDArray[np.float64]:
    """Points (5, 2) of a face whose chip has its centre at `centre` and a pixel every `step` pixels."""
    wanted = find_template(template)
    return (
        turned(np.asarray(target_points(wanted, scheme), np.float64) - (wanted.side - 1) / 2, degrees) * step + centre
    )


def turned(points: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Turn points about 0, from x towards y."""
    angle = np.deg2rad(degrees)
    return points @ np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])


def chips(
    template: str,
    scheme: LandmarkScheme,
    pictures: Sequence[NDArray[np.uint8]],
    points: NDArray[np.float64],
    side: int = 512,
) -> NDArray[np.uint8]:
    """One chip of each picture, in batches of eight on canvases of one size: one program for many tests."""
    found = []
    for start in range(0, len(pictures), 8):
        part = range(start, min(start + 8, len(pictures)))
        canvases, sizes = np.zeros((8, side, side, 3), np.uint8), np.zeros((8, 2), np.int32)
        five = np.zeros((8, 5, 2), np.float32)
        for slot, number in enumerate(part):
            height, width = sizes[slot] = pictures[number].shape[:2]
            canvases[slot, :height, :width], five[slot] = pictures[number], points[number]
        arguments = (jnp.asarray(array) for array in (canvases, sizes, five))
        found.append(np.asarray(align(template, scheme, *arguments))[: len(part)])
    return np.concatenate(found)


def grey_levels_apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Without a sign, value by value."""
    return np.abs(first.astype(np.int64) - second)
