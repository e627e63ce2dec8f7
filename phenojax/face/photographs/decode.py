"""A file to RGB pixels, or the one reason why not. Safe to call from many threads."""

from __future__ import annotations

import io
import os
import stat
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional
from phenojax.face.photographs.failure import FailureReason, RefusedPhotograph
from phenojax.face.photographs.file_kind import picture_format
from phenojax.face.photographs.pillow_silence import pillow_silence
from phenojax.face.photographs.pixels import to_rgb8

MAX_PIXELS = 150_000_000
"""Larger pictures are refused: so many take up to 1.2 GB while they are decoded. Pillow's own limit is 179 million."""
MAX_BYTES = 1_000_000_000
"""Larger files are refused without being read."""
MIN_SIDE = 16
"""Pictures with a shorter side, in pixels, are refused: no detector finds a face in them."""
FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "DIB", "JPEG2000", "AVIF", "PPM")
"""What is decoded, by Pillow's names; JPEG covers MPO. Others are no photographs; some start programs."""
_ALONE_ABOVE = 25_000_000
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Photograph:
    """A decoded picture, upright.

    Attributes:
        pixels: uint8 (h, w, 3), RGB, contiguous.
        height: of the picture in the file, upright, in pixels; `pixels` may be a reduction of it.
        width: likewise.
        note: what a reader of the row should know, such as that only the first frame was looked at; None if nothing.
    """

    pixels: NDArray[np.uint8]
    height: int
    width: int
    note: str | None = None


