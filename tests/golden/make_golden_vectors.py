"""Write phenojax/face/weights/golden_vectors.json: what dlib itself (dlib-bin 20.0.1) gives for the golden chip.

Run from the repository: python tests/golden/make_golden_vectors.py
"""

from __future__ import annotations

import json
from pathlib import Path

import dlib
import numpy as np

from phenojax.face.weights.catalogue import BUNDLED
from phenojax.face.weights.golden import golden_chip
from phenojax.face.weights.locate import locate

NAME = "dlib-resnet"
OUT = Path(__file__).resolve().parents[2] / "phenojax" / "face" / "weights" / "golden_vectors.json"


def main() -> None:
    (path,) = locate(BUNDLED[NAME], "making golden vectors")
    encoder = dlib.face_recognition_model_v1(str(path))
    vector = np.array(encoder.compute_face_descriptor(golden_chip(150)[0]), dtype=np.float32)
    OUT.write_text(json.dumps({NAME: [float(f"{value:.9g}") for value in vector]}) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
