"""Cases and controls differ where a kernel finds each more like itself than like the other, publications set aside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.mmd import squared_discrepancy
from scipy.stats import kstest
from stats.make_samples import Grouped, grouped_labels

from phenojax.stats import all_labels, draw_labels, exact_p, make_design, mmd_statistic, permutation_p


def _kernel(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2) / 2)


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_the_statistic_of_each_labelling_is_that_of_a_double_loop(sample: Grouped, seed: int) -> None:
    labels, groups = sample
    design = make_design(labels, groups)
    rng = np.random.default_rng(seed)
    kernel = _kernel(rng.normal(size=(len(labels), 2)))
    rows = np.concatenate([labels[None, :], draw_labels(rng, design, 4)])
    expected = [squared_discrepancy(kernel.tolist(), row, groups.tolist()) for row in rows.tolist()]
    np.testing.assert_allclose(mmd_statistic(kernel, rows, design), expected, atol=1e-12)


def test_without_groups_it_is_the_unbiased_statistic() -> None:
    labels = np.arange(9) < 4
    kernel = _kernel(np.random.default_rng(0).normal(size=(9, 3)))
    off = kernel - np.diag(np.diag(kernel))
    a, b = off[labels][:, labels], off[~labels][:, ~labels]
    expected = a.sum() / (4 * 3) + b.sum() / (5 * 4) - 2 * off[labels][:, ~labels].mean()
    assert mmd_statistic(kernel, labels[None, :], make_design(labels))[0] == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(0, 1000))
def test_how_much_a_publication_resembles_itself_does_not_count(sample: Grouped, seed: int) -> None:
    labels, groups = sample
    design = make_design(labels, groups)
    rng = np.random.default_rng(seed)
    kernel = _kernel(rng.normal(size=(len(labels), 2)))
    alike = np.where(groups[:, None] == groups[None, :], 5.0, kernel)
    rows = draw_labels(rng, design, 3)
    np.testing.assert_allclose(mmd_statistic(alike, rows, design), mmd_statistic(kernel, rows, design), atol=1e-12)


@settings(deadline=None)
@given(grouped_labels(), st.integers(2, 4))
def test_copies_inside_a_group_change_nothing(sample: Grouped, copies: int) -> None:
    labels, groups = sample
    kernel = _kernel(np.random.default_rng(0).normal(size=(len(labels), 2)))
    place = np.repeat(np.arange(len(labels)), copies)
    alone = mmd_statistic(kernel, labels[None, :], make_design(labels, groups))
    copied = mmd_statistic(kernel[np.ix_(place, place)], labels[None, place], make_design(labels[place], groups[place]))
    np.testing.assert_allclose(copied, alone, atol=1e-12)


def test_a_class_of_one_group_has_no_statistic() -> None:
    labels = np.arange(5) < 2
    design = make_design(labels, np.array([0, 0, 1, 2, 3]))
    assert np.isnan(mmd_statistic(np.eye(5), labels[None, :], design)).all()


@pytest.mark.parametrize("size", [1, 3])
def test_p_is_uniform_under_the_null_groups_told(size: int) -> None:
    rng, p = np.random.default_rng(1), []
    labels, groups = np.repeat(np.arange(14) < 5, size), np.repeat(np.arange(14), size)
    design = make_design(labels, groups)
    for _ in range(500):
        points = 2 * rng.normal(size=(14, 2))[groups] + rng.normal(size=(14 * size, 2))
        rows = np.concatenate([labels[None, :], draw_labels(rng, design, 99)])
        values = mmd_statistic(_kernel(points), rows, design)
        p.append(permutation_p(values[0], values[1:]))
    # steps of 1/100 are fine enough for a test of 500 values against the continuous law
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) < 0.08


def test_a_publication_is_mistaken_for_an_effect_where_groups_are_not_told() -> None:
    rng, found = np.random.default_rng(2), 0
    labels, groups = np.repeat(np.arange(14) < 5, 3), np.repeat(np.arange(14), 3)
    design = make_design(labels)
    for _ in range(100):
        points = 2 * rng.normal(size=(14, 2))[groups] + rng.normal(size=(42, 2))
        rows = np.concatenate([labels[None, :], draw_labels(rng, design, 99)])
        values = mmd_statistic(_kernel(points), rows, design)
        found += permutation_p(values[0], values[1:]) <= 0.05
    assert found > 40


def test_it_finds_what_no_mean_shows() -> None:
    """Cases on a ring about the controls: their means are the same."""
    rng = np.random.default_rng(3)
    labels = np.arange(16) < 8
    angle = 2 * np.pi * np.arange(8) / 8
    ring = 4 * np.column_stack([np.cos(angle), np.sin(angle)])
    kernel = _kernel(np.concatenate([ring, 0.5 * rng.normal(size=(8, 2))]))
    design = make_design(labels)
    values = mmd_statistic(kernel, all_labels(design), design)
    assert exact_p(values[0], values) < 0.001
