"""Faces to work on: the astronaut of scikit-image, and the generated ones of the test data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

_DATA_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of 512 x 512 pixels with one face each.

    Attributes:
        astronaut: uint8 (512, 512, 3).
        generated: uint8 (n, 512, 512, 3); n is 0 without the test data.
        files: of the generated ones.
    """

    astronaut: NDArray[np.uint8]
    generated: NDArray[np.uint8]
    files: tuple[Path, ...]

    @property
    def all(self) -> NDArray[np.uint8]:
        """(1 + n, 512, 512, 3)."""
        return np.concatenate([self.astronaut[None], self.generated])

    @property
    def sizes(self) -> NDArray[np.int32]:
        """Of `all`."""
        return np.full((1 + len(self.generated), 2), 512, np.int32)

    @property
    def described(self) -> str:
        return f"the astronaut of scikit-image and {len(self.generated)} generated faces"


def read_pictures(most: int) -> Pictures:
    """The test data is `$PHENOJAX_TEST_DATA`, or `shared/data` beside the checkout."""
    root = Path(os.environ.get("PHENOJAX_TEST_DATA", _DATA_BESIDE))
    files = tuple(sorted((root / "faces" / "synthetic20").glob("*.jpg"))[:most])
    generated = []
    for file in files:
        with Image.open(file) as image:
            generated.append(np.array(image.convert("RGB")))
    stacked = np.stack(generated) if generated else np.zeros((0, 512, 512, 3), np.uint8)
    return Pictures(np.ascontiguousarray(data.astronaut()), stacked, files)