class Decoder:
    """Decodes photographs to at most `max_side` pixels a side, in as many threads as call it.

    JPEG is reduced while it is decompressed. What is larger than 25 megapixels after that is decoded by one thread at
    a time, so that memory does not grow with the number of threads.

    Args:
        max_side: longer side of the pixels, at most; smaller pictures are not enlarged.

    Raises:
        MissingExtraError: Pillow is not installed.
    """

    def __init__(self, max_side: int) -> None:
        self._max_side = max_side
        self._alone = threading.Lock()
        self._image = optional("PIL.Image", "faces", "reading photographs")
        # The plugins register once, here, and not in several threads at the same time.
        self._image.init()
        # A build of Pillow may lack some of them.
        self._formats = tuple(name for name in FORMATS if name in self._image.OPEN)

    def file(self, path: str | os.PathLike[str]) -> Photograph:
        """Decode a file.

        Raises:
            RefusedPhotograph: with its reason.
        """
        return self.data(read_bytes(path))

    def data(self, data: bytes) -> Photograph:
        """Decode the bytes of a file.

        EXIF orientation is applied; all other metadata is dropped, colour profiles with it. Grey becomes three equal
        channels, transparency is laid over white, of 16 bits the upper eight count, CMYK is converted by its
        definition, and of several frames the first counts, which `Photograph.note` says.

        Raises:
            RefusedPhotograph: with its reason. A file that ends too early is refused whole, whatever of it is legible.
        """
        with pillow_silence():
            return self._decode(data)

    def _decode(self, data: bytes) -> Photograph:
        if not data:
            raise RefusedPhotograph(FailureReason.EMPTY)
        kind = picture_format(data[:32])
        with _reasons(kind, self._image), self._image.open(io.BytesIO(data), formats=self._formats) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise _too_large(width, height)
            if min(width, height) < MIN_SIDE:
                raise RefusedPhotograph(
                    FailureReason.TOO_SMALL, f"{width} x {height} pixels, at least {MIN_SIDE} wanted"
                )
            note = _frames(image)
            drafted = image.draft(None, _fitted(width, height, 2 * self._max_side)) is not None
            if image.size[0] * image.size[1] > _ALONE_ABOVE:
                with self._alone:
                    pixels, turned = self._pixels(image)
            else:
                pixels, turned = self._pixels(image)
            if not drafted:  # TIFF is turned while it is loaded
                width, height = image.size
        if turned:
            width, height = height, width
        return Photograph(pixels, height, width, note)

    def _pixels(self, image: Any) -> tuple[NDArray[np.uint8], bool]:
        """Upright RGB, reduced; and whether height and width changed places."""
        image.load()
        turn = _orientation(image)
        size = _fitted(image.size[0], image.size[1], self._max_side)
        picture = to_rgb8(image, None if size == image.size else size, self._image)
        return np.ascontiguousarray(_upright(picture, turn)), turn >= 5


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file; nothing but a regular file is opened, so that a pipe cannot hold up a run.

    Raises:
        RefusedPhotograph: it is a web address, is not there, is no file, is too large, or may not be read.
    """
    if "://" in os.fspath(path):
        raise RefusedPhotograph(FailureReason.WEB_ADDRESS)
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise RefusedPhotograph(FailureReason.NOT_A_FILE)
        if found.st_size > MAX_BYTES:
            raise RefusedPhotograph(FailureReason.TOO_LARGE, f"{found.st_size:,} bytes, the limit is {MAX_BYTES:,}")
        return Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedPhotograph(FailureReason.MISSING) from None
    except (OSError, ValueError) as error:
        if isinstance(error, RefusedPhotograph):
            raise
        raise RefusedPhotograph(FailureReason.UNREADABLE, getattr(error, "strerror", None) or str(error)) from None


def _too_large(width: int, height: int) -> RefusedPhotograph:
    size = f"{width:,} x {height:,} pixels, the limit is {MAX_PIXELS / 1e6:.0f} million"
    return RefusedPhotograph(FailureReason.TOO_LARGE, size)


@contextmanager
def _reasons(kind: str | None, module: Any) -> Iterator[None]:
    """Turn what Pillow raises into a reason; it raises many things, and some of them only on damaged files."""
    try:
        yield
    except RefusedPhotograph:
        raise
    except module.DecompressionBombError:
        raise RefusedPhotograph(FailureReason.TOO_LARGE, "more pixels than Pillow's own limit") from None
    except module.UnidentifiedImageError:
        _refuse_unidentified(kind)
    except MemoryError:
        raise RefusedPhotograph(FailureReason.TOO_LARGE, "not enough memory") from None
    except Exception as error:  # one photograph is never the end of a run
        text = str(error)
        cut = isinstance(error, EOFError) or any(
            word in text.lower() for word in ("truncated", "unexpected end", "eof")
        )
        reason = FailureReason.TRUNCATED if cut else FailureReason.DAMAGED
        raise RefusedPhotograph(reason, text[:200]) from None


def _refuse_unidentified(kind: str | None) -> NoReturn:
    if kind is None:
        raise RefusedPhotograph(FailureReason.NOT_AN_IMAGE) from None
    if kind == "HEIC":
        raise RefusedPhotograph(FailureReason.UNSUPPORTED_FORMAT, kind) from None
    raise RefusedPhotograph(FailureReason.DAMAGED, f"it begins as {kind} but cannot be read on") from None


def _frames(image: Any) -> str | None:
    if not getattr(image, "is_animated", False):
        return None
    return f"the first of {image.n_frames} pictures in the file was used"


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """The size with its longer side reduced to `side`; the same size where it is no longer."""
    longer = max(width, height)
    if longer <= side:
        return width, height
    return max(1, round(width * side / longer)), max(1, round(height * side / longer))


def _orientation(image: Any) -> int:
    """The EXIF orientation, 1 to 8; damaged EXIF counts as upright, as in every viewer."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, struct.error):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Undo what the camera's position did to rows and columns; `orientation` as EXIF numbers it."""
    turned = pixels.transpose(1, 0, 2) if orientation >= 5 else pixels
    # After the transposition, if any: whether columns and rows run backwards.
    columns = orientation in (2, 3, 6, 7)
    rows = orientation in (3, 4, 7, 8)
    return turned[:: -1 if rows else 1, :: -1 if columns else 1]
