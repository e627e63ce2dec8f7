"""A process that embeds aligned faces with a tiny encoder, and can be killed: embed_slowly.py FOLDER OUT SECONDS."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from face.embedding.tiny_encoder import tiny_encoder

import phenojax as pj

if __name__ == "__main__":
    folder, out, seconds = sys.argv[1:]
    pj.embed_faces(
        folder,
        tiny_encoder(),
        aligned=True,
        batch_size=1,
        threads=1,
        out=out,
        progress=lambda done, total: time.sleep(float(seconds)),
    )
