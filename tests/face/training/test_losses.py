"""The losses give what their formulas say, and gradients that can be followed everywhere."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import face_losses as reference

from phenojax.face.training.losses import angular_margin, arcface, batch_hard_triplet, class_weights, unit_length

seeds = st.integers(0, 10_000)


def drawn(seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    embeddings = spread * random.normal(size=(9, 5)) + random.normal(size=5)
    labels = random.integers(0, 4, size=9)
    weights = random.choice([0.0, 0.5, 1.0, 2.0], size=9)
    weights[0] = 1.0
    return embeddings, random.normal(size=(4, 5)), labels, weights


def of32(*arrays: np.ndarray) -> list[jax.Array]:
    return [jnp.asarray(a, jnp.int32 if a.dtype.kind == "i" else jnp.float32) for a in arrays]


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([1.0, 16.0, 64.0]), st.sampled_from([0.0, 0.3, 0.5, 1.2]))
def test_arcface_is_the_formula(seed: int, scale: float, margin: float) -> None:
    embeddings, centres, labels, weights = drawn(seed)
    expected = reference.arcface(embeddings, centres, labels.tolist(), weights.tolist(), scale, margin)
    got = arcface(*of32(embeddings, centres, labels, weights), scale=scale, margin=margin)
    # an angle near 0 or pi amplifies the rounding of its cosine
    assert float(got.loss) == pytest.approx(expected, rel=2e-4, abs=2e-4 * scale)


@settings(max_examples=40, deadline=None)
@given(seeds, st.booleans(), st.sampled_from([0.0, 0.2, 2.0]))
def test_triplets_are_the_formula(seed: int, squared: bool, margin: float) -> None:
    embeddings, _, labels, weights = drawn(seed)
    expected = reference.batch_hard_triplet(embeddings, labels.tolist(), weights.tolist(), margin, squared)
    got = batch_hard_triplet(*of32(embeddings, labels, weights), margin=margin, squared=squared)
    assert float(got.loss) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(1.0, 50.0))
def test_arcface_does_not_depend_on_lengths(seed: int, factor: float) -> None:
    embeddings, centres, labels, weights = drawn(seed)
    one = arcface(*of32(embeddings, centres, labels, weights)).loss
    other = arcface(*of32(embeddings * factor, centres / factor, labels, weights)).loss
    assert float(one) == pytest.approx(float(other), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("margin", [0.0, 0.2, 0.5, 1.0, 1.5])
def test_the_margin_never_rewards_a_larger_angle(margin: float) -> None:
    angles = np.linspace(0, math.pi, 2001)
    values = np.asarray(angular_margin(jnp.cos(jnp.asarray(angles, jnp.float32)), margin))
    assert np.all(np.diff(values) <= 1e-6)
    below = angles + margin <= math.pi
    np.testing.assert_allclose(values[below], np.cos(angles[below] + margin), atol=1e-3)
    assert np.all(values <= np.cos(angles) + 1e-3)


@pytest.mark.parametrize("margin", [0.3, 0.5])
@pytest.mark.parametrize("cosine", [-1.0, -math.cos(0.5), 0.0, 1.0 - 6e-8, 1.0])
def test_the_margin_has_a_finite_gradient_at_every_cosine(cosine: float, margin: float) -> None:
    assert np.isfinite(jax.grad(lambda c: angular_margin(c, margin))(jnp.float32(cosine)))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_arcface_has_a_finite_gradient_for_a_face_on_its_centre_opposite_to_it_and_at_zero(sign: float) -> None:
    centres = jnp.eye(3, dtype=jnp.float32)
    faces = jnp.stack([sign * centres[0], jnp.zeros(3), sign * centres[2]])
    labels, weights = jnp.arange(3), jnp.ones(3)
    value, gradients = jax.value_and_grad(lambda x, w: arcface(x, w, labels, weights).loss, (0, 1))(faces, centres)
    assert np.isfinite(value)
    assert all(np.isfinite(g).all() for g in gradients)
    assert np.abs(gradients[0]).max() < 1e9


@pytest.mark.parametrize("squared", [False, True])
def test_triplets_of_equal_embeddings_cost_the_margin_and_have_a_finite_gradient(squared: bool) -> None:
    faces, labels, weights = jnp.ones((6, 4)), jnp.array([0, 0, 1, 1, 2, 2]), jnp.ones(6)
    loss = lambda x: batch_hard_triplet(x, labels, weights, margin=0.25, squared=squared).loss  # noqa: E731
    value, gradient = jax.value_and_grad(loss)(faces)
    assert float(value) == pytest.approx(0.25)
    assert np.isfinite(gradient).all()


def test_a_gradient_step_brings_a_class_together() -> None:
    embeddings, _, labels, _ = drawn(3)
    x, y = of32(embeddings, labels)
    weights = jnp.ones(9)
    loss = lambda x: batch_hard_triplet(x, y, weights, margin=1.0).loss  # noqa: E731
    assert loss(x - 1e-2 * jax.grad(loss)(x)) < loss(x)


def test_a_row_without_weight_changes_nothing() -> None:
    embeddings, centres, labels, weights = drawn(5)
    weights[4] = 0.0
    moved = embeddings.copy()
    moved[4] = 1e3
    for one, other in zip(
        arcface(*of32(embeddings, centres, labels, weights)),
        arcface(*of32(moved, centres, labels, weights)),
        strict=True,
    ):
        assert float(one) == float(other)
    one, other = (batch_hard_triplet(*of32(x, labels, weights)).loss for x in (embeddings, moved))
    assert float(one) == float(other)


def test_one_class_alone_has_no_triplet_and_costs_nothing() -> None:
    value = batch_hard_triplet(jnp.ones((3, 2)), jnp.zeros(3, jnp.int32), jnp.ones(3))
    assert float(value.loss) == 0.0


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.999, 0.999999, 1.0])
def test_class_weights_are_the_effective_number_and_average_to_one(beta: float) -> None:
    counts = [1, 3, 40, 500]
    expected = reference.class_weights(counts, beta) if beta else [1.0] * 4
    np.testing.assert_allclose(class_weights(jnp.asarray(counts), beta), expected, rtol=1e-4)


def test_unit_length_keeps_directions_and_lets_zero_be() -> None:
    x = jnp.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(unit_length(x), [[0.6, 0.8], [0, 0]], atol=1e-7)
    assert np.isfinite(jax.jacobian(unit_length)(x)).all()
