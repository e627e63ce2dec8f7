"""Probabilities mean what they say, groups weigh alike, and where nothing is known the prior answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from phenojax.fusion import Classifier, calibrated_probabilities, score_unit
from phenojax.fusion.calibration import PRIOR_MEAN, PRIOR_PRECISION, SCORE_UNIT
from phenojax.stats import balanced_brier

UNIT = 0.7
Floats = NDArray[np.float64]


class Scored(NamedTuple):
    """n individuals with the scores that they get out of fold and in each training set."""

    scores: Floats
    training: Floats
    labels: NDArray[np.bool_]
    folds: NDArray[np.int64]
    groups: NDArray[np.int64]

    def probabilities(self, unit: float = UNIT) -> Floats:
        return calibrated_probabilities(*self, unit)

    def reordered(self, order: NDArray[np.integer]) -> Scored:
        return Scored(
            self.scores[order], self.training[:, order], self.labels[order], self.folds[order], self.groups[order]
        )


def make_scored(
    seed: int, n: int = 60, n_groups: int = 25, n_folds: int = 4, share: float = 0.4, distance: float = 1.5
) -> Scored:
    """Scores are normal of variance 1, around half the distance for cases and minus it for controls."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.concatenate([np.arange(n_groups), rng.integers(0, n_groups, n - n_groups)]))
    labels = (rng.permutation(n_groups) < share * n_groups)[groups]
    folds = (rng.permutation(n_groups) % n_folds)[groups]
    scores = rng.normal(size=n) + distance * (labels - 0.5)
    training = np.where(np.arange(n_folds)[:, None] == folds, np.nan, scores + 0.1 * rng.normal(size=(n_folds, n)))
    return Scored(scores, training, labels, folds, groups)


def one_fold_by_definition(sample: Scored, k: int) -> Floats:
    """Minimise the loss as it is described, group by group."""
    weight = np.zeros(len(sample.labels))
    names = [
        sorted({int(g) for g, x, y in zip(sample.groups, sample.training[k], sample.labels, strict=True)
                if y == is_case and not np.isnan(x)})
        for is_case in (True, False)
    ]  # fmt: skip
    harmonic = 2 / (1 / len(names[0]) + 1 / len(names[1]))
    for is_case, groups in zip((True, False), names, strict=True):
        for name in groups:
            own = (sample.groups == name) & (sample.labels == is_case) & ~np.isnan(sample.training[k])
            weight[own] = harmonic / len(groups) / own.sum()
    known = weight > 0
    x, y = sample.training[k][known] / UNIT, sample.labels[known]

    def loss(b: Floats) -> float:
        z = b[0] * x + b[1]
        prior = sum(p * (v - m) ** 2 for p, v, m in zip(PRIOR_PRECISION, b, PRIOR_MEAN, strict=True))
        return float((weight[known] * (np.logaddexp(0, z) - y * z)).sum() + prior / 2)

    b = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-8}).x
    return np.asarray(expit(b[0] * sample.scores / UNIT + b[1]))


@pytest.mark.parametrize("seed", range(5))
def test_each_fold_has_the_regression_of_its_training_set(seed: int) -> None:
    sample = make_scored(seed, share=0.3)
    found = sample.probabilities()
    for k in range(4):
        here = sample.folds == k
        np.testing.assert_allclose(found[here], one_fold_by_definition(sample, k)[here], atol=1e-5)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), distance=st.floats(-1, 4))
def test_inside_a_fold_a_higher_score_is_never_of_another_order(seed: int, distance: float) -> None:
    """One line on the log-odds for each fold."""
    sample = make_scored(seed, distance=distance)
    p = sample.probabilities()
    assert (p > 0).all()
    assert (p < 1).all()
    for k in range(4):
        here = np.flatnonzero(sample.folds == k)
        if len(here) > 2:
            in_order = here[np.argsort(sample.scores[here])]
            line = np.polyfit(sample.scores[here], logit(p[here]), 1)
            np.testing.assert_allclose(logit(p[in_order]), np.polyval(line, sample.scores[in_order]), atol=1e-7)
            if distance > 0.5:
                assert (np.diff(p[in_order]) > 0).all()


def test_scores_that_say_nothing_are_worth_little_and_their_contrary_is_learned() -> None:
    even = make_scored(0, n=2000, n_groups=2000, share=0.5, distance=0.0).probabilities()
    assert np.abs(even - 0.5).max() < 0.15
    against = make_scored(0, n=2000, n_groups=2000, share=0.5, distance=-2.0)
    assert np.corrcoef(against.scores, against.probabilities())[0, 1] < -0.9


