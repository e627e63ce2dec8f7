"""The 21 faces with what dlib-bin 20.0.1 says of them (tests/golden/make_dlib_descriptors.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from conftest import REPOSITORY
from numpy.typing import NDArray
from PIL import Image
from skimage import data


class GoldenFace(NamedTuple):
    """A picture (h, w, 3), dlib's five points in it (5, 2), and dlib's descriptor of it (128,)."""

    name: str
    picture: NDArray[np.uint8]
    points: NDArray[np.float64]
    descriptor: NDArray[np.float32]


def astronaut() -> GoldenFace:
    return _face("astronaut", data.astronaut())


def synthetic(shared_data: Callable[[str], Path]) -> list[GoldenFace]:
    """The 20 generated faces; skips the test where the test data is absent."""
    folder = shared_data("faces/synthetic20")
    faces = []
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as image:
            faces.append(_face(path.name, np.array(image.convert("RGB"))))
    return faces


def _face(name: str, picture: NDArray[np.uint8]) -> GoldenFace:
    golden = json.loads((REPOSITORY / "tests" / "golden" / "dlib_descriptors.json").read_text(encoding="utf-8"))[name]
    return GoldenFace(
        name,
        picture,
        np.array(golden["points"], dtype=np.float64),
        np.array(golden["descriptor"], dtype=np.float32),
    )
