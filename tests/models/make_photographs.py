"""A cohort whose photographs are aligned faces of noise, in which the carriers of one gene share a bright corner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from face.embedding.tiny_encoder import SIDE
from numpy.typing import NDArray
from PIL import Image
from screen.make_cohort import make_cohort

from phenojax.cohort import Cohort

# Rows 16 to 48, columns 64 to 96: four of the cells that the tiny encoder averages.
SHARED = np.zeros((SIDE, SIDE), bool)
SHARED[16:48, 64:96] = True


def photographed_cohort(folder: Path, seed: int = 0) -> Cohort:
    """GFACE with the shared part, GNULL and HNULL without; ten carriers of five publications each."""
    cohort = make_cohort({}, {"GFACE": 5, "GNULL": 5, "HNULL": 5}, per_publication=2)
    rng = np.random.default_rng(seed)
    individuals = []
    for one in cohort:
        path = folder / f"{one.id}.png"
        Image.fromarray(_face(rng, one.gene == "GFACE")).save(path)
        individuals.append(replace(one, photo=str(path)))
    return Cohort(tuple(individuals), "photographed")


def _face(rng: np.random.Generator, shared: bool) -> NDArray[np.uint8]:
    cells = rng.normal(128, 25, (7, 7, 3))
    pixels = np.kron(cells, np.ones((16, 16, 1))) + rng.normal(0, 10, (SIDE, SIDE, 3))
    if shared:
        pixels[SHARED] += (90, 0, -90)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
