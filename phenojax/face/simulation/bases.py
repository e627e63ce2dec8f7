"""The photographs that are warped, with the face found in each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax.errors import CohortError, PhotographError
from phenojax.face.detectors.detection import Detector
from phenojax.face.photographs.canvas import DEFAULT_MAX_SIDE, canvas_side, fill_canvas
from phenojax.face.photographs.decode import Decoder
from phenojax.face.simulation.frame import FaceFrame, face_frame


class BasePhotograph(NamedTuple):
    """A real photograph to be warped.

    Attributes:
        name: of its file, without the folder.
        pixels: uint8 (h, w, 3), RGB.
        frame: of the face in it.
    """

    name: str
    pixels: NDArray[np.uint8]
    frame: FaceFrame


def find_bases(
    photographs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], detector: Detector
) -> list[BasePhotograph]:
    """Read photographs and find the best face of each.

    Args:
        photographs: a folder (files whose names begin with a point are passed over), or files.
        detector: finds faces and their five points.

    Raises:
        CohortError: no file, or one without a face or that is no picture; each base must be usable.
    """
    if isinstance(photographs, (str, os.PathLike)) and Path(photographs).is_dir():
        files = sorted(path for path in Path(photographs).iterdir() if path.is_file() and path.name[0] != ".")
    elif isinstance(photographs, (str, os.PathLike)):
        files = [Path(photographs)]
    else:
        files = [Path(path) for path in photographs]
    if not files:
        raise CohortError(f"{photographs}: no photographs to warp")
    decoder = Decoder(DEFAULT_MAX_SIDE)
    return [_base(path, decoder, detector) for path in files]


def _base(path: Path, decoder: Decoder, detector: Detector) -> BasePhotograph:
    try:
        photograph = decoder.file(path)
    except PhotographError as error:
        raise CohortError(f"{path}: {error}") from None
    canvas = np.zeros((canvas_side(photograph),) * 2 + (3,), np.uint8)
    fill_canvas(canvas, photograph)
    size = np.array([photograph.pixels.shape[:2]], np.int32)
    found = detector(jnp.asarray(canvas[None]), jnp.asarray(size))
    if not bool(found.valid[0, 0]):
        raise CohortError(f"{path}: no face was found; every photograph to be warped must show one")
    return BasePhotograph(path.name, photograph.pixels, face_frame(np.asarray(found.landmarks[0, 0]), detector.scheme))
