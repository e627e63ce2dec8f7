"""One thing that predicts the label alone is found, and found by chance no more often than its p-value says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from phenojax.stats import best_single_predictor, draw_labels, make_design

LABELS = np.arange(40) < 15


@given(st.integers(0, 1000), st.integers(1, 4))
def test_the_best_feature_is_the_one_of_the_largest_auc_whichever_way_it_points(seed: int, n_features: int) -> None:
    features = np.random.default_rng(seed).integers(0, 5, (40, n_features)).astype(float)
    aucs = [roc_auc_score(LABELS, column) for column in features.T]
    turned = [max(auc, 1 - auc) for auc in aucs]
    found = best_single_predictor(np.random.default_rng(0), make_design(LABELS), features, 19, 0.5)
    assert found is not None
    assert found.auc == pytest.approx(max(turned))
    assert turned[found.feature] == pytest.approx(max(turned))
    assert (
        best_single_predictor(np.random.default_rng(0), make_design(LABELS), features, 19, max(turned) + 1e-9) is None
    )


def test_what_tells_the_labels_apart_has_a_small_p() -> None:
    rng = np.random.default_rng(0)
    features = np.stack([rng.random(40), LABELS + rng.random(40)], axis=1)
    found = best_single_predictor(rng, make_design(LABELS), features, 199, 0.65)
    assert found is not None
    assert (found.feature, found.p_value) == (1, 1 / 200)


def test_inside_strata_of_itself_it_predicts_nothing() -> None:
    rng = np.random.default_rng(0)
    sex = (rng.random(40) < np.where(LABELS, 0.9, 0.2)).astype(np.int64)
    free = best_single_predictor(rng, make_design(LABELS), sex[:, None].astype(float), 199, 0.65)
    held = best_single_predictor(rng, make_design(LABELS, None, None, sex), sex[:, None].astype(float), 199, 0.65)
    assert free is not None
    assert held is not None
    assert free.p_value <= 0.01
    assert held.p_value == 1


def test_of_many_features_one_is_not_the_best_by_chance_more_often_than_p_says() -> None:
    """Eight publications of thirty have the cases, and a column of six categories goes with the publication."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(30), 3)
    design = make_design(groups < 8, groups)
    p = []
    for labels in draw_labels(rng, design, 600):
        categories = rng.integers(0, 6, 30)[groups]
        features = (categories[:, None] == np.arange(6)).astype(float)
        found = best_single_predictor(rng, make_design(labels, groups), features, 99, 0.5)
        assert found is not None
        p.append(found.p_value)
    # 600 tests: .05 and .2, give or take three standard errors
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.08
    assert 0.15 <= np.mean(np.array(p) <= 0.2) <= 0.25
