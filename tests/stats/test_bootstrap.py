"""The bootstrap redraws publications, not people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.roc import area, repeated
from scipy.stats import norm
from stats.make_samples import Grouped, grouped_labels

from phenojax.stats import auc, bootstrap_interval
from phenojax.stats.bootstrap import redraw_groups, weighted_auc


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_whole_groups_are_redrawn_each_among_its_kind(sample: Grouped, seed: int) -> None:
    labels, names = sample
    groups = np.unique(names, return_inverse=True)[1]
    counts = redraw_groups(np.random.default_rng(seed), labels, groups, 50)
    n_groups = groups.max() + 1
    assert counts.shape == (50, n_groups)
    kind = [(labels[groups == g].any(), labels[groups == g].all()) for g in range(n_groups)]
    for of in set(kind):
        same = np.array([k == of for k in kind])
        assert (counts[:, same].sum(axis=1) == same.sum()).all()


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_the_auc_of_a_redrawn_sample_is_that_of_the_sample_written_out(sample: Grouped, seed: int) -> None:
    labels, names = sample
    groups = np.unique(names, return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, size=len(labels)).astype(float)
    weights = redraw_groups(rng, labels, groups, 5)[:, groups]
    expected = [area(repeated(labels, row), repeated(scores, row)) for row in weights]
    np.testing.assert_allclose(weighted_auc(labels, scores, weights), expected, atol=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(2, 4))
def test_copies_inside_a_group_add_no_knowledge(sample: Grouped, copies: int) -> None:
    labels, names = sample
    scores = np.arange(len(labels)) % 3.0
    alone = bootstrap_interval(np.random.default_rng(0), labels, scores, names, 50)
    labels, scores, names = (np.repeat(values, copies) for values in (labels, scores, names))
    copied = bootstrap_interval(np.random.default_rng(0), labels, scores, names, 50)
    np.testing.assert_allclose(copied, alone, atol=1e-12)


@pytest.mark.parametrize("groups", [[0, 0, 1, 2, 3], [0, 1, 2, 2, 2]])
def test_a_class_of_one_group_has_no_bootstrap(groups: list[int]) -> None:
    labels = np.arange(5) < 2
    assert np.isnan(bootstrap_interval(np.random.default_rng(0), labels, np.arange(5.0), np.array(groups))).all()


def test_the_interval_is_that_of_its_generator() -> None:
    rng = np.random.default_rng(1)
    labels, groups = np.arange(60) < 20, np.arange(60) // 2
    scores = labels + rng.normal(size=60)
    one, again, other = (bootstrap_interval(np.random.default_rng(s), labels, scores, groups) for s in (4, 4, 5))
    assert one == again != other
    assert one[0] < auc(labels, scores) < one[1]


def _coverage(told: bool) -> float:
    rng, runs, size, n_groups, shift = np.random.default_rng(3), 500, 3, 60, 1.0
    labels, groups = np.repeat(np.arange(n_groups) < 25, size), np.repeat(np.arange(n_groups), size)
    truth, hits = norm.cdf(shift / np.sqrt(2)), 0
    for _ in range(runs):
        noise = np.sqrt(0.6) * rng.normal(size=n_groups)[groups] + np.sqrt(0.4) * rng.normal(size=n_groups * size)
        of = groups if told else np.arange(len(labels))
        low, high = bootstrap_interval(rng, labels, shift * labels + noise, of, 400)
        hits += low <= truth <= high
    return hits / runs


def test_nineteen_of_twenty_intervals_hold_the_true_auc_and_fewer_where_people_are_redrawn() -> None:
    assert 0.915 <= _coverage(told=True) <= 0.975
    assert _coverage(told=False) < 0.88
