"""A process that embeds aligned faces and can be killed: embed_slowly.py FOLDER OUT SECONDS BATCH."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from face.embedding.tiny_encoder import tiny_encoder

import phenojax as pj

if __name__ == "__main__":
    folder, out, seconds, batch = sys.argv[1:]
    pj.embed_faces(
        folder,
        tiny_encoder(),
        aligned=True,
        batch_size=int(batch),
        threads=1,
        out=out,
        progress=lambda done, total: time.sleep(float(seconds)),
    )
