"""PNG files of palettes and of shades of grey, as data addresses: the page holds its pictures itself."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE = 0, 3


def png_address(pixels: NDArray[np.uint8], palette: NDArray[np.uint8] | None = None) -> str:
    """Encode ``pixels`` as the ``data:`` address of a PNG file.

    Args:
        pixels: uint8 ``(height, width)``: shades of grey, or with a palette its rows.
        palette: uint8 ``(colours, 4)``: red, green, blue and opacity; at most 256.

    Source: W3C, Portable Network Graphics (second edition), 2003.
    """
    height, width = pixels.shape
    kind = _GREY if palette is None else _PALETTE
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if palette is not None:
        chunks += [(b"PLTE", palette[:, :3].tobytes()), (b"tRNS", palette[:, 3].tobytes())]
    # A line starts with the number of its filter. Shades change little from one pixel to the next, and differences of
    # them (filter 1) are packed better than they are; rows of a palette are left as they are (filter 0).
    filtered = pixels if palette is not None else np.diff(pixels, axis=1, prepend=np.uint8(0))
    first = np.full((height, 1), 0 if palette is not None else 1, np.uint8)
    lines = np.concatenate([first, filtered], axis=1)
    chunks += [(b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(_SIGNATURE + body).decode("ascii")
