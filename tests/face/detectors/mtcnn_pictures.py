"""Pictures made of one photograph by cutting, tiling, turning and fading it, the same wherever they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def of_astronaut(astronaut: Any) -> dict[str, Picture]:
    """All of them at most 512 pixels wide and high, by name."""
    face = astronaut[:256, 90:346]
    grey = np.repeat(np.array(Image.fromarray(face).convert("L"))[..., None], 3, axis=2)
    half = np.array(Image.fromarray(face).resize((128, 128), Image.Resampling.BILINEAR))
    turned = np.array(Image.fromarray(face).rotate(10, Image.Resampling.BILINEAR))
    noise = np.random.RandomState(0).randint(0, 256, (200, 256, 3)).astype(np.uint8)
    pictures = {
        "face": face,
        "grey": grey,
        "half the size": half,
        "turned by 10 degrees": turned,
        "four faces": np.tile(half, (2, 2, 1)),
        "wide": astronaut[40:190],
        "high": astronaut[:401, 150:301],
        "cut at the border": astronaut[90:300, 205:400],
        "noise": noise,
        "flat": np.full((256, 256, 3), 128, np.uint8),
        "no face": astronaut[300:, :200],
        "tiny": half[20:100, 20:100],
        "of a thumbnail": np.array(Image.fromarray(half).resize((32, 32), Image.Resampling.BILINEAR)),
    }
    return {name: np.ascontiguousarray(picture) for name, picture in pictures.items()}
