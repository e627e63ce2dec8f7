"""Five points and 128 numbers of 21 faces by dlib-bin 20.0.1: writes dlib_descriptors.json beside this file.

    python tests/golden/make_dlib_descriptors.py FOLDER

FOLDER holds the 20 generated faces of the test data (faces/synthetic20); astronaut is scikit-image's. The largest
face of dlib's frontal face detector, its 5-point shape predictor, the chip of 150 pixels with padding 0.25, no jitter.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import dlib
import numpy as np
from PIL import Image
from skimage import data


def main(folder: Path) -> None:
    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.origin is not None
    models = Path(spec.origin).parent / "models"
    predictor = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
    detector = dlib.get_frontal_face_detector()
    pictures = {"astronaut": data.astronaut()}
    pictures |= {path.name: np.array(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))}
    faces = {}
    for name, picture in pictures.items():
        box = max(detector(picture, 1), key=lambda rectangle: rectangle.area())
        shape = predictor(picture, box)
        descriptor = np.array(network.compute_face_descriptor(picture, shape), dtype=np.float32)
        faces[name] = {
            "points": [[point.x, point.y] for point in shape.parts()],
            "descriptor": [float(f"{value:.9g}") for value in descriptor],
        }
    lines = [f"{json.dumps(name)}: {json.dumps(face)}" for name, face in faces.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("dlib_descriptors.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
