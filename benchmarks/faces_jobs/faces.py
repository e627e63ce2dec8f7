"""Faces cut out of the pictures."""

from __future__ import annotations

from functools import lru_cache

import jax.numpy as jnp
import numpy as np
from faces_jobs.pictures import Pictures
from numpy.typing import NDArray

from phenojax.face.alignment.align import align
from phenojax.face.detectors.detection import Detections, Detector
from phenojax.face.detectors.load import load_detector


@lru_cache
def detector(name: str) -> Detector:
    """Loaded once."""
    return load_detector(name)


@lru_cache
def detected(pictures: Pictures) -> Detections:
    """By dlib's detector; every picture has a face."""
    found = detector("dlib-mmod")(jnp.asarray(pictures.all), jnp.asarray(pictures.sizes))
    if not np.asarray(found.valid[:, 0]).all():
        raise SystemExit("a picture of the benchmark shows no face to dlib's detector")
    return found


def aligned(pictures: Pictures, template: str) -> NDArray[np.uint8]:
    """The chip of each picture's best face, uint8 (n, side, side, 3)."""
    points = detected(pictures).landmarks[:, 0]
    scheme = detector("dlib-mmod").scheme
    return np.asarray(align(template, scheme, jnp.asarray(pictures.all), jnp.asarray(pictures.sizes), points))
