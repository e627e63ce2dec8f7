"""A process that embeds photographs by two ways and keeps the vectors: embed_on_devices.py FOLDER OUT."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jax
import numpy as np

import phenojax as pj
from phenojax.face.embedding.given_landmarks import Landmarks
from phenojax.face.landmarks import LandmarkScheme

if __name__ == "__main__":
    folder, out = sys.argv[1:]
    found = pj.embed_faces(folder, batch_size=3)
    points = dict(zip(found.ids, found.faces.landmarks, strict=True))
    given = pj.embed_faces(folder, batch_size=3, landmarks=Landmarks(points, LandmarkScheme.DLIB5))
    np.savez(
        out,
        n_devices=len(jax.devices()),
        vectors=found.vectors,
        given=given.vectors,
        boxes=found.faces.boxes,
        points=found.faces.landmarks,
    )
    Path(out).with_suffix(".json").write_text(json.dumps(found.ids))
