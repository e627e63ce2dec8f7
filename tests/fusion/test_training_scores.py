"""Training individuals score what the training individuals of other groups say, and held-out labels say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.ensemble import joined, kernels_of
from reference.training_scores import prototype_training_scores, ridge_training_scores

from phenojax.fusion import (
    Classifier,
    EnsembleConfig,
    RidgeConfig,
    calibrated_probabilities,
    prepare_sample,
    score_unit,
    training_scores,
)
from phenojax.fusion.ensemble import Prepared
from phenojax.fusion.prototype import prototype_parts
from phenojax.fusion.ridge_operators import Shape, ridge_operators

CONFIG = EnsembleConfig(RidgeConfig(n_penalties=3), mixes=(0.25, 0.75), prototype=0.4, prototype_mix=0.3)
CLASSIFIERS = [Classifier.ENSEMBLE, Classifier.KERNEL, Classifier.PROTOTYPE]
every_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS)
Floats = NDArray[np.float64]


def prepare(sample: Shared, classifier: Classifier) -> Prepared:
    shared = (sample.kernels, sample.present, sample.folds, sample.groups)
    return prepare_sample(*shared, classifier=classifier, config=CONFIG)


def scores(sample: Shared, classifier: Classifier, prepared: Prepared | None = None) -> Floats:
    """Of the first labelling."""
    prepared = prepared or prepare(sample, classifier)
    arrays = (sample.labels[0], sample.folds, sample.groups)
    return training_scores(prepared, *arrays, classifier=classifier, config=CONFIG)


def partly(seed: int) -> Shared:
    sample = make_shared(seed, n=18, n_groups=9, m=2)
    lacks = np.random.default_rng(seed).integers(0, 5, 18)
    return sample.without(0, lacks == 0).without(1, lacks == 1)


def refitted(sample: Shared, classifier: Classifier) -> Floats:
    labels, folds, groups = sample.labels[0], sample.folds, sample.groups
    mixes, mixed, compared = kernels_of(sample.kernels, sample.present, groups, CONFIG)
    ridge, of_mixes = ridge_training_scores(mixed, labels, folds, groups, CONFIG.ridge.penalties)

    def prototype(weights: Floats) -> Floats:
        return prototype_training_scores(compared, sample.present, labels, folds, groups, weights)

    return joined(classifier, CONFIG, mixes, ridge, of_mixes, prototype)


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10**6), classifier=st.sampled_from(CLASSIFIERS), n_folds=st.integers(2, 5))
def test_of_one_modality_they_are_what_refitting_says(seed: int, classifier: Classifier, n_folds: int) -> None:
    sample = make_shared(seed, n=18, n_groups=9, n_folds=n_folds)
    np.testing.assert_allclose(scores(sample, classifier), refitted(sample, classifier), atol=1e-4)


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10**6), classifier=st.sampled_from(CLASSIFIERS))
def test_of_two_modalities_that_some_lack_they_are_what_refitting_says(seed: int, classifier: Classifier) -> None:
    sample = partly(seed)
    np.testing.assert_allclose(scores(sample, classifier), refitted(sample, classifier), atol=1e-4)


@every_classifier
def test_every_group_a_fold_is_what_refitting_says(classifier: Classifier) -> None:
    sample = make_shared(1, n=13, n_groups=7)
    sample = sample._replace(folds=sample.groups.astype(np.int8))
    np.testing.assert_allclose(scores(sample, classifier), refitted(sample, classifier), atol=1e-4)


@every_classifier
@pytest.mark.parametrize("fold", range(3))
def test_the_labels_of_a_fold_touch_neither_its_training_scores_nor_its_probabilities(
    classifier: Classifier, fold: int
) -> None:
    sample = make_shared(2, m=2)
    here = sample.folds == fold
    flipped = sample.flipped(here)
    before, after = scores(sample, classifier), scores(flipped, classifier)
    np.testing.assert_array_equal(after[fold], before[fold])
    assert np.nanmax(np.abs(np.delete(after - before, fold, axis=0))) > 1e-3, "they do matter to the other folds"
    held_out = np.random.default_rng(0).normal(size=24)  # label-free, so that the calibration alone is looked at
    shared = (sample.folds, sample.groups, score_unit(classifier, 9))
    p = calibrated_probabilities(held_out, before, sample.labels[0], *shared)
    q = calibrated_probabilities(held_out, after, flipped.labels[0], *shared)
    np.testing.assert_allclose(q[here], p[here], atol=1e-12)
    assert np.abs(q - p)[~here].max() > 1e-3


@every_classifier
def test_the_labels_of_the_own_group_change_a_training_score_by_the_weights_of_the_penalties_only(
    classifier: Classifier,
) -> None:
    """A prototype compares nobody inside a fold; of one penalty the ridge forgets the group altogether."""
    sample = make_shared(3)
    config = EnsembleConfig(RidgeConfig(1.0, 1.0, 1))
    shared = (sample.kernels, sample.present, sample.folds, sample.groups)
    prepared = prepare_sample(*shared, classifier=classifier, config=config)

    def of(labels: NDArray[np.bool_]) -> Floats:
        return training_scores(prepared, labels, sample.folds, sample.groups, classifier=classifier, config=config)

    labels = sample.labels[0]
    for group in range(13):
        own = sample.groups == group
        np.testing.assert_allclose(of(labels ^ own)[:, own], of(labels)[:, own], atol=1e-5)


@every_classifier
def test_padding_changes_nothing(classifier: Classifier) -> None:
    sample = make_shared(4, n=21)
    [kernel], shared = sample.kernels.astype(np.float64), (sample.folds, sample.groups)

    def padded_to(shape: Shape) -> Prepared:
        operators = ridge_operators(kernel[None], *shared, CONFIG.ridge, shape)
        parts = prototype_parts(kernel[None], sample.present, *shared, np.ones(1), shape.n)
        return Prepared(
            np.arange(shape.n) < 21,
            np.int32(3),
            None if classifier is Classifier.PROTOTYPE else operators,
            None if classifier is Classifier.KERNEL else parts,
        )

    columns = 21 - int(np.bincount(sample.folds).min())
    bare = scores(sample, classifier, padded_to(Shape(21, columns, 3)))
    assert bare.shape == (3, 21)
    np.testing.assert_array_equal(scores(sample, classifier, padded_to(Shape(40, 33, 7))), bare)


@every_classifier
def test_folds_nobody_is_in_change_nothing(classifier: Classifier) -> None:
    sample = make_shared(1, n=64, n_groups=40)
    found = scores(sample._replace(folds=2 * sample.folds), classifier)
    np.testing.assert_array_equal(found[::2], scores(sample, classifier))
    np.testing.assert_array_equal(found[1::2], np.nan)


@every_classifier
def test_nothing_is_said_of_the_held_out_and_where_other_groups_are_of_one_class(classifier: Classifier) -> None:
    sample = make_shared(5, p=1)
    held_out = np.arange(3)[:, None] == sample.folds[None, :]
    labels, groups = sample.labels[0], sample.groups
    labels[:] = groups == groups[sample.folds == 1][0]  # one case group, in fold 1
    found = scores(sample, classifier)
    np.testing.assert_array_equal(np.isnan(found[1]), True)  # fold 1 held out leaves controls only
    for fold in (0, 2):
        # the case group has no other cases to be compared with
        np.testing.assert_array_equal(np.isnan(found[fold]), held_out[fold] | labels)


@every_classifier
def test_with_both_classes_in_several_groups_all_training_individuals_have_a_score(classifier: Classifier) -> None:
    sample = partly(6)
    sample.labels[0] = sample.groups % 2 == 0
    sample = sample._replace(folds=(sample.groups % 3).astype(np.int8))
    held_out = np.arange(3)[:, None] == sample.folds[None, :]
    np.testing.assert_array_equal(np.isnan(scores(sample, classifier)), held_out)


def test_a_prototype_without_both_classes_in_the_other_folds_is_neutral() -> None:
    sample = make_shared(7, p=1)
    # cases are in fold 0 only, in several groups
    sample.labels[0] = (sample.folds == 0) & (sample.groups != sample.groups[sample.folds == 0][0])
    in_fold = sample.folds == 0
    assert len(set(sample.groups[sample.labels[0]].tolist())) > 1
    np.testing.assert_array_equal(scores(sample, Classifier.PROTOTYPE)[1:, in_fold], 0)


@every_classifier
def test_more_of_a_group_that_is_all_alike_changes_nothing(classifier: Classifier) -> None:
    sample = make_shared(8, n=14, n_groups=14)
    swollen = sample.reordered(np.concatenate([np.arange(14), [3, 3, 3, 7]]))
    before, after = scores(sample, classifier), scores(swollen, classifier)[:, :14]
    np.testing.assert_allclose(after, before, atol=1e-5)


@every_classifier
def test_the_order_of_individuals_does_not_matter(classifier: Classifier) -> None:
    sample = partly(9)
    order = np.random.default_rng(0).permutation(18)
    again = scores(sample.reordered(order), classifier)
    np.testing.assert_allclose(again, scores(sample, classifier)[:, order], atol=1e-5)
