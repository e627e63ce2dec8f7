"""An AUC is the chance that a case outscores a control, and its interval knows that a group is not many people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from phenojax.stats import auc, auc_interval, auc_within, balanced_brier, roc_points

Labelled = tuple[NDArray[np.bool_], NDArray[np.float64]]


@st.composite
def labelled_scores(draw: st.DrawFn) -> Labelled:
    """Both classes, and few values so that ties abound."""
    rows = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
    labels = np.array([label for label, _ in rows])
    assume(labels.any() and not labels.all())
    return labels, np.array([score for _, score in rows], dtype=float)


@given(labelled_scores())
def test_the_auc_is_that_of_scikit_learn_ties_included(sample: Labelled) -> None:
    assert auc(*sample) == pytest.approx(roc_auc_score(*sample), abs=1e-12)


@given(labelled_scores())
def test_calling_the_controls_cases_mirrors_the_auc(sample: Labelled) -> None:
    labels, scores = sample
    assert auc(~labels, scores) == pytest.approx(1 - auc(labels, scores), abs=1e-12)


@pytest.mark.parametrize("labels", [[True, True], [False, False], []])
def test_one_class_has_no_auc(labels: list[bool]) -> None:
    y, scores = np.array(labels, dtype=bool), np.zeros(len(labels))
    assert np.isnan(auc(y, scores))
    assert np.isnan(auc_within(y, scores, np.zeros(len(labels), dtype=np.int8)))
    assert np.isnan(auc_interval(y, scores, np.arange(len(labels)))).all()


def test_the_auc_within_folds_is_the_mean_of_the_folds_that_hold_both_classes() -> None:
    labels = np.array([1, 0, 1, 1, 0, 1, 0, 0], dtype=bool)
    scores = np.array([2, 1, 2, 0, 1, 9, 9, 9], dtype=float)
    folds = np.array([0, 0, 1, 1, 1, 2, 2, 3])
    assert auc_within(labels, scores, folds) == pytest.approx((1.0 + 0.5 + 0.5) / 3)


@given(labelled_scores(), st.lists(st.floats(-100, 100), min_size=3, max_size=3))
def test_the_auc_within_folds_does_not_see_a_fold_on_another_scale(sample: Labelled, shifts: list[float]) -> None:
    labels, scores = sample
    folds = np.arange(len(labels)) % 3
    # whole shifts add without rounding, so that ties stay ties
    moved = scores + np.round(shifts)[folds]
    np.testing.assert_equal(auc_within(labels, moved, folds), auc_within(labels, scores, folds))


def test_the_brier_score_of_certainty_and_of_ignorance() -> None:
    labels = np.array([1, 0, 0, 0, 0], dtype=bool)
    assert balanced_brier(labels, np.full(5, 0.5)) == 0.25
    assert balanced_brier(labels, labels.astype(float)) == 0
    assert balanced_brier(labels, 1.0 - labels) == 1
    # all the error is the case's, and the case is half of the score
    assert balanced_brier(labels, np.zeros(5)) == 0.5


@given(labelled_scores())
def test_the_interval_holds_the_auc_and_stays_inside_0_and_1(sample: Labelled) -> None:
    labels, scores = sample
    low, high = auc_interval(labels, scores, np.arange(len(labels)) // 2)
    assert 0 <= low <= auc(labels, scores) <= high <= 1
    assert low < high


def test_a_perfect_auc_is_not_a_certain_one() -> None:
    few, many = (np.arange(2 * n) < n for n in (5, 50))
    widths = [1 - auc_interval(y, y.astype(float), np.arange(len(y)))[0] for y in (few, many)]
    assert auc_interval(few, few.astype(float), np.arange(10))[1] == 1
    assert widths[0] > 0.2
    assert 0.01 < widths[1] < widths[0] / 3


@settings(deadline=None)
@given(labelled_scores(), st.integers(2, 5))
def test_copies_inside_a_group_add_no_knowledge(sample: Labelled, copies: int) -> None:
    labels, scores = (np.repeat(values, copies) for values in sample)
    groups = np.repeat(np.arange(len(sample[0])), copies)
    alone = auc_interval(*sample, np.arange(len(sample[0])))
    together = auc_interval(labels, scores, groups)
    as_if_independent = auc_interval(labels, scores, np.arange(len(labels)))
    np.testing.assert_allclose(together, alone, atol=1e-9)
    assert together[1] - together[0] > as_if_independent[1] - as_if_independent[0]


def _coverage(rng: np.random.Generator, size: int, shared: float, told: bool) -> float:
    """How often the interval holds the true AUC; ``shared`` of the variance is its group's, of ``size`` members."""
    n_groups, runs, shift = 40, 1000, 1.2
    is_case = np.arange(n_groups) < 15
    labels, groups = np.repeat(is_case, size), np.repeat(np.arange(n_groups), size)
    truth = norm.cdf(shift / np.sqrt(2))
    hits = 0
    for _ in range(runs):
        own, common = rng.normal(size=n_groups * size), rng.normal(size=n_groups)[groups]
        scores = shift * labels + np.sqrt(1 - shared) * own + np.sqrt(shared) * common
        low, high = auc_interval(labels, scores, groups if told else np.arange(len(labels)))
        hits += low <= truth <= high
    return hits / runs


@pytest.mark.parametrize(("size", "shared"), [(1, 0.0), (3, 0.6)])
def test_nineteen_of_twenty_intervals_hold_the_true_auc(size: int, shared: float) -> None:
    # 1000 runs: two standard errors are .014; the method itself is off by about .01 at 15 case groups
    assert 0.925 <= _coverage(np.random.default_rng(1), size, shared, told=True) <= 0.975


def test_an_interval_that_is_not_told_of_groups_is_too_narrow() -> None:
    assert _coverage(np.random.default_rng(1), 3, 0.6, told=False) < 0.9


@given(labelled_scores())
def test_the_roc_curve_is_scikit_learns(case: Labelled) -> None:
    labels, scores = case
    x, y = roc_points(labels, scores)
    expected_x, expected_y, _ = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(np.trapezoid(y, x), np.trapezoid(expected_y, expected_x), atol=1e-12)
    points = {(round(float(a), 9), round(float(b), 9)) for a, b in zip(expected_x, expected_y, strict=True)}
    assert {(round(float(a), 9), round(float(b), 9)) for a, b in zip(x, y, strict=True)} <= points
