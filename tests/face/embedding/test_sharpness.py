"""Blur lowers the sharpness of a face; what lies beyond the photograph does not raise it."""

from __future__ import annotations

import numpy as np
from reference.laplacian import laplacian_variance

from phenojax.face.embedding.sharpness import sharpness


def box_blurred(chip: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        shifted = [np.roll(chip, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        chip = np.mean(shifted, axis=0)
    return chip.round().astype(np.uint8)


def test_it_is_the_variance_of_the_laplacian_in_the_middle() -> None:
    chip = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    np.testing.assert_allclose(sharpness(chip), laplacian_variance(chip[10:30, 10:30]), rtol=1e-12)


def test_each_blur_lowers_it_and_a_flat_picture_has_none() -> None:
    chip = np.random.default_rng(1).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    values = [sharpness(box_blurred(chip, times)) for times in range(4)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4
    assert sharpness(np.full((60, 60, 3), 90, np.uint8)) == 0


def test_the_black_beyond_the_edge_of_a_photograph_does_not_count() -> None:
    chip = box_blurred(np.random.default_rng(2).integers(0, 256, (60, 60, 3), dtype=np.uint8), 2)
    cut = chip.copy()
    cut[:, :14] = 0
    assert sharpness(cut) == sharpness(chip)
