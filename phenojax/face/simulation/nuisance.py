"""What differs between photographs and is no feature of a face: light, camera, framing, skin, compression."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Pixels = NDArray[np.float64]


@dataclass(frozen=True)
class Nuisance:
    """One photograph's circumstances; the default is none.

    Attributes:
        turn: of the camera, radians.
        zoom: above 1 the face is larger.
        shift: of the face from the middle, in shares of the picture's side.
        gamma: above 1 the middle tones are darker.
        gain: brightness.
        tint: factor of red and of blue against green.
        slope: how much brighter one side is than the other, as a share, and from where it comes (radians).
        slope_angle: see `slope`.
        texture: from -1 (smoothed, like a child's skin) to 1 (fine relief, like an old one's).
        noise: standard deviation of the sensor's noise, in units of 0 to 255.
        quality: of the JPEG compression, 1 to 95.
    """

    turn: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    gamma: float = 1.0
    gain: float = 1.0
    tint: tuple[float, float] = (1.0, 1.0)
    slope: float = 0.0
    slope_angle: float = 0.0
    texture: float = 0.0
    noise: float = 0.0
    quality: int = 95


def draw_camera(rng: np.random.Generator, strength: float = 1.0) -> Nuisance:
    """What the photographs of one publication have in common: its light, its colours and its compression."""
    tint = np.exp(rng.normal(0, 0.06 * strength, 2))
    return Nuisance(
        gamma=float(np.exp(rng.normal(0, 0.15 * strength))),
        gain=float(np.exp(rng.normal(0, 0.08 * strength))),
        tint=(float(tint[0]), float(tint[1])),
        quality=int(rng.integers(50, 96)),
    )


def draw_photograph(rng: np.random.Generator, camera: Nuisance, strength: float = 1.0) -> Nuisance:
    """One photograph taken with `camera`."""
    return replace(
        camera,
        turn=float(rng.normal(0, 0.08 * strength)),
        zoom=float(np.exp(rng.normal(0, 0.12 * strength))),
        shift=(float(rng.normal(0, 0.03 * strength)), float(rng.normal(0, 0.03 * strength))),
        slope=float(abs(rng.normal(0, 0.25 * strength))),
        slope_angle=float(rng.uniform(0, 2 * np.pi)),
        texture=float(np.clip(rng.normal(0, 0.5 * strength), -1, 1)),
        noise=float(abs(rng.normal(0, 2 * strength))),
    )


def tone(pixels: Pixels, nuisance: Nuisance, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Apply light, skin and noise to a picture (h, w, 3) of 0 to 255; the geometry has been applied before."""
    height, width, _ = pixels.shape
    image = _with_texture(pixels, nuisance.texture, rng) / 255
    image = np.clip(image, 0, 1) ** nuisance.gamma * nuisance.gain
    image *= np.array([nuisance.tint[0], 1.0, nuisance.tint[1]])
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    light = np.cos(nuisance.slope_angle) * columns + np.sin(nuisance.slope_angle) * rows
    image *= (1 + nuisance.slope * light / 2)[..., None]
    noisy = image * 255 + rng.normal(0, nuisance.noise, image.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def as_jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """Compress a picture (h, w, 3)."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _with_texture(pixels: Pixels, texture: float, rng: np.random.Generator) -> Pixels:
    """Smooth the fine relief, or strengthen it and add some: a bandpass of noise, the same in all colours."""
    smooth = ndimage.gaussian_filter(pixels, (1.5, 1.5, 0))
    if texture < 0:
        smoothed: Pixels = pixels + -texture * 0.8 * (smooth - pixels)
        return smoothed
    field = rng.normal(size=pixels.shape[:2])
    relief = ndimage.gaussian_filter(field, (0.8, 2.0)) - ndimage.gaussian_filter(field, (2.5, 5.0))
    relief *= 6 / max(float(relief.std()), 1e-9)
    rough: Pixels = pixels + texture * (0.5 * (pixels - smooth) + relief[..., None])
    return rough
