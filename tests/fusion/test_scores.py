"""A score looks at the individuals outside the fold only, and sees nothing of padding or of folds nobody is in."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_sample import FOLDS, Labelled, make_sample
from numpy.typing import NDArray
from phenojax.fusion.similarity_model import similarity_scores, standardise
from reference.prototype import prototype_score

from phenojax.fusion import calibrated_probabilities, prototype_scores
from phenojax.stats import auc

Score = Callable[..., NDArray[np.float32]]
prototype_jit = jax.jit(prototype_scores, static_argnums=6)
two_features_jit = jax.jit(similarity_scores, static_argnums=5)


def _alone(matrix: NDArray[np.float32]) -> tuple[jax.Array, jax.Array]:
    """One modality, which everybody has."""
    return jnp.asarray(matrix[None]), jnp.ones((1, len(matrix)), bool)


def prototype(sample: Labelled, n_folds: int = FOLDS) -> NDArray[np.float32]:
    arrays = (sample.labels, sample.folds, sample.groups, sample.valid)
    return np.asarray(prototype_jit(*_alone(sample.kernel), *map(jnp.asarray, arrays), n_folds))


def two_features(sample: Labelled, n_folds: int = FOLDS) -> NDArray[np.float32]:
    arrays = (sample.labels, sample.folds, sample.valid)
    return np.asarray(two_features_jit(*_alone(sample.similarity), *map(jnp.asarray, arrays), n_folds))


def probability(sample: Labelled, n_folds: int = FOLDS) -> NDArray[np.float32]:
    """Of every labelling, one after the other."""
    shared = (*_alone(sample.kernel), [jnp.asarray(sample.similarity)])
    groups, valid = jnp.asarray(sample.groups), jnp.asarray(sample.valid)
    rows = [
        calibrated_probabilities(*shared, jnp.asarray(y), jnp.asarray(fold), groups, valid, n_folds=n_folds)
        for y, fold in zip(sample.labels, sample.folds, strict=True)
    ]
    return np.stack([np.asarray(row) for row in rows])


every_score = pytest.mark.parametrize("score", [prototype, two_features, probability])


@pytest.mark.parametrize("seed", range(4))
def test_the_prototype_score_is_what_it_says(seed: int) -> None:
    sample = make_sample(seed)
    expected = [
        [prototype_score(sample.kernel, y, fold, sample.groups, i) for i in range(len(y))]
        for y, fold in zip(sample.labels, sample.folds, strict=True)
    ]
    np.testing.assert_allclose(prototype(sample), expected, atol=2e-6)


def test_a_large_publication_weighs_no_more_than_a_small_one() -> None:
    # cases 1 and 2 share a group, case 3 stands alone; seen from 0, the control
    kernel = np.eye(6, dtype=np.float32)
    kernel[0, 1:4] = kernel[1:4, 0] = [0.2, 0.4, 0.9]
    labels = np.array([[0, 1, 1, 1, 0, 0]], dtype=bool)
    sample = Labelled(
        kernel, kernel, labels, np.array([[0, 1, 1, 1, 1, 1]], np.int8), np.array([0, 1, 1, 2, 3, 4], np.int32),
        np.ones(6, dtype=bool),
    )  # fmt: skip
    assert prototype(sample, 2)[0, 0] == pytest.approx((0.3 + 0.9) / 2, abs=1e-6)


@every_score
@pytest.mark.parametrize("fold", range(FOLDS))
def test_the_labels_of_a_fold_do_not_touch_its_own_scores(score: Score, fold: int) -> None:
    sample = make_sample(3, p=1)
    here = sample.folds[0] == fold
    before, after = score(sample), score(sample.relabelled(here))
    np.testing.assert_allclose(after[0, here], before[0, here], rtol=1e-5, atol=2e-6)
    assert np.abs(after[0, ~here] - before[0, ~here]).max() > 1e-3, "the labels do matter to the other folds"


@every_score
def test_an_individual_does_not_know_its_own_label(score: Score) -> None:
    sample = make_sample(4, p=1)
    before = score(sample)
    for i in range(len(sample.valid)):
        after = score(sample.relabelled(np.arange(len(sample.valid)) == i))
        np.testing.assert_allclose(after[0, i], before[0, i], rtol=1e-5, atol=2e-6)


@every_score
def test_fold_mates_are_not_looked_at(score: Score) -> None:
    sample = make_sample(5, p=1)
    together = sample.folds[0][:, None] == sample.folds[0][None, :]
    changed = sample._replace(kernel=sample.kernel.copy(), similarity=sample.similarity.copy())
    # one individual's nearness to the others of its fold, itself included
    changed.kernel[0, together[0]] = changed.kernel[together[0], 0] = 0.5
    changed.similarity[0, together[0]] = changed.similarity[together[0], 0] = 0.5
    np.testing.assert_allclose(score(changed)[0, 0], score(sample)[0, 0], rtol=1e-5, atol=2e-6)


@every_score
def test_padding_changes_nothing(score: Score) -> None:
    sample = make_sample(6)
    n = len(sample.valid)
    np.testing.assert_allclose(score(sample.padded(11))[:, :n], score(sample), rtol=1e-4, atol=2e-5)


@every_score
def test_folds_nobody_is_in_change_nothing(score: Score) -> None:
    sample = make_sample(7)
    np.testing.assert_array_equal(score(sample, FOLDS + 5), score(sample))


@every_score
def test_the_order_of_the_individuals_does_not_matter(score: Score) -> None:
    sample = make_sample(8, p=2)
    order = np.random.default_rng(0).permutation(len(sample.valid))
    mixed = Labelled(
        sample.kernel[np.ix_(order, order)], sample.similarity[np.ix_(order, order)], sample.labels[:, order],
        sample.folds[:, order], sample.groups[order], sample.valid,
    )  # fmt: skip
    np.testing.assert_allclose(score(mixed), score(sample)[:, order], rtol=1e-4, atol=2e-5)


@every_score
def test_cases_that_resemble_each_other_score_above_controls_and_others_do_not(score: Score) -> None:
    alike = [auc(sample.labels[0], score(sample)[0]) for sample in (make_sample(s, p=1, signal=1.5) for s in range(5))]
    unlike = [auc(sample.labels[0], score(sample)[0]) for sample in (make_sample(s, p=1, signal=0) for s in range(5))]
    assert min(alike) > 0.85
    assert np.mean(unlike) < 0.65


def test_a_probability_lies_strictly_between_0_and_1() -> None:
    for signal in (0.0, 1.0, 8.0):
        p = probability(make_sample(9, p=2, signal=signal))
        assert (p > 0).all()
        assert (p < 1).all()


def test_the_two_features_leave_self_similarity_out() -> None:
    sample = make_sample(10)
    changed = sample._replace(similarity=sample.similarity.copy())
    np.fill_diagonal(changed.similarity, 40.0)
    np.testing.assert_allclose(two_features(changed), two_features(sample), atol=1e-4)


def test_features_are_standardised_by_the_training_individuals_alone() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(3, 5, size=(20, 2)).astype(np.float32)
    x[:, 1] = 7
    train = np.arange(20) < 12
    z = np.asarray(standardise(jnp.asarray(x), jnp.asarray(train)))
    np.testing.assert_allclose(z[train, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(z[train, 0].std(), 1, rtol=1e-5)
    np.testing.assert_allclose(z[:, 0], (x[:, 0] - x[train, 0].mean()) / x[train, 0].std(), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(z[:, 1], 0)
