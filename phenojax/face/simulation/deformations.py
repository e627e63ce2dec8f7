"""Smooth local changes of a face: each fades like a bell around its centre, so that nothing tears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Deformation:
    """One change around one centre, in face coordinates (`FaceFrame`).

    The picture's content near `centre` is moved by `shift`, stretched by `stretch` along either axis (1: as it was) and
    turned by `turn` radians (clockwise on the screen), all weighted by ``exp(-r^2 / (2 radius^2))``.

    Attributes:
        centre: x and y.
        radius: of the bell, along x and y.
        shift: by how much the content moves.
        stretch: factors.
        turn: angle in radians.
    """

    centre: tuple[float, float]
    radius: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)
    stretch: tuple[float, float] = (1.0, 1.0)
    turn: float = 0.0

    def mirrored(self) -> Deformation:
        """The same on the other half of the face."""
        return Deformation(
            (-self.centre[0], self.centre[1]), self.radius, (-self.shift[0], self.shift[1]), self.stretch, -self.turn
        )

    def weight(self, points: Points) -> NDArray[np.float64]:
        """The bell's height at `points` (..., 2): 1 at the centre, falling to 0."""
        offset = (points - np.array(self.centre)) / np.array(self.radius)
        height: NDArray[np.float64] = np.exp(-(offset**2).sum(axis=-1) / 2)
        return height

    def displacement(self, points: Points, severity: float) -> Points:
        """How far the content that is seen at `points` (..., 2) has moved to get there, (..., 2)."""
        offset = points - np.array(self.centre)
        weight = self.weight(points)[..., None]
        angle = -self.turn * severity
        turn_back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        # A severity of 0 changes nothing, and powers of the factor are as far from 1 upwards as downwards.
        source = (offset @ turn_back.T) / np.array(self.stretch) ** severity - severity * np.array(self.shift)
        moved: Points = weight * (offset - source)
        return moved


def displacement(points: Points, deformations: Iterable[Deformation], severity: float) -> Points:
    """The sum of several deformations at `points` (..., 2) of face coordinates; the content at p comes from p - sum."""
    total = np.zeros_like(points)
    for deformation in deformations:
        total += deformation.displacement(points, severity)
    return total
