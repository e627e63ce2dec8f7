"""What every detector gives, whatever it is made of."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jax import Array

from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.card import ModelCard


class Detections(NamedTuple):
    """The faces found on a batch of canvases, best first; `k` slots each, of which `valid` ones are in use.

    Attributes:
        boxes: float32 (b, k, 4): left, top, right, bottom, in pixels of the canvas (x to the right, y downwards; a
            pixel's centre has whole coordinates).
        scores: float32 (b, k): the detector's own confidence, descending.
        landmarks: float32 (b, k, 5, 2): x, y of the five points of the detector's `scheme`.
        valid: bool (b, k).
    """

    boxes: Array
    scores: Array
    landmarks: Array
    valid: Array


class Detector(Protocol):
    """Finds faces. One compiled program for each shape of the batch; a call never waits for the device.

    Attributes:
        name: ``dlib-mmod`` or ``mtcnn``.
        scheme: which five points it gives.
        cards: the weights that it uses.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def scheme(self) -> LandmarkScheme: ...  # noqa: D102
    @property
    def cards(self) -> tuple[ModelCard, ...]: ...  # noqa: D102

    def __call__(self, canvases: Array, sizes: Array) -> Detections:
        """Find the faces.

        Args:
            canvases: uint8 (b, s, s, 3), RGB; a picture lies at the top left, what is beyond it is 0.
            sizes: int32 (b, 2): height and width of each picture, at most s. A slot with size 0 has no faces.
        """
        ...
