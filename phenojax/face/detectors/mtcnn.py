"""The cascade of three networks that PhenoScore finds faces with: the detector ``mtcnn``.

Zhang et al., "Joint face detection and alignment using multitask cascaded convolutional networks", IEEE Signal
Processing Letters 2016, doi 10.1109/LSP.2016.2603342. Faces, boxes and points are those of the package mtcnn 1.0.0 with
its defaults, on the picture itself, whatever canvas it lies on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jax import Array

from phenojax.face.detectors.detection import Detections
from phenojax.face.detectors.mtcnn_cascade import MtcnnConfig, detect
from phenojax.face.detectors.mtcnn_fold import Networks, fold_networks
from phenojax.face.detectors.mtcnn_pyramid import CELL
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.card import ModelCard
from phenojax.face.weights.mtcnn_layers import read_mtcnn_layers


@dataclass(frozen=True, eq=False)
class MtcnnDetector:
    """A `Detector`. Made by `load_mtcnn`.

    Boxes and points are not rounded; boxes end at the picture's border, points may lie beyond it.

    Attributes:
        config: what is fixed.
        params: the weights.
        cards: of the three networks together.
    """

    config: MtcnnConfig
    params: Networks = field(repr=False)
    cards: tuple[ModelCard, ...]
    name: str = "mtcnn"
    scheme: LandmarkScheme = LandmarkScheme.FIVE_POINT

    def __call__(self, canvases: Array, sizes: Array) -> Detections:
        """Find the faces (`Detector`)."""
        found: Detections = detect(self.config, self.params, canvases, sizes)
        return found


def load_mtcnn(
    propose_path: Path,
    refine_path: Path,
    decide_path: Path,
    cards: tuple[ModelCard, ...] = (),
    *,
    min_face_size: int = 20,
    k: int = 8,
) -> MtcnnDetector:
    """Load the three networks of MTCNN.

    Args:
        propose_path: ``pnet.lz4``.
        refine_path: ``rnet.lz4``.
        decide_path: ``onet.lz4``.
        cards: of the three.
        min_face_size: side of the smallest faces that are looked for, pixels. Twice as large is a quarter of the work.
        k: how many faces of a picture are told, at most; the best ones.

    Raises:
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: a file cannot be read, is damaged or holds another network.
        ValueError: `min_face_size` is less than 12, or `k` less than 1.
    """
    if k < 1 or min_face_size < CELL:
        raise ValueError(f"k is {k} and min_face_size {min_face_size}; expected 1 or more and {CELL} or more")
    networks = fold_networks(*(read_mtcnn_layers(path) for path in (propose_path, refine_path, decide_path)))
    return MtcnnDetector(MtcnnConfig(min_face_size=min_face_size, k=k), networks, cards)
