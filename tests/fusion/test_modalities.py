"""Several modalities in one score: who lacks one is judged by the other, and never by lacking it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_sample import FOLDS, Labelled, make_sample
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from phenojax.fusion.modalities import SPREAD
from phenojax.fusion.similarity_model import similarity_scores
from reference.prototype import modality_score

from phenojax.fusion import calibrated_probabilities, prototype_scores, standardised

N = 30
scores_jit = jax.jit(prototype_scores, static_argnums=6)
two_features_jit = jax.jit(similarity_scores, static_argnums=5)


def _kernels(seed: int) -> tuple[Labelled, NDArray[np.float32], NDArray[np.bool_]]:
    """A sample, a second kernel beside its own, and who has which; everybody has one."""
    sample, other = make_sample(seed, n=N), make_sample(seed + 100, n=N)
    rng = np.random.default_rng(seed)
    present = rng.random((2, N)) < 0.6
    present[0] |= ~present[1]
    return sample, np.stack([sample.kernel, other.kernel]), present


def prototype(kernels: NDArray[np.float32], present: NDArray[np.bool_], sample: Labelled) -> NDArray[np.float32]:
    arrays = (kernels, present, sample.labels, sample.folds, sample.groups, sample.valid)
    return np.asarray(scores_jit(*map(jnp.asarray, arrays), FOLDS))


def two_features(kernels: NDArray[np.float32], present: NDArray[np.bool_], sample: Labelled) -> NDArray[np.float32]:
    arrays = (kernels, present, sample.labels, sample.folds, sample.valid)
    return np.asarray(two_features_jit(*map(jnp.asarray, arrays), FOLDS))


def probability(kernels: NDArray[np.float32], present: NDArray[np.bool_], sample: Labelled) -> NDArray[np.float32]:
    arrays = [jnp.asarray(a) for a in (sample.labels[0], sample.folds[0], sample.groups, sample.valid)]
    return np.asarray(calibrated_probabilities(jnp.asarray(kernels), jnp.asarray(present), [], *arrays, n_folds=FOLDS))[
        None
    ]


every_score = pytest.mark.parametrize("score", [prototype, two_features, probability])


@pytest.mark.parametrize("seed", range(4))
def test_the_score_is_the_mean_over_the_modalities_that_an_individual_has(seed: int) -> None:
    sample, kernels, present = _kernels(seed)
    expected = [
        [modality_score(kernels, present, y, fold, sample.groups, i) for i in range(N)]
        for y, fold in zip(sample.labels, sample.folds, strict=True)
    ]
    np.testing.assert_allclose(prototype(kernels, present, sample), expected, atol=2e-6)


def test_a_modality_that_only_cases_have_says_nothing() -> None:
    sample, kernels, present = _kernels(5)
    present[1] = sample.labels[0]
    present[0] = True
    both, alone = prototype(kernels, present, sample), prototype(kernels[:1], present[:1], sample)
    np.testing.assert_array_equal(both[0], alone[0])


def test_an_individual_of_whom_nothing_counts_scores_0() -> None:
    sample, kernels, present = _kernels(6)
    present[0], present[1] = ~sample.labels[0], sample.labels[0]
    np.testing.assert_array_equal(prototype(kernels, present, sample)[0], 0.0)


@every_score
def test_what_a_missing_modality_would_have_been_does_not_matter(score) -> None:  # type: ignore[no-untyped-def]
    sample, kernels, present = _kernels(7)
    rng = np.random.default_rng(0)
    absent = ~(present[:, :, None] & present[:, None, :])
    changed = np.where(absent, rng.normal(size=kernels.shape) * 9, kernels).astype(np.float32)
    np.testing.assert_allclose(score(changed, present, sample), score(kernels, present, sample), atol=2e-5, rtol=1e-4)


@every_score
def test_a_modality_that_nobody_has_changes_nothing(score) -> None:  # type: ignore[no-untyped-def]
    sample, kernels, present = _kernels(8)
    present[0], present[1] = True, False
    alone = score(kernels[:1], present[:1], sample)
    np.testing.assert_allclose(score(kernels, present, sample), alone, atol=2e-5, rtol=1e-4)


@every_score
def test_an_individual_does_not_know_its_own_label(score) -> None:  # type: ignore[no-untyped-def]
    sample, kernels, present = _kernels(9)
    first = sample._replace(labels=sample.labels[:1], folds=sample.folds[:1])
    before = score(kernels, present, first)
    for i in range(N):
        after = score(kernels, present, first.relabelled(np.arange(N) == i))
        np.testing.assert_allclose(after[0, i], before[0, i], rtol=1e-5, atol=2e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.01, 50), st.floats(-5, 5))
def test_scale_and_typical_individuals_leave_a_standardised_kernel_as_it_is(
    seed: int, scale: float, shift: float
) -> None:
    _, kernels, present = _kernels(seed)
    typical = np.random.default_rng(seed).normal(size=(2, N)) * shift
    moved = scale * (kernels + typical[:, :, None] + typical[:, None, :])
    np.testing.assert_allclose(
        standardised(moved.astype(np.float32), present), standardised(kernels, present), atol=2e-4
    )


def test_a_standardised_kernel_is_centred_over_those_who_have_it_and_has_one_spread() -> None:
    _, kernels, present = _kernels(10)
    for kernel, has in zip(standardised(kernels, present), present, strict=True):
        assert (kernel[~has] == 0).all()
        assert (kernel[:, ~has] == 0).all()
        inside = kernel[np.ix_(has, has)]
        np.testing.assert_allclose(inside.mean(axis=0), 0, atol=1e-6)
        pairs = inside[~np.eye(len(inside), dtype=bool)]
        assert np.sqrt(np.mean(pairs**2)) == pytest.approx(SPREAD, rel=1e-5)


@pytest.mark.parametrize("n_present", [0, 1, 5])
def test_faces_that_are_all_the_same_say_nothing(n_present: int) -> None:
    kernels, present = np.ones((1, 6, 6), np.float32), (np.arange(6) < n_present)[None]
    assert (standardised(kernels, present) == 0).all()
