"""With folds that do not look at labels the prototype is a few products, modality by modality."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.prototype import modality_score

from phenojax.fusion.prototype import prototype_parts, shared_fold_scores

score = jax.jit(shared_fold_scores)
WEIGHTS = np.array([0.3, 0.7])


def scores(sample: Shared, n_padded: int = 30) -> NDArray[np.float32]:
    m, n = sample.present.shape
    parts = prototype_parts(sample.kernels, sample.present, sample.folds, sample.groups, WEIGHTS[:m], n_padded)
    cases = np.pad(sample.labels.T.astype(np.float32), [(0, n_padded - n), (0, 0)], constant_values=1)
    found = np.asarray(score(jax.tree.map(jnp.asarray, parts), jnp.asarray(cases)))
    np.testing.assert_array_equal(found[n:], 0)
    return found[:n].T


def one_by_one(sample: Shared) -> NDArray[np.float64]:
    weights = WEIGHTS[: len(sample.kernels)]
    shared = (sample.folds, sample.groups, weights)
    return np.array([
        [modality_score(sample.kernels, sample.present, y, *shared, i) for i in range(len(y))] for y in sample.labels
    ])  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), n_folds=st.integers(2, 6))
def test_the_score_is_what_it_says(seed: int, n_folds: int) -> None:
    sample = make_shared(seed, n_folds=n_folds)
    np.testing.assert_allclose(scores(sample), one_by_one(sample), atol=2e-6)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_each_modality_scores_those_who_have_it_and_chance_spreads_who_has_both_no_wider(seed: int) -> None:
    sample = make_shared(seed, m=2)
    lacks = np.random.default_rng(seed).integers(0, 4, 24)
    sample = sample.without(0, lacks == 0).without(1, lacks == 1)
    found, faces = scores(sample), sample._replace(kernels=sample.kernels[1:], present=sample.present[1:])
    np.testing.assert_allclose(found, one_by_one(sample), atol=2e-6)
    only_face = lacks == 0
    np.testing.assert_allclose(found[:, only_face], scores(faces)[:, only_face], atol=2e-6)


def test_each_score_can_weigh_the_modalities_in_its_own_way() -> None:
    sample = make_shared(7, m=2)
    sample = sample.without(0, np.arange(24) == 3)
    parts = prototype_parts(sample.kernels, sample.present, sample.folds, sample.groups, WEIGHTS)
    first = np.random.default_rng(7).random((24, 5)).astype(np.float32)
    first[5], first[6] = 0, 1
    found = score(jax.tree.map(jnp.asarray, parts), jnp.asarray(sample.labels.T, jnp.float32), jnp.asarray(first))
    shared = (sample.kernels, sample.present)
    expected = [
        [
            modality_score(*shared, y, sample.folds, sample.groups, np.array([first[i, p], 1 - first[i, p]]), i)
            for p, y in enumerate(sample.labels)
        ]
        for i in range(24)
    ]
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_who_has_no_modality_scores_0() -> None:
    sample, nobody = make_shared(7, m=2), np.arange(24) == 4
    found = scores(sample.without(0, nobody).without(1, nobody))
    np.testing.assert_array_equal(found[:, 4], 0)
    assert np.abs(found).max() > 0.01


def test_what_is_seen_in_a_modality_that_only_cases_have_does_not_matter() -> None:
    sample = make_shared(8, m=2, p=1)
    sample = sample.without(1, ~sample.labels[0])
    changed = sample.kernels.copy()
    changed[1] = np.random.default_rng(0).normal(size=(24, 24))
    np.testing.assert_array_equal(scores(sample._replace(kernels=changed)), scores(sample))


def test_a_large_publication_weighs_no_more_than_a_small_one() -> None:
    # cases 1 and 2 share a group, case 3 stands alone; seen from 0, the control
    kernel = np.eye(6, dtype=np.float32)
    kernel[0, 1:4] = kernel[1:4, 0] = [0.2, 0.4, 0.9]
    labels, folds = np.array([[0, 1, 1, 1, 0, 0]], dtype=bool), np.array([0, 1, 1, 1, 1, 1], np.int8)
    groups = np.array([0, 1, 1, 2, 3, 4], np.int32)
    sample = Shared(kernel[None], np.ones((1, 6), dtype=bool), labels, folds, groups)
    assert scores(sample)[0, 0] == pytest.approx((0.3 + 0.9) / 2, abs=1e-6)


def test_fold_mates_are_not_looked_at() -> None:
    sample = make_shared(9, m=2)
    mates = sample.folds[:, None] == sample.folds[None, :]
    changed = sample._replace(kernels=np.where(mates, 0.5, sample.kernels).astype(np.float32))
    assert not np.array_equal(changed.kernels, sample.kernels)
    np.testing.assert_array_equal(scores(changed), scores(sample))


@pytest.mark.parametrize("fold", range(3))
def test_the_labels_of_a_fold_do_not_touch_its_own_scores(fold: int) -> None:
    sample = make_shared(4, m=2)
    here = sample.folds == fold
    before, after = scores(sample), scores(sample.flipped(here))
    np.testing.assert_array_equal(after[:, here], before[:, here])
    assert np.abs(after[:, ~here] - before[:, ~here]).max() > 1e-3, "the labels do matter to the other folds"


def test_padding_and_the_order_of_individuals_change_nothing() -> None:
    sample = make_shared(5, m=2)
    order = np.random.default_rng(0).permutation(24)
    np.testing.assert_allclose(scores(sample.reordered(order), 40), scores(sample)[:, order], atol=1e-6)


def test_without_both_classes_outside_the_fold_the_score_is_neutral() -> None:
    sample = make_shared(6, p=1)
    here = sample.folds == 1
    sample.labels[0] = here
    found = scores(sample)[0]
    np.testing.assert_array_equal(found[here], 0)
    assert np.abs(found[~here]).min() > 0
