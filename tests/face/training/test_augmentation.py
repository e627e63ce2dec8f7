"""Variation of chips: within the promised bounds, by the key alone, each chip by itself."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from phenojax.face.training.augmentation import augment
from phenojax.face.training.config import Augmentation

NONE = Augmentation(flip=0.0, brightness=0.0, contrast=0.0, crop=0.0)
KEY = jax.random.key(3)
CHIPS = np.random.default_rng(0).integers(0, 256, (8, 12, 12, 3), dtype=np.uint8)


def test_without_variation_a_chip_is_itself() -> None:
    np.testing.assert_array_equal(augment(KEY, jnp.asarray(CHIPS), NONE), CHIPS.astype(np.float32))


def test_the_key_decides_and_values_stay_pixels() -> None:
    one, again, other = (augment(k, jnp.asarray(CHIPS), Augmentation()) for k in (KEY, KEY, jax.random.key(4)))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.dtype == jnp.float32
    assert 0 <= one.min() <= one.max() <= 255


def test_a_certain_flip_mirrors_and_a_likely_one_mirrors_some() -> None:
    certain = augment(KEY, jnp.asarray(CHIPS), Augmentation(1.0, 0.0, 0.0, 0.0))
    np.testing.assert_array_equal(certain, CHIPS[:, :, ::-1])
    chips = jnp.asarray(np.repeat(CHIPS[:1], 200, axis=0))
    likely = np.asarray(augment(KEY, chips, Augmentation(0.5, 0.0, 0.0, 0.0)))
    mirrored = (likely == CHIPS[:1, :, ::-1]).all(axis=(1, 2, 3))
    assert 70 < mirrored.sum() < 130
    assert ((likely == CHIPS[:1]).all(axis=(1, 2, 3)) ^ mirrored).all()


def test_brightness_moves_all_pixels_of_a_chip_alike_within_the_bound() -> None:
    chips = np.full((50, 4, 4, 3), 128, np.uint8)
    moved = np.asarray(augment(KEY, jnp.asarray(chips), Augmentation(0.0, 0.1, 0.0, 0.0))) - 128
    assert np.ptp(moved, axis=(1, 2, 3)).max() == 0
    assert 20 < np.abs(moved).max() <= 25.5


def test_contrast_keeps_the_mean_colour_and_scales_what_differs_from_it() -> None:
    chips = CHIPS // 2 + 60
    varied = np.asarray(augment(KEY, jnp.asarray(chips), Augmentation(0.0, 0.0, 0.2, 0.0)))
    np.testing.assert_allclose(varied.mean(axis=(1, 2)), chips.mean(axis=(1, 2)), atol=1e-3)
    ratio = varied.std(axis=(1, 2)) / chips.std(axis=(1, 2))
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(3, 1), atol=1e-4)
    assert 0.8 <= ratio.min() < ratio.max() <= 1.2


@pytest.mark.parametrize("most", [0.1, 0.4])
def test_a_crop_of_a_ramp_is_a_ramp_within_the_frame(most: float) -> None:
    side = 20
    ramp = np.arange(side, dtype=np.uint8)[None, :, None, None] * 10
    chips = np.broadcast_to(ramp, (30, side, side, 3))
    varied = np.asarray(augment(KEY, jnp.asarray(chips), Augmentation(0.0, 0.0, 0.0, most)))
    slope = np.diff(varied[:, :, :, 0], axis=1)[:, 2:-2]
    np.testing.assert_allclose(slope, slope[:, :1, :1] * np.ones_like(slope), atol=1e-2)
    assert 10 * (1 - most) - 1e-3 <= slope.min() < slope.max() <= 10 + 1e-3
    assert np.ptp(varied, axis=2).max() < 1e-2  # nothing moved along the other axis but what is equal there
    assert varied.min() >= 0
    assert varied.max() <= 190
