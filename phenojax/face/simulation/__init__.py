"""Warped photographs whose truth is known, to test faces with: they prove nothing about patients."""

from phenojax.face.simulation.bases import BasePhotograph, find_bases
from phenojax.face.simulation.config import FaceSimulationConfig
from phenojax.face.simulation.draw import simulate_faces
from phenojax.face.simulation.features import FEATURES, FacialFeature, warped_region
from phenojax.face.simulation.frame import FaceFrame, face_frame

__all__ = [
    "FEATURES",
    "BasePhotograph",
    "FaceFrame",
    "FaceSimulationConfig",
    "FacialFeature",
    "face_frame",
    "find_bases",
    "simulate_faces",
    "warped_region",
]
