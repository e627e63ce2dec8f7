"""A convolution is what `lax.conv` says it is, in every form and with both gradients."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import Array, lax

from phenojax.face.encoders.convolution import Conv, Form, by_product, convolve, form_on_cpu, in_cells, plain


class Case(NamedTuple):
    """Shapes of images and kernel, stride and padding."""

    x: tuple[int, int, int, int]
    kernel: tuple[int, int, int, int]
    stride: int
    padding: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    padding = draw(st.integers(0, 3))
    sides = [draw(st.integers(max(1, window - 2 * padding), 9)) for window in (height, width)]
    batch, n_in, n_out = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.sampled_from((1, 3, 40)))
    return Case((batch, *sides, n_in), (height, width, n_in, n_out), draw(st.integers(1, 3)), padding)


def arrays(case: Case, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    x, kernel = (rng.normal(size=shape).astype(np.float32) for shape in (case.x, case.kernel))
    return jnp.asarray(x), jnp.asarray(kernel)


def by_lax(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    pads = ((padding, padding), (padding, padding))
    return lax.conv_general_dilated(x, kernel, (stride, stride), pads, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def computed(case: Case) -> list[tuple[Array, Array, Array]]:
    """By `lax` and in every form: the result and what it gives back to images and kernel; one compiled program."""

    @jax.jit
    def program(x: Array, kernel: Array, factors: Array) -> list[tuple[Array, Array, Array]]:
        answers = []
        for function in (by_lax, plain, in_cells, by_product, convolve):
            found, give = jax.vjp(lambda x, kernel, f=function: f(x, kernel, case.stride, case.padding), x, kernel)
            answers.append((found, *give(factors)))
        return answers

    shape = jax.eval_shape(lambda x, kernel: by_lax(x, kernel, case.stride, case.padding), *arrays(case)).shape
    return program(*arrays(case), jnp.asarray(np.random.default_rng(1).normal(size=shape).astype(np.float32)))


@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_every_form_and_its_gradients_are_the_convolution_for_every_shape(case: Case) -> None:
    wanted, *forms = computed(case)
    for form in forms:
        for ours, theirs in zip(form, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=5e-5)


DLIB_STEM = Case((1, 150, 150, 3), (7, 7, 3, 32), 2, 0)
ARCFACE_STEM = Case((1, 112, 112, 3), (3, 3, 3, 64), 1, 1)
WIDE = Case((1, 17, 17, 64), (3, 3, 64, 64), 1, 1)
LAST = Case((2, 7, 7, 512), (3, 3, 512, 512), 1, 1)
SHORTCUT = Case((1, 14, 14, 256), (1, 1, 256, 512), 2, 0)


@pytest.mark.parametrize(
    ("case", "form"),
    [
        (DLIB_STEM, Form.CELLS),
        (ARCFACE_STEM, Form.PLAIN),
        (WIDE, Form.PLAIN),
        (LAST, Form.PRODUCT),
        (SHORTCUT, Form.PLAIN),
    ],
)
def test_the_form_follows_from_the_shapes_and_not_from_the_batch(case: Case, form: Form) -> None:
    for batch in (1, 8, 256):
        assert form_on_cpu((batch, *case.x[1:]), case.kernel, case.stride, case.padding) is form


@pytest.mark.parametrize("case", [DLIB_STEM, LAST])
def test_a_layer_of_a_network_is_the_same_in_its_own_form(case: Case) -> None:
    x, kernel = arrays(case)
    kernel = kernel / np.sqrt(np.prod(case.kernel[:3]))
    found = jax.jit(lambda x, kernel: convolve(x, kernel, case.stride, case.padding))(x, kernel)
    np.testing.assert_allclose(found, by_lax(x, kernel, case.stride, case.padding), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", [DLIB_STEM._replace(x=(1, 31, 31, 3)), WIDE, LAST])
def test_half_of_the_precision_stays_near(case: Case) -> None:
    x, kernel = arrays(case)
    function = jax.jit(lambda x, kernel: convolve(x, kernel, case.stride, case.padding))
    exact = np.asarray(function(x, kernel))
    rough = function(x.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16))
    assert rough.dtype == jnp.bfloat16
    assert np.abs(np.asarray(rough, np.float32) - exact).max() < 0.02 * np.abs(exact).max()


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="about the compiler for CPUs")
@pytest.mark.parametrize("case", [WIDE, DLIB_STEM])
def test_gradients_inside_a_loop_read_nothing_transposed(case: Case) -> None:
    """XLA leaves a convolution in a loop as it is written, and computes one that reads the kernel transposed slowly."""
    x, kernel = arrays(case)

    def given_back(kernel: Array, x: Array) -> Array:
        return jax.grad(lambda x: (convolve(x, kernel, case.stride, case.padding) ** 2).sum())(x)

    def looped(kernel: Array, images: Array) -> Array:
        return lax.map(lambda x: given_back(kernel, x), images)

    program = jax.jit(looped).lower(kernel, jnp.stack([x, x])).compile().as_text()
    assert program is not None
    convolutions = [line for line in program.splitlines() if " convolution(" in line]
    assert convolutions
    assert all("dim_labels=b01f_01io->b01f" in line for line in convolutions)


def test_the_layer_is_a_drop_in_for_that_of_flax() -> None:
    theirs, ours = linen.Conv(6, (3, 3), 2, 1), Conv(6, 3, 2, 1)
    x = arrays(Case((2, 9, 8, 5), (1, 1, 5, 1), 1, 0))[0]
    params = theirs.init(jax.random.key(0), x)
    assert jax.tree.map(np.shape, ours.init(jax.random.key(0), x)) == jax.tree.map(np.shape, params)
    params = jax.tree.map(lambda leaf: leaf + 0.25, params)
    np.testing.assert_allclose(ours.apply(params, x), theirs.apply(params, x), rtol=1e-5, atol=1e-5)
    assert Conv(6, 3, dtype=jnp.bfloat16).apply(params, x).dtype == jnp.bfloat16
