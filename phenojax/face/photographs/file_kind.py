"""What the first bytes of a file say that it is."""

from __future__ import annotations

_COMMON = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".mpo"}
_RARE = {".dib", ".jp2", ".j2k", ".avif", ".heic", ".heif", ".ppm", ".pgm", ".pnm"}
PICTURE_SUFFIXES = frozenset(_COMMON | _RARE)
"""Names that a search of a folder takes for photographs; what is in them is another matter."""

_BEGINNINGS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def picture_format(beginning: bytes) -> str | None:
    """The format that the first 32 bytes announce; None when they announce none that is known here."""
    for bytes_, name in _BEGINNINGS:
        if beginning.startswith(bytes_):
            return name
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "WebP"
    if beginning[4:8] == b"ftyp":
        brand = beginning[8:12]
        return "AVIF" if brand in (b"avif", b"avis") else "HEIC" if brand in _HEIF_BRANDS else None
    return None
