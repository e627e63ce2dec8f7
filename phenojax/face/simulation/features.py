"""Facial features of the HPO that a smooth warp can draw.

Sizes are in distances between the eyes' centres, chosen so that at severity 1 a feature is plain to see, no caricature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax.face.simulation.deformations import Deformation
from phenojax.face.simulation.frame import MOUTH, NOSE_BASE, FaceFrame

_EYE = (0.5, 0.0)
_AROUND_EYE = (0.26, 0.2)


@dataclass(frozen=True)
class FacialFeature:
    """A term of the HPO and the warp that draws it.

    Attributes:
        term_id: of the Human Phenotype Ontology.
        name: its label.
        deformations: together they make the feature.
    """

    term_id: str
    name: str
    deformations: tuple[Deformation, ...]


def _both(deformation: Deformation) -> tuple[Deformation, ...]:
    return deformation, deformation.mirrored()


FEATURES = (
    FacialFeature("HP:0000316", "Hypertelorism", _both(Deformation(_EYE, _AROUND_EYE, shift=(0.09, 0.0)))),
    FacialFeature("HP:0000601", "Hypotelorism", _both(Deformation(_EYE, _AROUND_EYE, shift=(-0.08, 0.0)))),
    FacialFeature("HP:0000582", "Upslanted palpebral fissure", _both(Deformation(_EYE, _AROUND_EYE, turn=-0.3))),
    FacialFeature("HP:0000494", "Downslanted palpebral fissures", _both(Deformation(_EYE, _AROUND_EYE, turn=0.3))),
    FacialFeature("HP:0000637", "Long palpebral fissure", _both(Deformation(_EYE, _AROUND_EYE, stretch=(1.35, 1.0)))),
    FacialFeature("HP:0000431", "Wide nasal bridge", (Deformation((0.0, 0.15), (0.16, 0.26), stretch=(1.7, 1.0)),)),
    FacialFeature("HP:0000445", "Wide nose", (Deformation((0.0, 0.66), (0.28, 0.2), stretch=(1.5, 1.0)),)),
    FacialFeature("HP:0003196", "Short nose", (Deformation((0.0, 0.68), (0.3, 0.24), shift=(0.0, -0.13)),)),
    FacialFeature(
        "HP:0000343",
        "Long philtrum",
        (
            Deformation((0.0, NOSE_BASE - 0.05), (0.3, 0.16), shift=(0.0, -0.06)),
            Deformation((0.0, MOUTH), (0.45, 0.18), shift=(0.0, 0.07)),
        ),
    ),
    FacialFeature(
        "HP:0000322",
        "Short philtrum",
        (
            Deformation((0.0, NOSE_BASE - 0.05), (0.3, 0.16), shift=(0.0, 0.05)),
            Deformation((0.0, MOUTH), (0.45, 0.18), shift=(0.0, -0.06)),
        ),
    ),
    FacialFeature("HP:0000154", "Wide mouth", (Deformation((0.0, MOUTH), (0.45, 0.2), stretch=(1.4, 1.0)),)),
    FacialFeature("HP:0000160", "Narrow mouth", (Deformation((0.0, MOUTH), (0.4, 0.2), stretch=(0.72, 1.0)),)),
    FacialFeature("HP:0000347", "Micrognathia", (Deformation((0.0, 1.75), (0.75, 0.3), (0.0, -0.12), (0.8, 1.0)),)),
)


def warped_region(
    features: tuple[FacialFeature, ...], frame: FaceFrame, shape: tuple[int, int], height: float = 0.3
) -> NDArray[np.bool_]:
    """Where a picture was warped: the truth that an explanation is held against.

    Args:
        features: those that were drawn.
        frame: of the face in the picture or chip that the region is wanted for.
        shape: height and width of that picture, pixels.
        height: a pixel belongs to the region where some deformation's bell is at least so high.

    Returns:
        bool (height, width); all False where there are no features.
    """
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    points = frame.to_face(np.stack((columns, rows), axis=-1))
    region = np.zeros(shape, bool)
    for feature in features:
        for deformation in feature.deformations:
            region |= deformation.weight(points) >= height
    return region
