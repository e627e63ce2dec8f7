"""The mean of aligned faces: what a mean map is drawn on, and nobody's photograph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError

MIN_INDIVIDUALS = 5
"""An average of fewer faces would show somebody."""


class AverageFace(NamedTuple):
    """A mean of aligned faces.

    Attributes:
        pixels: uint8 (s, s, 3), RGB.
        n: how many individuals went in.
    """

    pixels: NDArray[np.uint8]
    n: int


def average_face(chips: NDArray[np.uint8], *, min_individuals: int = MIN_INDIVIDUALS) -> AverageFace:
    """Average aligned faces, pixel by pixel.

    Args:
        chips: uint8 (n, s, s, 3), RGB, one for each individual. Equal chips are one individual: a photograph that
            stands in a cohort twice hides nobody.
        min_individuals: fewer are refused; at least 5.

    Raises:
        ConfigError: fewer individuals than that, a lower limit than 5, or other arrays.
    """
    if chips.ndim != 4 or chips.shape[1] != chips.shape[2] or chips.shape[3] != 3 or chips.dtype != np.uint8:
        raise ConfigError(f"aligned faces must be uint8 (n, s, s, 3), not {chips.dtype} of shape {chips.shape}")
    if min_individuals < MIN_INDIVIDUALS:
        raise ConfigError(f"min_individuals must be at least {MIN_INDIVIDUALS}, not {min_individuals}")
    distinct = list({chip.tobytes(): row for row, chip in enumerate(chips)}.values())
    if len(distinct) < min_individuals:
        raise ConfigError(
            f"an average face needs {min_individuals} individuals, not {len(distinct)}: "
            "of fewer it would be somebody's photograph"
        )
    mean = chips[distinct].mean(axis=0, dtype=np.float64)
    return AverageFace(np.rint(mean).astype(np.uint8), len(distinct))
