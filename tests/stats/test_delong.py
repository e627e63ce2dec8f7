"""The variance of an AUC is that of its placements, groups whole; two scores of one sample are compared as a pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.roc import delong_covariance, obuchowski_variance
from scipy.stats import norm
from stats.make_samples import Grouped, grouped_labels

from phenojax.stats import auc, auc_covariance, auc_interval, delong_interval, delong_test


def _scores(labels: NDArray[np.bool_], seed: int, k: int) -> NDArray[np.float64]:
    """Few values, so that ties abound."""
    return np.random.default_rng(seed).integers(0, 5, size=(k, len(labels))) + 1.0 * labels


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_aucs_and_covariances_are_those_of_a_double_loop(sample: Grouped, seed: int) -> None:
    labels = sample[0]
    scores = _scores(labels, seed, 3)
    areas, covariance = auc_covariance(labels, scores)
    np.testing.assert_allclose(areas, [auc(labels, row) for row in scores], atol=1e-12)
    expected = [[delong_covariance(labels.tolist(), a, b) for a in scores.tolist()] for b in scores.tolist()]
    np.testing.assert_allclose(covariance, expected, atol=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_with_groups_the_variance_is_that_of_obuchowski(sample: Grouped, seed: int) -> None:
    labels, groups = sample
    [scores] = _scores(labels, seed, 1)
    variance = auc_covariance(labels, scores[None, :], groups)[1][0, 0]
    assert variance == pytest.approx(obuchowski_variance(labels.tolist(), scores.tolist(), groups.tolist()), abs=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(2, 4))
def test_copies_inside_a_group_add_no_knowledge(sample: Grouped, copies: int) -> None:
    labels = sample[0]
    scores = _scores(labels, 0, 2)
    alone = auc_covariance(labels, scores)[1]
    groups = np.repeat(np.arange(len(labels)), copies)
    copied = auc_covariance(np.repeat(labels, copies), np.repeat(scores, copies, axis=1), groups)[1]
    np.testing.assert_allclose(copied, alone, atol=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000), st.booleans())
def test_the_interval_holds_the_auc_inside_0_and_1_and_is_never_a_point(
    sample: Grouped, seed: int, perfect: bool
) -> None:
    labels, groups = sample
    scores = labels.astype(float) if perfect else _scores(labels, seed, 1)[0]
    for of in (None, groups):
        low, high = delong_interval(labels, scores, of)
        assert 0 <= low <= auc(labels, scores) <= high <= 1
        assert low < high


def test_where_the_placements_do_not_vary_the_interval_is_newcombes() -> None:
    labels, groups = np.arange(12) < 5, np.arange(12) // 2
    perfect = labels.astype(float)
    assert delong_interval(labels, perfect) == auc_interval(labels, perfect, np.arange(12))
    assert delong_interval(labels, perfect, groups) == auc_interval(labels, perfect, groups)
    # one case says nothing of how cases vary
    one = np.arange(12) < 1
    scores = np.arange(12.0)[::-1] % 7
    assert delong_interval(one, scores) == auc_interval(one, scores, np.arange(12))


@pytest.mark.parametrize("labels", [[True, True], [False, False, False]])
def test_one_class_has_no_interval(labels: list[bool]) -> None:
    assert np.isnan(delong_interval(np.array(labels), np.zeros(len(labels)))).all()


def test_nineteen_of_twenty_intervals_hold_the_true_auc() -> None:
    rng, shift, runs = np.random.default_rng(2), 1.2, 1000
    labels = np.arange(80) < 30
    truth, hits = norm.cdf(shift / np.sqrt(2)), 0
    for scores in rng.normal(size=(runs, 80)) + shift * labels:
        low, high = delong_interval(labels, scores)
        hits += low <= truth <= high
    assert 0.93 <= hits / runs <= 0.97


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_the_order_of_two_scores_turns_the_sign_only(sample: Grouped, seed: int) -> None:
    labels, groups = sample
    one, other = _scores(labels, seed, 2)
    forth, back = delong_test(labels, one, other, groups), delong_test(labels, other, one, groups)
    assert forth.difference == pytest.approx(auc(labels, one) - auc(labels, other), abs=1e-12)
    assert back.difference == -forth.difference
    np.testing.assert_allclose(back[1:], forth[1:], atol=1e-9)


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_a_score_does_not_differ_from_what_ranks_alike(sample: Grouped, seed: int) -> None:
    labels = sample[0]
    [scores] = _scores(labels, seed, 1)
    assert delong_test(labels, scores, 3 * scores + 2).p_value == 1
    assume(not np.isnan(delong_test(labels, scores, -scores).p_value))
    assert delong_test(labels, scores, -scores).difference == pytest.approx(2 * auc(labels, scores) - 1, abs=1e-12)


def test_certain_and_opposite_scores_have_no_variance_to_test_with() -> None:
    labels = np.arange(6) < 3
    opposite = delong_test(labels, labels.astype(float), 1.0 - labels)
    assert opposite.difference == 1
    assert np.isnan(opposite.p_value)


@pytest.mark.parametrize(("size", "told", "at_most"), [(1, True, 0.065), (3, True, 0.075)])
def test_two_equally_good_scores_differ_at_the_level(size: int, told: bool, at_most: float) -> None:
    assert 0.035 <= _rejected(size, told) <= at_most


def test_a_test_that_is_not_told_of_groups_finds_what_is_not_there() -> None:
    assert _rejected(3, told=False) > 0.1


def _rejected(size: int, told: bool) -> float:
    """How often two scores of one true AUC differ at .05; two thirds of their noise is their group's."""
    rng, runs, n_groups = np.random.default_rng(6), 1000, 60
    labels = np.repeat(np.arange(n_groups) < 25, size)
    groups = np.repeat(np.arange(n_groups), size)
    found = 0
    for _ in range(runs):
        common = rng.normal(size=len(labels))
        own = rng.normal(size=(2, n_groups))[:, groups] * np.sqrt(2 / 3) + rng.normal(size=(2, len(labels))) / np.sqrt(
            3
        )
        one, other = labels + (common + own) / np.sqrt(2)
        found += delong_test(labels, one, other, groups if told else None).p_value <= 0.05
    return found / runs


def test_pairing_sees_what_two_unpaired_intervals_do_not() -> None:
    rng = np.random.default_rng(9)
    labels = np.arange(100) < 40
    shared = labels + rng.normal(size=100)
    better = shared + 0.3 * labels + 0.05 * rng.normal(size=100)
    assert delong_test(labels, better, shared).p_value < 0.001
    assert delong_interval(labels, better)[0] < delong_interval(labels, shared)[1]