@pytest.mark.parametrize("share", [0.5, 0.15])
@pytest.mark.parametrize("distance", [0.5, 1.5, 3.0])
def test_the_probabilities_are_those_of_equally_frequent_classes(share: float, distance: float) -> None:
    sample = make_scored(1, n=3000, n_groups=3000, share=share, distance=distance)
    training = np.where(np.isnan(sample.training), np.nan, sample.scores)
    p = sample._replace(training=training).probabilities()
    true = expit(distance * sample.scores)
    assert np.abs(p - true).max() < 0.08
    assert balanced_brier(sample.labels, p) == pytest.approx(balanced_brier(sample.labels, true), abs=0.003)


def test_few_groups_move_the_prior_a_little_and_many_decide() -> None:
    def distance_from_prior(n: int) -> float:
        sample = make_scored(2, n=n, n_groups=n, share=0.5, distance=5.0)
        return float(np.abs(logit(sample.probabilities()) - sample.scores / UNIT).mean())

    few, many = distance_from_prior(8), distance_from_prior(800)
    assert 0 < few < many / 2


def test_with_one_class_unknown_in_training_the_prior_answers() -> None:
    sample = make_scored(3)
    no_cases = sample._replace(training=np.where(sample.labels, np.nan, sample.training))
    np.testing.assert_allclose(no_cases.probabilities(), expit(sample.scores / UNIT), atol=1e-12)
    no_controls = sample._replace(training=np.where(sample.labels, sample.training, np.nan))
    np.testing.assert_allclose(no_controls.probabilities(), expit(sample.scores / UNIT), atol=1e-12)
    nobody = sample._replace(training=np.full_like(sample.training, np.nan))
    np.testing.assert_allclose(nobody.probabilities(), expit(sample.scores / UNIT), atol=1e-12)


def test_who_is_unknown_in_a_training_set_is_not_there() -> None:
    sample = make_scored(4)
    unknown = np.arange(60) % 5 == 0
    training = np.where(unknown, np.nan, sample.training)
    p = sample._replace(training=training).probabilities()
    rest = sample._replace(training=training).reordered(np.flatnonzero(~unknown)).probabilities()
    np.testing.assert_allclose(p[~unknown], rest, atol=1e-9)


@pytest.mark.parametrize("fold", range(4))
def test_the_labels_of_a_fold_do_not_touch_its_own_probabilities(fold: int) -> None:
    sample = make_scored(5)
    here = sample.folds == fold
    before, after = sample.probabilities(), sample._replace(labels=sample.labels ^ here).probabilities()
    np.testing.assert_allclose(after[here], before[here], atol=1e-12)
    assert np.abs(after - before)[~here].max() > 1e-3, "they do matter to the other folds"


def test_more_of_a_group_that_is_all_alike_changes_nothing() -> None:
    sample = make_scored(6, n=20, n_groups=20)
    swollen = sample.reordered(np.concatenate([np.arange(20), np.repeat([3, 8], [40, 7])]))
    np.testing.assert_allclose(swollen.probabilities()[:20], sample.probabilities(), atol=1e-9)


def test_cases_and_controls_are_alike() -> None:
    sample = make_scored(7, share=0.2)
    turned = sample._replace(scores=-sample.scores, training=-sample.training, labels=~sample.labels)
    np.testing.assert_allclose(turned.probabilities(), 1 - sample.probabilities(), atol=1e-9)


@pytest.mark.parametrize("classifier", SCORE_UNIT)
def test_the_unit_of_a_score_is_taken_out(classifier: Classifier) -> None:
    sample, unit = make_scored(8), score_unit(classifier, 25)
    assert score_unit(classifier, 100) == pytest.approx(2 * unit)
    scaled = sample._replace(scores=sample.scores * unit, training=sample.training * unit)
    np.testing.assert_allclose(scaled.probabilities(unit), sample.probabilities(1.0), atol=1e-9)


def test_all_that_score_by_kernels_have_a_unit() -> None:
    assert set(SCORE_UNIT) == set(Classifier) - {Classifier.PHENOSCORE}


def test_the_order_and_the_names_of_groups_do_not_matter() -> None:
    sample, order = make_scored(9), np.random.default_rng(0).permutation(60)
    again = sample._replace(groups=1000 - 7 * sample.groups).reordered(order)
    np.testing.assert_allclose(again.probabilities(), sample.probabilities()[order], atol=1e-9)
