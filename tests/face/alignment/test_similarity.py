"""The similarity that comes nearest to moving one face's points onto another's."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from reference.arcface_chip import TEMPLATE, umeyama

from phenojax.face.alignment.similarity import Similarity, to_picture
from phenojax.face.alignment.templates import Fit

coordinates = st.floats(0, 500, width=32)
faces = arrays(np.float64, (5, 2), elements=coordinates)


@partial(jax.jit, static_argnums=1)
def similarity_of(face: jax.Array, fit: Fit) -> Similarity:
    return to_picture(jnp.asarray(TEMPLATE, jnp.float32), face, fit)


def matrix(face: NDArray[np.float64], fit: Fit) -> NDArray[np.float64]:
    """(2, 3), chip to picture."""
    found = Similarity(*map(np.asarray, similarity_of(face.astype(np.float32), fit)))
    shift = found(np.zeros(2, np.float32))
    return np.array([(found.a, -found.b, shift[0]), (found.b, found.a, shift[1])])


def inverse(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.inv(np.vstack([affine, (0, 0, 1)]))[:2]


def fits(face: NDArray[np.float64]) -> float:
    """How much of a face's spread a similarity of the template explains, 0 to 1."""
    there, here = (points - points.mean(axis=0) for points in (face, TEMPLATE))
    source, target = here @ (1, 1j), there @ (1, 1j)
    return float(abs(np.vdot(source, target)) / (np.linalg.norm(source) * max(np.linalg.norm(target), 1e-9)))


@settings(deadline=None, max_examples=100)
@given(faces)
def test_it_is_umeyamas_in_either_direction(face: NDArray[np.float64]) -> None:
    assume(fits(face) > 0.2)
    np.testing.assert_allclose(matrix(face, Fit.IN_PICTURE), umeyama(TEMPLATE, face), rtol=1e-3, atol=2e-2)
    np.testing.assert_allclose(matrix(face, Fit.IN_CHIP), inverse(umeyama(face, TEMPLATE)), rtol=1e-3, atol=2e-1)


def test_it_is_that_of_scikit_image() -> None:
    transform = pytest.importorskip("skimage.transform", reason="scikit-image is in the extra test")
    face = np.random.default_rng(0).normal(size=(5, 2)) * 4 + 2.5 * TEMPLATE[:, ::-1] * (1, -1) + (10, 500)
    for fit, (source, target) in {Fit.IN_PICTURE: (TEMPLATE, face), Fit.IN_CHIP: (face, TEMPLATE)}.items():
        theirs = transform.SimilarityTransform.from_estimate(source, target).params[:2]
        ours = matrix(face, fit)
        np.testing.assert_allclose(ours, theirs if fit is Fit.IN_PICTURE else inverse(theirs), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("fit", Fit)
def test_a_similarity_is_found_exactly_and_a_mirror_never(fit: Fit) -> None:
    turn = 1.7 * np.array([(0.6, -0.8), (0.8, 0.6)])
    np.testing.assert_allclose(matrix(TEMPLATE @ turn.T + (30, 40), fit)[:, :2], turn, atol=1e-5)
    mirrored = matrix(TEMPLATE * (-1, 1), fit)
    assert np.linalg.det(mirrored[:, :2]) > 0


@pytest.mark.parametrize("fit", Fit)
def test_points_on_one_spot_put_the_chip_on_that_spot(fit: Fit) -> None:
    np.testing.assert_allclose(matrix(np.full((5, 2), 77.0), fit), [(0, 0, 77), (0, 0, 77)], atol=1e-4)


@pytest.mark.parametrize("fit", Fit)
def test_the_gradient_is_the_slope_and_finite_on_one_spot(fit: Fit) -> None:
    template = jnp.asarray(TEMPLATE, jnp.float32)

    def place(face: jax.Array) -> jax.Array:
        return to_picture(template, face, fit)(jnp.array([100.0, 20.0])).sum()

    face = jnp.asarray(TEMPLATE * 1.5 + np.random.default_rng(1).normal(size=(5, 2)), jnp.float32)
    slope, direction = jax.grad(place)(face), jnp.asarray(np.random.default_rng(2).normal(size=(5, 2)), jnp.float32)
    step = (place(face + 0.5 * direction) - place(face - 0.5 * direction)) / 1.0
    np.testing.assert_allclose((slope * direction).sum(), step, rtol=1e-2)
    assert np.isfinite(jax.grad(place)(jnp.full((5, 2), 3.0))).all()
