"""A fitted sample scores a new individual as cross-validation scores whom it holds out."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.fitted import new_score
from scipy.special import expit

from phenojax.fusion import (
    Classifier,
    EnsembleConfig,
    RidgeConfig,
    calibrated_probabilities,
    fit_sample,
    prepare_sample,
    score_labellings,
    score_unit,
    training_scores,
)
from phenojax.fusion.fitted import FittedSample, WithoutGroups

CONFIG = EnsembleConfig(RidgeConfig(n_penalties=3), mixes=(0.25, 0.75), prototype=0.4, prototype_mix=0.3)
CLASSIFIERS = [Classifier.ENSEMBLE, Classifier.KERNEL, Classifier.PROTOTYPE]
every_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS)
Floats = NDArray[np.float64]


def partly(seed: int, n: int = 24, n_groups: int = 13) -> Shared:
    sample = make_shared(seed, n=n, n_groups=n_groups, m=2)
    lacks = np.random.default_rng(seed).integers(0, 5, n)
    return sample.without(0, lacks == 0).without(1, lacks == 1)


def fit(sample: Shared, classifier: Classifier, *, training: NDArray[np.bool_] | None = None) -> FittedSample:
    arrays = (sample.kernels, sample.present, sample.groups, sample.labels[0])
    return fit_sample(*arrays, classifier=classifier, config=CONFIG, training=training, jackknife=training is None)


def of(fitted: FittedSample, kernels: NDArray[np.floating], has: NDArray[np.bool_]) -> float:
    """The score of who has these kernel rows ``(m, n)``; nonsense in those that it lacks or that others lack."""
    intercept, coefficients, _ = fitted.patterns[tuple(has.tolist())]
    return intercept + float((coefficients * kernels.astype(np.float64)).sum())


def out_of_fold(sample: Shared, classifier: Classifier) -> Floats:
    shared = (sample.kernels, sample.present, sample.folds, sample.groups)
    prepared = prepare_sample(*shared, classifier=classifier, config=CONFIG)
    labels = np.zeros((1, len(prepared.valid)), bool)
    labels[:, : len(sample.folds)] = sample.labels[0]
    _, scores = score_labellings(prepared, jnp.asarray(labels), 1, classifier=classifier, config=CONFIG)
    return np.asarray(scores, np.float64)[: len(sample.folds)]


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), classifier=st.sampled_from(CLASSIFIERS), several=st.booleans())
def test_fitted_on_all_folds_but_one_it_gives_those_held_out_their_out_of_fold_scores(
    seed: int, classifier: Classifier, several: bool
) -> None:
    sample = partly(seed) if several else make_shared(seed)
    expected, found = out_of_fold(sample, classifier), np.zeros(24)
    for k in range(3):
        fitted = fit(sample, classifier, training=sample.folds != k)
        for i in np.flatnonzero(sample.folds == k):
            found[i] = of(fitted, sample.kernels[:, i], sample.present[:, i])
    np.testing.assert_allclose(found, expected, atol=2e-5)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6), classifier=st.sampled_from(CLASSIFIERS), several=st.booleans())
def test_a_new_individual_scores_what_refitting_says_with_and_without_each_group(
    seed: int, classifier: Classifier, several: bool
) -> None:
    whole = partly(seed, 13, 8) if several else make_shared(seed, n=13, n_groups=8)
    sample = whole.reordered(np.arange(12))
    sample = sample._replace(groups=np.unique(sample.groups, return_inverse=True)[1].astype(np.int32))
    labels = sample.labels[0]
    by_group = [set(labels[sample.groups == g].tolist()) for g in np.unique(sample.groups)]
    if min(sum(value in found for found in by_group) for value in (True, False)) < 2:
        return  # a class would be gone with a group
    fitted = fit(sample, classifier)
    for has in fitted.patterns:
        if len(has) == 1 and not whole.present[0, 12]:
            continue
        present = whole.present.copy()
        present[:, 12] &= has
        if not present[:, 12].any():
            continue
        shared = (whole.kernels.astype(np.float64), present, sample.groups, labels, classifier, CONFIG)
        row = whole.kernels[:, 12, :12]
        key = tuple(present[:, 12].tolist())
        np.testing.assert_allclose(of(fitted, row, present[:, 12]), new_score(*shared), atol=1e-8)
        without = fitted.without[key]
        for k, group in enumerate(without.groups[:3]):
            found = without.intercepts[k] + (without.coefficients[k] * row).sum()
            np.testing.assert_allclose(found, new_score(*shared, without=int(group)), atol=1e-8)


@every_classifier
@pytest.mark.parametrize("several", [False, True])
def test_training_scores_and_calibration_are_those_of_cross_validation(classifier: Classifier, several: bool) -> None:
    sample = partly(1) if several else make_shared(1)
    sample = sample._replace(folds=sample.groups.astype(np.int8))
    shared = (sample.folds.astype(np.int64), sample.groups)
    prepared = prepare_sample(sample.kernels, sample.present, *shared, classifier=classifier, config=CONFIG)
    expected = training_scores(prepared, sample.labels[0], *shared, classifier=classifier, config=CONFIG)
    scores, unit = out_of_fold(sample, classifier), score_unit(classifier, 13)
    probabilities = calibrated_probabilities(scores, expected, sample.labels[0], *shared, unit)
    for group in range(13):
        fitted = fit(sample, classifier, training=sample.groups != group)
        np.testing.assert_allclose(fitted.training, expected[group], atol=2e-5)
        mine = sample.groups == group
        np.testing.assert_allclose(expit(fitted.slope * scores[mine] + fitted.offset), probabilities[mine], atol=2e-5)


@every_classifier
def test_the_part_of_a_modality_is_0_for_its_average_individual(classifier: Classifier) -> None:
    sample = partly(2)
    fitted = fit(sample, classifier)
    for has, (_, coefficients, bases) in fitted.patterns.items():
        for m in np.flatnonzero(has):
            present = sample.present[m]
            part = bases[m] + sample.kernels[m][present] @ coefficients[m]
            weight = 1 / np.array([(sample.groups[present] == g).sum() for g in sample.groups[present]])
            assert np.average(part, weights=weight) == pytest.approx(0, abs=1e-6)
            assert np.ptp(part) > 0.1
        lacking = ~np.array(has)
        np.testing.assert_array_equal(coefficients[lacking], 0)
        np.testing.assert_array_equal(bases[lacking], 0)


@every_classifier
def test_the_order_of_individuals_does_not_matter(classifier: Classifier) -> None:
    sample = partly(3)
    order = np.random.default_rng(0).permutation(24)
    before, after = fit(sample, classifier), fit(sample.reordered(order), classifier)
    np.testing.assert_allclose(after.training, before.training[order], atol=1e-7)
    for has, (intercept, coefficients, _) in before.patterns.items():
        assert after.patterns[has].intercept == pytest.approx(intercept, abs=1e-9)
        np.testing.assert_allclose(after.patterns[has].coefficients, coefficients[:, order], atol=1e-9)


@every_classifier
def test_of_one_class_alone_nothing_is_learnt(classifier: Classifier) -> None:
    sample = partly(4)
    sample.labels[0] = True
    fitted = fit(sample, classifier)
    for _, coefficients, bases in fitted.patterns.values():
        np.testing.assert_array_equal(coefficients, 0)
        np.testing.assert_array_equal(bases, 0)
    assert np.isnan(fitted.training).all()
    assert fitted.offset == pytest.approx(0, abs=1e-12)


@every_classifier
def test_without_the_only_group_of_a_class_there_is_no_score(classifier: Classifier) -> None:
    sample = make_shared(5)
    sample.labels[0] = sample.groups == 4
    without: WithoutGroups = fit(sample, classifier).without[(True,)]
    assert sorted(without.groups.tolist()) == list(range(13))
    gone = without.groups == 4
    assert np.isnan(without.coefficients[gone]).all()
    assert np.isnan(without.intercepts[gone]).all()
    assert np.isfinite(without.coefficients[~gone]).all()


def test_there_is_no_model_of_phenoscores_classifier() -> None:
    with pytest.raises(ValueError, match="not linear"):
        fit(make_shared(6), Classifier.PHENOSCORE)
