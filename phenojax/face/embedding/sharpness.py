"""How sharp an aligned face is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sharpness(chip: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian (the four neighbours less four times the pixel) in the middle of a chip.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000. The middle is half of the chip
    across and down, from the eyes to the mouth: further out, the black beyond the edge of a photograph would be the
    sharpest of all. It depends on the size of chips, so that only chips of one template can be compared.

    Args:
        chip: (s, s, 3).

    Returns:
        In grey values from 0 to 255, squared: zero for a flat picture; of a portrait in focus, a hundred and more.
    """
    edge = len(chip) // 4
    grey = chip[edge:-edge, edge:-edge].sum(axis=2, dtype=np.int32)
    neighbours = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((neighbours - 4 * grey[1:-1, 1:-1]).var()) / 9
