"""What part of the face carries a gene's score, drawn on an average face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from phenojax.report.png import png_address

_SIZE = 100  # of the drawing, in its own units
_MAP_PIXELS = 56
_FACE_PIXELS = 128
_LEVELS = 7
# Okabe and Ito's vermillion and blue
_RAISES, _LOWERS = (213, 94, 0), (0, 114, 178)
_MOST_OPAQUE = 230


class FaceMap(NamedTuple):
    """One gene's mean map.

    Attributes:
        attribution: float ``(h, w)``: what each pixel adds to the score, on average; in any unit.
        average_face: uint8 ``(h, w)`` or ``(h, w, 3)``: what it is drawn on.
        n_individuals: how many faces went into the map.
        n_average: how many faces went into the average face.
        method: such as "integrated gradients".
    """

    attribution: NDArray[np.floating]
    average_face: NDArray[np.uint8]
    n_individuals: int
    n_average: int
    method: str


class FaceDrawings:
    """Drawings of many maps; an average face that several share stands in the page once.

    Attributes:
        defs: markup that the page has to hold once, before any drawing.
    """

    def __init__(self, maps: Mapping[str, FaceMap]) -> None:
        self._maps = maps
        self._number: dict[bytes, int] = {}
        pictures = []
        for face_map in maps.values():
            key = face_map.average_face.tobytes()
            if key not in self._number:
                self._number[key] = len(self._number)
                pictures.append(_average(self._number[key], face_map.average_face))
        self.defs = Markup(f'<svg class="vh" aria-hidden="true"><defs>{"".join(pictures)}</defs></svg>' if maps else "")

    def of(self, gene: str) -> tuple[Markup, FaceMap] | None:
        """The drawing of a gene's map, and the map; None where there is none."""
        face_map = self._maps.get(gene)
        if face_map is None:
            return None
        number = self._number[face_map.average_face.tobytes()]
        label = escape(
            f"Average face; orange: the parts that raise the score of {gene}, blue: those that lower it; mean of "
            f"{face_map.n_individuals} individuals"
        )
        return (
            Markup(
                f'<svg class="face" viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="{label}">'
                f'<use href="#face-{number}"/>{_image("", overlay(face_map.attribution))}</svg>'
            ),
            face_map,
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


def _average(number: int, face: NDArray[np.uint8]) -> str:
    grey = face.astype(np.float64).mean(axis=2) if face.ndim == 3 else face.astype(np.float64)
    return _image(f' id="face-{number}"', png_address(np.round(_reduced(grey, _FACE_PIXELS)).astype(np.uint8)))


def _image(attributes: str, address: str) -> str:
    return f'<image{attributes} width="{_SIZE}" height="{_SIZE}" preserveAspectRatio="none" href="{address}"/>'


def _reduced(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Means of blocks, so that neither side is longer than ``most``; what lacks of a last block is left off."""
    down, across = (-(-side // most) for side in values.shape)
    height, width = values.shape[0] // down, values.shape[1] // across
    blocks = values[: height * down, : width * across].reshape(height, down, width, across)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)
