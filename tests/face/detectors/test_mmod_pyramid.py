"""A picture and its smaller copies lie in the plane where dlib lays them."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from reference.mmod_layout import mmod_layout

from phenojax.face.detectors.mmod_boxes import blown_up
from phenojax.face.detectors.mmod_pyramid import copy_sides, fill_plane, fits, lay_out, plane_shape

SIDE = 256
LAY_OUT = jax.jit(partial(lay_out, n_copies=len(copy_sides(SIDE)), padding=10, outer=11))
ODD_SIZES = [(256, 256), (5, 10), (5, 256), (64, 64), (256, 64), (256, 30), (100, 12), (8, 250), (20, 28)]
RANDOM_SIZES = [tuple(size) for size in np.random.default_rng(0).integers((5, 10), 257, (200, 2)).tolist()]


def test_the_copies_lie_where_taking_one_after_the_other_puts_them() -> None:
    for height, width in ODD_SIZES + RANDOM_SIZES:
        places, rows, columns = mmod_layout(height, width, 10, 11)
        layout = LAY_OUT(jnp.array([height, width], jnp.int32))
        used = np.asarray(layout.used)
        found = np.stack([layout.tops, layout.lefts, layout.heights, layout.widths], axis=1)[used]
        assert used[: len(places)].all(), (height, width)
        assert found.tolist() == [list(place) for place in places], (height, width)
        assert (int(layout.height), int(layout.width)) == (rows, columns), (height, width)


def test_only_pictures_less_than_65_pixels_wide_are_too_high_for_the_plane() -> None:
    shape = plane_shape(SIDE, 10, 11)
    for height, width in ODD_SIZES + RANDOM_SIZES:
        if not bool(fits(LAY_OUT(jnp.array([height, width], jnp.int32)), shape)):
            assert width < 65
            assert height > 3 * width


@pytest.mark.parametrize("size", [(0, 0), (4, 200), (200, 9)])
def test_a_picture_of_no_size_has_no_copies(size: tuple[int, int]) -> None:
    layout = LAY_OUT(jnp.array(size, jnp.int32))
    assert not bool(layout.used.any())
    assert not bool(fits(layout, plane_shape(SIDE, 10, 11)))


def test_each_copy_is_the_one_before_it_with_lines_between_its_pixels() -> None:
    height, width, side = 41, 57, 64
    picture = np.random.default_rng(1).normal(size=(side, side, 1)).astype(np.float32)

    @jax.jit
    def fill(given: Array, size: Array) -> Array:
        return fill_plane(given, lay_out(size, len(copy_sides(side)), 10, 11), plane_shape(side, 10, 11))

    plane = np.asarray(fill(jnp.asarray(picture), jnp.array([height, width], jnp.int32)))[..., 0]
    places, _, _ = mmod_layout(height, width, 10, 11)
    copies = [plane[top : top + h, left : left + w] for top, left, h, w in places]
    np.testing.assert_array_equal(copies[0], picture[:height, :width, 0])
    for before, copy in pairwise(copies):
        rows = np.linspace(0, before.shape[0] - 1, copy.shape[0]) if copy.shape[0] > 1 else np.zeros(1)
        columns = np.linspace(0, before.shape[1] - 1, copy.shape[1]) if copy.shape[1] > 1 else np.zeros(1)
        tall = np.stack([np.interp(rows, np.arange(len(line)), line) for line in before.T], axis=1)
        wanted = np.stack([np.interp(columns, np.arange(len(line)), line) for line in tall])
        np.testing.assert_allclose(copy, wanted, atol=1e-5)
    # And nothing else: what lies between two copies is 0.
    assert np.count_nonzero(plane) == sum(np.count_nonzero(copy) for copy in copies)


def test_a_coordinate_is_blown_up_step_by_step_and_rounded_at_the_end() -> None:
    table, lowest = blown_up(64, 80)
    for copy in range(len(table)):
        for half_pixels in (-79, 0, 1, 57):
            x = half_pixels / 2
            for _ in range(copy):
                x = x * 1.2 + 0.3
            assert table[copy, half_pixels - lowest] == int(np.floor(x + 0.5))
