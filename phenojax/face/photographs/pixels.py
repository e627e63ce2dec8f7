"""Every way in which Pillow holds a picture, to RGB of eight bits."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phenojax.face.photographs.failure import FailureReason, RefusedPhotograph

_WHITE = (255, 255, 255, 255)


def to_rgb8(image: Any, size: tuple[int, int] | None, module: ModuleType) -> NDArray[np.uint8]:
    """Loaded picture to pixels.

    Args:
        image: a Pillow image, loaded.
        size: width and height to reduce to, antialiased; None keeps the size.
        module: ``PIL.Image``.

    Returns:
        uint8 (h, w, 3). Transparency lies over white; deep pictures are scaled by the depth of their format, never by
        what is in them.

    Raises:
        RefusedPhotograph: numbers whose scale nobody can know.
    """
    plain = _eight_bits(image, module)
    if plain.mode in ("1", "P", "PA") or (plain.mode in ("L", "RGB") and "transparency" in plain.info):
        # Before reducing: indices have no mean, and a transparent colour would be mixed into its neighbours.
        plain = plain.convert("RGBA" if plain.has_transparency_data else "RGB")
    if size is not None:
        plain = plain.resize(size, module.Resampling.LANCZOS, reducing_gap=3.0)
    if plain.has_transparency_data:
        over = plain.convert("RGBA")
        plain = module.alpha_composite(module.new("RGBA", over.size, _WHITE), over)
    return np.asarray(plain.convert("RGB"), dtype=np.uint8)


def _eight_bits(image: Any, module: ModuleType) -> Any:
    """The picture in a mode of eight bits a channel. Of 16 bits the upper eight count, as Pillow does for colours."""
    if image.mode.startswith("I;16"):
        return module.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode not in ("I", "F"):
        return image
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())  # NaN fails each comparison below
    if image.mode == "I" and low >= 0 and high <= 65535:
        return module.fromarray((values >> 8).astype(np.uint8))
    if image.mode == "F" and low >= 0 and high <= 1:
        return module.fromarray(np.rint(values * 255).astype(np.uint8))
    if image.mode == "F" and low >= 0 and high <= 255:
        return module.fromarray(np.rint(values).astype(np.uint8))
    raise RefusedPhotograph(
        FailureReason.UNSUPPORTED_FORMAT, f"32-bit values from {low:g} to {high:g} have no known scale"
    )
