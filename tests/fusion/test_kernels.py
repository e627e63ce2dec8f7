"""Mixed kernels are kernels, and who lacks a modality is compared by the other one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phenojax.fusion.kernels import centre_kernels, kernel_spread, mix_kernels, sharpen_kernel


def partly(seed: int) -> Shared:
    """Two modalities; some individuals have only one of them, none neither."""
    sample = make_shared(seed, m=2)
    lacks = np.random.default_rng(seed).integers(0, 4, len(sample.folds))
    return sample.without(0, lacks == 0).without(1, lacks == 1)


def mixed(sample: Shared, share: float) -> NDArray[np.float64]:
    centred = centre_kernels(sample.kernels.astype(np.float64), sample.present, sample.groups)
    return mix_kernels(centred, sample.present, np.array([share, 1 - share]))


def lowest_eigenvalue(kernel: NDArray[np.float64]) -> float:
    return float(np.linalg.eigvalsh(kernel)[0])


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
def test_a_mixed_kernel_is_positive_semidefinite(seed: int, share: float) -> None:
    assert lowest_eigenvalue(mixed(partly(seed), share)) > -1e-6


@pytest.mark.parametrize("beta", [0.5, 4.0, 20.0])
def test_a_sharpened_kernel_is_positive_semidefinite_and_1_on_its_diagonal(beta: float) -> None:
    sharp = sharpen_kernel(make_shared(1).kernels[0].astype(np.float64), beta)
    assert lowest_eigenvalue(sharp) > -1e-6
    np.testing.assert_allclose(np.diag(sharp), 1, atol=1e-5)


@pytest.mark.parametrize("modality", [0, 1])
def test_two_who_have_only_one_modality_are_compared_by_it_alone(modality: int) -> None:
    sample = partly(2)
    only = sample.present[modality] & ~sample.present[1 - modality]
    assert only.sum() > 1
    centred = centre_kernels(sample.kernels.astype(np.float64), sample.present, sample.groups)
    found = mixed(sample, 0.3)[np.ix_(only, only)]
    np.testing.assert_allclose(found, centred[modality][np.ix_(only, only)], atol=1e-12)


def test_two_who_share_no_modality_know_nothing_of_each_other() -> None:
    sample = partly(2)
    first, second = sample.present[0] & ~sample.present[1], sample.present[1] & ~sample.present[0]
    np.testing.assert_array_equal(mixed(sample, 0.3)[np.ix_(first, second)], 0)


def test_the_average_individual_is_the_origin_and_groups_weigh_alike() -> None:
    sample = partly(3)
    centred = centre_kernels(sample.kernels.astype(np.float64), sample.present, sample.groups)
    for kernel, has in zip(centred, sample.present, strict=True):
        names = np.unique(sample.groups[has])
        to_groups = [kernel[:, has & (sample.groups == name)].mean(axis=1) for name in names]
        np.testing.assert_allclose(np.mean(to_groups, axis=0), 0, atol=1e-12)


def test_the_entries_of_those_who_lack_a_modality_are_not_looked_at() -> None:
    sample = partly(4)
    changed = sample._replace(kernels=np.where(sample.kernels == 77, 1234, sample.kernels).astype(np.float32))
    np.testing.assert_array_equal(mixed(changed, 0.5), mixed(sample, 0.5))


def test_who_has_nothing_is_nowhere_and_makes_no_number_undefined() -> None:
    sample = make_shared(5, m=2)
    nobody = np.arange(24) == 6
    found = mixed(sample.without(0, nobody).without(1, nobody), 0.5)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[6], 0)


def test_the_spread_of_a_kernel_is_its_unit() -> None:
    sample = make_shared(6, n_groups=24)
    centred = centre_kernels(sample.kernels.astype(np.float64), sample.present, sample.groups)
    others = ~np.eye(24, dtype=bool)
    expected = np.sqrt((centred[0][others] ** 2).mean())
    np.testing.assert_allclose(kernel_spread(centred, sample.present, sample.groups), [expected])
    np.testing.assert_array_equal(kernel_spread(0 * centred, sample.present, sample.groups), [1.0])


def test_jax_and_numpy_agree_and_the_gradient_is_the_finite_difference() -> None:
    sample = partly(7)
    kernels, present, groups = map(jnp.asarray, (sample.kernels, sample.present, sample.groups))
    weighing = np.random.default_rng(0).normal(size=(24, 24))

    def value(kernels, present, groups, gate):  # type: ignore[no-untyped-def]
        sharp = sharpen_kernel(kernels / 80, gate[0])
        xp = gate.__array_namespace__()
        weights = xp.stack([gate[1], 1 - gate[1]])
        return (mix_kernels(centre_kernels(sharp, present, groups), present, weights) * weighing).sum()

    gate = np.array([2.0, 0.4])
    of_jax = jax.jit(value)(kernels, present, groups, jnp.asarray(gate, jnp.float32))
    double = (sample.kernels.astype(np.float64), sample.present, sample.groups)
    np.testing.assert_allclose(of_jax, value(*double, gate), rtol=1e-4)
    slope = jax.jit(jax.grad(value, argnums=3))(kernels, present, groups, jnp.asarray(gate, jnp.float32))
    moved = [(value(*double, gate + h) - value(*double, gate - h)) / 2e-5 for h in 1e-5 * np.eye(2)]
    np.testing.assert_allclose(slope, moved, rtol=1e-3)
