"""Where aligned faces come from: a detector, the caller's landmarks, or pictures that are aligned already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from phenojax.errors import ConfigError
from phenojax.face.alignment.templates import find_template
from phenojax.face.detectors.detection import Detector
from phenojax.face.detectors.load import load_detector
from phenojax.face.embedding.align_on_device import DeviceAligner
from phenojax.face.embedding.clock import Clock
from phenojax.face.embedding.device_mesh import DeviceMesh
from phenojax.face.embedding.find_faces import FaceFinder
from phenojax.face.embedding.given_landmarks import GivenLandmarks, Landmarks, as_landmarks
from phenojax.face.embedding.photographs import PhotographList
from phenojax.face.embedding.settings import FaceRule, FaceSettings, PointSource, face_rule
from phenojax.face.weights.card import ModelCard


@dataclass(frozen=True)
class FaceSource:
    """What is asked for, and what it takes.

    Attributes:
        settings: what is asked for.
        detector: loaded; None unless faces are searched for.
        landmarks: given ones; None unless they are.
    """

    settings: FaceSettings
    detector: Detector | None = None
    landmarks: Landmarks | None = None

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """Of the weights that are used."""
        return () if self.detector is None else self.detector.cards

    def finder(self, photographs: PhotographList, devices: DeviceMesh, threads: int, clock: Clock) -> FaceFinder:
        """Something that finds the faces of these photographs; arguments as for `FaceFinder`."""
        settings = self.settings
        aligner = (
            None
            if settings.scheme is None
            else DeviceAligner(settings.template, settings.face, self.detector, settings.scheme, devices)
        )
        side = find_template(settings.template).side
        return FaceFinder(photographs, settings, side, aligner, self.landmarks, devices, threads, clock)


def face_source(
    template: str,
    detector: str | Detector,
    face: FaceRule | str,
    landmarks: GivenLandmarks | None,
    aligned: bool,
    max_side: int,
    weights_dir: Path | None,
) -> FaceSource:
    """Check what is asked for, and load the detector if one is needed.

    Args:
        template: of the chips.
        detector: its name, or one that is loaded.
        face: which face is meant.
        landmarks: given ones, or None.
        aligned: whether pictures are aligned already.
        max_side: pixels.
        weights_dir: where files of weights may lie.

    Raises:
        ConfigError: a value is out of its range, or landmarks are given for pictures that are aligned already.
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such detector, or its files are not those of its card.
    """
    find_template(template)
    if aligned and landmarks is not None:
        raise ConfigError("landmarks are of no use for aligned faces; give one of the two")
    if aligned:
        return FaceSource(FaceSettings(template, PointSource.ALIGNED, max_side=max_side))
    if landmarks is not None:
        given = as_landmarks(landmarks)
        return FaceSource(
            FaceSettings(template, PointSource.TABLE, scheme=given.scheme, max_side=max_side), landmarks=given
        )
    searching = FaceSettings(template, face=face_rule(face), max_side=max_side)  # checked before weights are read
    found = load_detector(detector, weights_dir) if isinstance(detector, str) else detector
    return FaceSource(replace(searching, scheme=found.scheme, detector=found.name), detector=found)
