"""What part of the face carries a gene's score, drawn on an average face."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from phenojax.explain.face.face_map import FaceMap
from phenojax.report.png import png_address

_SIZE = 100  # of the drawing, in its own units
_MAP_PIXELS = 56
_FACE_PIXELS = 64
_GREY_STEP = 6
_LEVELS = 7
# Okabe and Ito's blue and vermilion, as in the figures of `phenojax.plot`: blue speaks for the gene.
_RAISES, _LOWERS = (0, 114, 178), (213, 94, 0)
_MOST_OPAQUE = 230


def draw_face(gene: str, face_map: FaceMap) -> Markup:
    """Draw a gene's map over the average face, both embedded."""
    label = escape(
        f"Average face of {face_map.n} individuals; blue: the parts that raise the score of {gene} on average, "
        "vermilion: those that lower it"
    )
    return Markup(
        f'<svg class="face" viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="{label}">'
        f"{_image(_average(face_map.average_face))}{_image(overlay(face_map.mean))}</svg>"
    )


def overlay(attribution: NDArray[np.floating]) -> str:
    """Colour a map by sign, its opacity by size, as the address of a PNG; the largest value is the most opaque."""
    small = _reduced(np.nan_to_num(np.asarray(attribution, dtype=np.float64)), _MAP_PIXELS)
    top = float(np.abs(small).max()) or 1.0
    level = np.round(small / top * _LEVELS).astype(np.int64) + _LEVELS
    palette = np.array(
        [
            (*(_RAISES if k > 0 else _LOWERS), round(_MOST_OPAQUE * abs(k) / _LEVELS))
            for k in range(-_LEVELS, _LEVELS + 1)
        ],
        dtype=np.uint8,
    )
    return png_address(level.astype(np.uint8), palette)


def _average(face: NDArray[np.uint8]) -> str:
    """In shades of grey, on which the colours of the map stand out; few of them, for an average has no fine detail."""
    grey = _reduced(face.astype(np.float64).mean(axis=2), _FACE_PIXELS)
    return png_address((_GREY_STEP * np.round(grey / _GREY_STEP)).clip(0, 255).astype(np.uint8))


def _image(address: str) -> str:
    return f'<image width="{_SIZE}" height="{_SIZE}" preserveAspectRatio="none" href="{address}"/>'


def _reduced(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Means of blocks, so that neither side is longer than ``most``; what lacks of a last block is left off."""
    down, across = (-(-side // most) for side in values.shape)
    height, width = values.shape[0] // down, values.shape[1] // across
    blocks = values[: height * down, : width * across].reshape(height, down, width, across)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)
