"""From the name of a detector to one that runs."""

from __future__ import annotations

from pathlib import Path

from phenojax.errors import WeightsError
from phenojax.face.detectors.detection import Detector
from phenojax.face.detectors.mmod import load_mmod
from phenojax.face.detectors.mtcnn import load_mtcnn
from phenojax.face.weights.card import Role
from phenojax.face.weights.catalogue import BUNDLED, DEFAULT_DETECTOR, bundled_names
from phenojax.face.weights.locate import locate

_POINTS, _MTCNN = "dlib-shape-5", "mtcnn"


def load_detector(name: str = DEFAULT_DETECTOR, weights_dir: Path | None = None) -> Detector:
    """Load a detector with its weights.

    Args:
        name: ``dlib-mmod`` (the default) or ``mtcnn``.
        weights_dir: a folder that may hold the files instead of the packages of the extra ``faces``.

    Raises:
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such detector, or its files are not those of its card.
    """
    bundled = BUNDLED.get(name)
    if bundled is None or bundled.card.role is not Role.DETECTOR:
        raise WeightsError(f"detector {name!r} is not known; there is {', '.join(bundled_names(Role.DETECTOR))}")
    purpose = f"detector {name}"
    paths = locate(bundled, purpose, weights_dir)
    if name == _MTCNN:
        propose_path, refine_path, decide_path = paths
        return load_mtcnn(propose_path, refine_path, decide_path, (bundled.card,))
    if name == DEFAULT_DETECTOR:
        points = BUNDLED[_POINTS]
        (detector_path,), (shape_path,) = paths, locate(points, purpose, weights_dir)
        return load_mmod(detector_path, shape_path, (bundled.card, points.card))
    raise WeightsError(f"{paths[0]}: no detector of the architecture {bundled.card.architecture} can be built")
