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
from reference.prototype import prototype_score

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


def one_by_one(sample: Shared, modality: int) -> NDArray[np.float64]:
    """Among those who have the modality; 0 where one class is missing, NaN for the others."""
    has = np.flatnonzero(sample.present[modality])
    kernel = sample.kernels[modality][np.ix_(has, has)]
    found = np.full(sample.labels.shape, np.nan)
    for row, y in enumerate(sample.labels[:, has]):
        for place, i in enumerate(has):
            outside = sample.folds[has] != sample.folds[i]
            both = len(set(y[outside].tolist())) == 2
            arguments = (kernel, y, sample.folds[has], sample.groups[has], place)
            found[row, i] = prototype_score(*arguments) if both else 0.0
    return found


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), n_folds=st.integers(2, 6))
def test_the_score_is_what_it_says(seed: int, n_folds: int) -> None:
    sample = make_shared(seed, n_folds=n_folds)
    np.testing.assert_allclose(scores(sample), one_by_one(sample, 0), atol=2e-6)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_each_modality_scores_those_who_have_it_and_who_has_both_gets_the_mean(seed: int) -> None:
    sample = make_shared(seed, m=2)
    lacks = np.random.default_rng(seed).integers(0, 4, 24)
    sample = sample.without(0, lacks == 0).without(1, lacks == 1)
    each = np.stack([one_by_one(sample, 0), one_by_one(sample, 1)])
    weight = WEIGHTS[:, None] * sample.present
    expected = np.nansum(weight[:, None] * each, axis=0) / weight.sum(axis=0)
    np.testing.assert_allclose(scores(sample), expected, atol=2e-6)
    only_face = lacks == 0
    np.testing.assert_allclose(scores(sample)[:, only_face], each[1][:, only_face], atol=2e-6)


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
