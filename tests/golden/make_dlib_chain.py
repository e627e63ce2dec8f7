"""What dlib makes of 21 photographs, from the picture to the 128 numbers: writes dlib_chain.json beside this file.

    python tests/golden/make_dlib_chain.py FOLDER

FOLDER holds the 20 generated faces of the test data (faces/synthetic20); astronaut is scikit-image's. Needs dlib-bin
20.0.1 and the extra faces. The largest face of the max-margin detector, the 5-point shape predictor, and the descriptor
without jitter: what the package face_recognition does with ``model="cnn"`` and its small shape predictor.
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
    detector = dlib.cnn_face_detection_model_v1(str(models / "mmod_human_face_detector.dat"))
    predictor = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
    pictures = {"astronaut": data.astronaut()}
    pictures |= {path.stem: np.array(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))}
    descriptors = {}
    for name, picture in pictures.items():
        box = max((found.rect for found in detector(picture, 0)), key=lambda rectangle: rectangle.area())
        descriptor = np.array(network.compute_face_descriptor(picture, predictor(picture, box)), dtype=np.float32)
        descriptors[name] = [float(f"{value:.9g}") for value in descriptor]
    lines = [f"{json.dumps(name)}: {json.dumps(values)}" for name, values in descriptors.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("dlib_chain.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
