"""The ridge operators say what refitting would say, and look at nothing that they should not."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.ridge import ridge_score

from phenojax.fusion.ridge import Operators, RidgeConfig, ridge_scores
from phenojax.fusion.ridge_operators import Shape, ridge_operators, solved_operators

CONFIG = RidgeConfig(n_penalties=4)
# all samples of one number of kernels share one program
PADDED = Shape(n=32, columns=32, folds=5)
score = jax.jit(ridge_scores, static_argnames="sharpness")
solved = jax.jit(solved_operators, static_argnames=("config", "n_folds"))


def scores(sample: Shared, config: RidgeConfig = CONFIG, shape: Shape | None = PADDED):  # type: ignore[no-untyped-def]
    """Out-of-fold scores, ``(p, n)``."""
    n = len(sample.folds)
    operators = ridge_operators(sample.kernels, sample.folds, sample.groups, config, shape)
    labels = np.pad(sample.labels, [(0, 0), (0, operators.rows.shape[2] - n)], constant_values=True)
    found = score(Operators(*map(jnp.asarray, operators)), jnp.asarray(labels), sharpness=config.sharpness)
    np.testing.assert_array_equal(found[:, n:], 0)
    return np.asarray(found)[:, :n]


def refitted(sample: Shared, config: RidgeConfig = CONFIG) -> NDArray[np.float64]:
    kernels = sample.kernels.astype(np.float64)
    shared = (sample.folds, sample.groups, config.penalties, config.sharpness)
    return np.array([ridge_score(kernels, y, *shared) for y in sample.labels])


@settings(deadline=None, max_examples=12)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(8, 26),
    share=st.floats(0.3, 1.0),
    n_folds=st.integers(2, 5),
    m=st.integers(1, 2),
)
def test_one_product_a_fold_says_what_refitting_says(seed: int, n: int, share: float, n_folds: int, m: int) -> None:
    n_groups = max(n_folds, round(share * n))
    sample = make_shared(seed, n, n_groups, n_folds, p=3, m=m)
    np.testing.assert_allclose(scores(sample), refitted(sample), atol=1e-5)


@pytest.mark.parametrize("sharpness", [0.0, 0.3, 5.0])
def test_sharpness_and_grid_are_those_of_the_config(sharpness: float) -> None:
    sample, config = make_shared(1, m=2), RidgeConfig(0.3, 30.0, 3, sharpness)
    np.testing.assert_allclose(scores(sample, config), refitted(sample, config), atol=1e-5)


def test_leaving_one_group_out_is_as_many_folds() -> None:
    sample = make_shared(2, n=15, n_groups=9)
    sample = sample._replace(folds=sample.groups.astype(np.int8))
    np.testing.assert_allclose(scores(sample, shape=None), refitted(sample), atol=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 500.0])
def test_the_unit_and_the_origin_of_a_kernel_do_not_matter(scale: float) -> None:
    sample = make_shared(3)
    changed = sample._replace(kernels=(scale * (sample.kernels + 0.5)).astype(np.float32))
    np.testing.assert_allclose(scores(changed), scores(sample), atol=2e-5)


@pytest.mark.parametrize("fold", range(3))
def test_the_labels_of_a_fold_do_not_touch_its_own_scores(fold: int) -> None:
    sample = make_shared(4)
    here = sample.folds == fold
    before, after = scores(sample), scores(sample.flipped(here))
    np.testing.assert_allclose(after[:, here], before[:, here], atol=1e-7)
    assert np.abs(after[:, ~here] - before[:, ~here]).max() > 1e-3, "the labels do matter to the other folds"


def test_more_of_a_group_that_is_all_alike_changes_nothing() -> None:
    sample = make_shared(5, n=14, n_groups=14)
    copies = np.concatenate([np.arange(14), [3, 3, 3, 7]])
    swollen = sample.reordered(copies)
    np.testing.assert_allclose(scores(swollen)[:, :14], scores(sample), atol=1e-5)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_individuals_does_not_matter(seed: int) -> None:
    sample = make_shared(seed, m=2)
    order = np.random.default_rng(seed).permutation(len(sample.folds))
    np.testing.assert_allclose(scores(sample.reordered(order)), scores(sample)[:, order], atol=1e-6)


def test_padding_and_folds_nobody_is_in_change_nothing() -> None:
    sample = make_shared(6)
    np.testing.assert_allclose(scores(sample, shape=Shape(40, 35, 8)), scores(sample, shape=None), atol=1e-6)
    renumbered = sample._replace(folds=2 * sample.folds)
    np.testing.assert_allclose(scores(renumbered), scores(sample), atol=1e-7)


def test_without_both_classes_in_training_the_score_is_neutral() -> None:
    sample = make_shared(7, p=2)
    here = sample.folds == 1
    sample.labels[0], sample.labels[1] = True, here
    found = scores(sample)
    np.testing.assert_array_equal(found[0], 0)
    np.testing.assert_array_equal(found[1, here], 0)
    assert np.abs(found[1, ~here]).min() > 0


def test_individuals_who_are_all_the_same_get_the_same_score() -> None:
    sample = make_shared(8)
    same = sample._replace(kernels=np.ones_like(sample.kernels))
    np.testing.assert_allclose(scores(same), 0, atol=1e-6)


def test_one_training_group_leaves_nothing_to_choose_penalties_by_and_still_predicts() -> None:
    sample = make_shared(9, n=12, n_groups=2, n_folds=2)
    assert np.isfinite(scores(sample)).all()
    np.testing.assert_allclose(scores(sample), refitted(sample), atol=1e-5)


def from_kernels(kernels, sample: Shared):  # type: ignore[no-untyped-def]
    valid = jnp.ones(len(sample.folds), dtype=bool)
    operators = solved(kernels, jnp.asarray(sample.folds), jnp.asarray(sample.groups), valid, config=CONFIG, n_folds=3)
    return ridge_scores(operators, jnp.asarray(sample.labels))


@pytest.mark.parametrize("n_groups", [9, 24])
def test_the_solve_that_is_differentiated_gives_the_same_numbers(n_groups: int) -> None:
    sample = make_shared(10, n_groups=n_groups, m=2)
    np.testing.assert_allclose(from_kernels(jnp.asarray(sample.kernels), sample), scores(sample), atol=1e-5)


def test_the_solve_that_is_differentiated_does_not_see_padding() -> None:
    sample, n = make_shared(10, m=2), 24
    rng = np.random.default_rng(0)
    kernels = rng.normal(size=(2, n + 6, n + 6)).astype(np.float32)
    kernels[:, :n, :n] = sample.kernels
    arrays = (np.append(sample.folds, rng.integers(0, 3, 6)), np.append(sample.groups, rng.integers(0, 13, 6)))
    operators = solved(jnp.asarray(kernels), *map(jnp.asarray, arrays), jnp.arange(n + 6) < n, CONFIG, 3)
    found = ridge_scores(operators, jnp.asarray(np.pad(sample.labels, [(0, 0), (0, 6)])))
    np.testing.assert_allclose(found[:, :n], scores(sample), atol=1e-5)
    np.testing.assert_array_equal(found[:, n:], 0)


@jax.jit
@jax.value_and_grad
def weighted_sum(gate, first, second, target, sample):  # type: ignore[no-untyped-def]
    """Scores by a mix of two kernels and by the sharpened mix, weighted and summed."""
    mix = gate[0] * first + (1 - gate[0]) * second
    return jnp.sum(target * from_kernels(jnp.stack([mix, jnp.exp(gate[1] * (mix - 1))]), sample))


@pytest.mark.parametrize("repeated", [False, True])
def test_the_gradient_by_a_kernel_is_its_finite_difference(repeated: bool) -> None:
    sample = make_shared(11, m=2)
    first, second = jnp.asarray(sample.kernels)
    if repeated:  # eigenvalues repeat, where the gradient of a decomposition is undefined
        first = jnp.eye(24)
    target = jnp.asarray(np.random.default_rng(0).normal(size=sample.labels.shape), jnp.float32)

    def value_and_slope(gate: jax.Array) -> tuple[jax.Array, jax.Array]:
        return weighted_sum(gate, first, second, target, sample)

    at, step = jnp.asarray([0.4, 2.0]), 0.02 * jnp.eye(2)
    slope = np.asarray(value_and_slope(at)[1])
    assert np.isfinite(slope).all()
    moved = [float(value_and_slope(at + h)[0] - value_and_slope(at - h)[0]) / 0.04 for h in step]
    np.testing.assert_allclose(slope, moved, rtol=0.02, atol=1e-3)
    assert np.abs(slope).max() > 0.05
