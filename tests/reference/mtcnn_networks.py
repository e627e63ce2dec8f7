"""The three networks of MTCNN from the arrays of their files, layer by layer in float64: plain, for comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def p_net(arrays: Sequence[NDArray[np.float32]], picture: Floats) -> tuple[Floats, Floats]:
    """Picture (h, w, 3) to corrections (h', w', 4) and the probability of a face (h', w')."""
    layers = iter(arrays)
    x = pool(rectified(layers, picture), 2, fill_up=True)
    x = rectified(layers, rectified(layers, x))
    return convolved(layers, x), softmax(convolved(layers, x))[..., 1]


def r_net(arrays: Sequence[NDArray[np.float32]], crop: Floats) -> tuple[Floats, Floats]:
    """Crop (24, 24, 3) to corrections (4,) and the probability of a face."""
    layers = iter(arrays)
    x = pool(rectified(layers, crop), 3, fill_up=True)
    x = pool(rectified(layers, x), 3)
    x = rectified(layers, rectified(layers, x).transpose(1, 0, 2).reshape(-1))
    return convolved(layers, x), softmax(convolved(layers, x))[1]


def o_net(arrays: Sequence[NDArray[np.float32]], crop: Floats) -> tuple[Floats, Floats, Floats]:
    """Crop (48, 48, 3) to corrections (4,), points (10,) and the probability of a face."""
    layers = iter(arrays)
    x = pool(rectified(layers, crop), 3, fill_up=True)
    x = pool(rectified(layers, x), 3)
    x = pool(rectified(layers, x), 2, fill_up=True)
    x = rectified(layers, rectified(layers, x).transpose(1, 0, 2).reshape(-1))
    return convolved(layers, x), convolved(layers, x), softmax(convolved(layers, x))[1]


def convolved(layers: Iterator[NDArray[np.float32]], x: Floats) -> Floats:
    kernel, bias = next(layers).astype(np.float64), next(layers)
    if kernel.ndim == 2:
        return x @ kernel + bias
    windows = sliding_window_view(x, kernel.shape[:2], axis=(0, 1))
    return np.einsum("ywcij,ijco->ywo", windows, kernel) + bias


def rectified(layers: Iterator[NDArray[np.float32]], x: Floats) -> Floats:
    x = convolved(layers, x)
    return np.where(x > 0, x, next(layers).reshape(-1) * x)


def pool(x: Floats, window: int, fill_up: bool = False) -> Floats:
    """The largest of windows in steps of 2; with `fill_up` those at the ends of rows and columns may be cut off."""
    if fill_up:
        x = np.pad(x, ((0, window - 1), (0, window - 1), (0, 0)), constant_values=-np.inf)
    largest: Floats = sliding_window_view(x, (window, window), axis=(0, 1))[::2, ::2].max(axis=(3, 4))
    return largest


def softmax(x: Floats) -> Floats:
    odds = np.exp(x - x.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)
