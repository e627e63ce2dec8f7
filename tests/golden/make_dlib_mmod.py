"""Make dlib_mmod.json: boxes, scores and points that dlib finds. Needs dlib-bin 20.0.1 and the extra faces.

    python tests/golden/make_dlib_mmod.py FOLDER_OF_FACES

The folder is faces/synthetic20 of the test data; only numbers of it are kept.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dlib
import numpy as np
from PIL import Image
from skimage.data import astronaut


def models() -> Path:
    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "models"


def faces_of(picture: Any, upsample: int) -> list[dict[str, Any]]:
    detector = dlib.cnn_face_detection_model_v1(str(models() / "mmod_human_face_detector.dat"))
    predictor = dlib.shape_predictor(str(models() / "shape_predictor_5_face_landmarks.dat"))
    faces = []
    for found in detector(picture, upsample):
        rect = found.rect
        points = [[point.x, point.y] for point in predictor(picture, rect).parts()]
        box = [rect.left(), rect.top(), rect.right(), rect.bottom()]
        faces.append({"box": box, "score": round(found.confidence, 6), "points": points})
    return faces


def main() -> None:
    pictures = {"astronaut": (astronaut(), 0), "astronaut, upsampled": (astronaut()[:200, 100:330].copy(), 1)}
    for path in sorted(Path(sys.argv[1]).glob("*.jpg")):
        pictures[path.stem] = (np.array(Image.open(path).convert("RGB")), 0)
    found = {name: faces_of(picture, upsample) for name, (picture, upsample) in pictures.items()}
    text = json.dumps({"dlib": dlib.__version__, "faces": found}, indent=1)
    Path(__file__).with_name("dlib_mmod.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
