"""Make mtcnn.json: boxes, scores and points that the package mtcnn finds, running on TensorFlow.

    python -m venv ELSEWHERE && ELSEWHERE/bin/pip install tensorflow-cpu==2.21.0 mtcnn==1.0.0 scikit-image pillow
    ELSEWHERE/bin/python tests/golden/make_mtcnn.py FOLDER_OF_FACES

The folder is faces/synthetic20 of the test data; only numbers of it are kept. The package is called with its defaults,
and asked for its numbers before they are rounded.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from mtcnn import MTCNN
from PIL import Image
from skimage.data import astronaut

sys.path.insert(0, str(Path(__file__).parents[1]))
from face.detectors.mtcnn_pictures import of_astronaut


def faces_of(detector: MTCNN, picture: Any) -> list[dict[str, Any]]:
    rows = detector.detect_faces(picture, box_format="xyxy", output_type="numpy")
    return [
        {
            "box": [round(float(value), 3) for value in row[1:5]],
            "score": round(float(row[5]), 6),
            "points": [[round(float(x), 3), round(float(y), 3)] for x, y in zip(row[6:11], row[11:16], strict=True)],
        }
        for row in rows
    ]


def main() -> None:
    pictures = {"astronaut": astronaut(), **of_astronaut(astronaut())}
    for path in sorted(Path(sys.argv[1]).glob("*.jpg")):
        pictures[path.stem] = np.array(Image.open(path).convert("RGB"))
    detector = MTCNN()
    found = {name: faces_of(detector, picture) for name, picture in pictures.items()}
    versions = {package: version(package) for package in ("mtcnn", "tensorflow-cpu", "numpy")}
    text = json.dumps({"versions": versions, "faces": found}, indent=1)
    Path(__file__).with_name("mtcnn.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
