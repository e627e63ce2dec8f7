"""Where a simulated face lies on the chip that was cut out of its photograph."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from phenojax.face.alignment.placement import place
from phenojax.face.alignment.templates import find_template
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.simulation.frame import FaceFrame


def frame_on_chip(frame: FaceFrame, template: str, scheme: LandmarkScheme, landmarks: ArrayLike) -> FaceFrame:
    """The frame of a face in pixels of its chip, so that `warped_region` can be laid over an explanation.

    Args:
        frame: in pixels of the photograph, from ``truth.parquet``.
        template: of the chip.
        scheme: of the landmarks.
        landmarks: (5, 2), x and y, pixels of the photograph: those that the chip was cut by.

    Raises:
        ConfigError: there is no such template.
    """
    wanted = find_template(template)
    found = place(wanted, scheme, jnp.asarray(landmarks, jnp.float32))
    a, b = float(found.a), float(found.b)
    centre = np.asarray(found.anchor, np.float64) + np.asarray(found.centre, np.float64)
    to_chip = np.linalg.inv(np.array([[a, -b], [b, a]]))
    middle = (wanted.side - 1) / 2
    return frame.moved(to_chip, middle - to_chip @ centre)
