"""A probability promises a frequency; few individuals miss it by chance, and that much is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.calibration import balanced_calibration_error
from scipy.special import expit
from stats.make_samples import Grouped, grouped_labels

from phenojax.stats import calibration_error

Simulated = tuple[NDArray[np.bool_], NDArray[np.float64]]


def _calibrated(rng: np.random.Generator, n_cases: int, n_controls: int) -> Simulated:
    """Scores one unit apart; their log odds of a case, were both equally frequent, are score - 1/2."""
    labels = np.arange(n_cases + n_controls) < n_cases
    return labels, expit(rng.normal(size=len(labels)) + labels - 0.5)


@pytest.mark.parametrize("n_cases", [3000, 10_000, 17_000])
def test_the_error_of_calibrated_probabilities_is_near_0_whatever_the_share_of_cases(n_cases: int) -> None:
    rng = np.random.default_rng(0)
    found = calibration_error(rng, *_calibrated(rng, n_cases, 20_000 - n_cases))
    assert found.n_bins == 10
    assert found.error < 0.015
    assert found.by_chance < 0.015


def test_what_chance_alone_shows_is_said() -> None:
    rng = np.random.default_rng(1)
    found = [calibration_error(rng, *_calibrated(rng, 20, 40)) for _ in range(200)]
    error, by_chance = np.mean([(one.error, one.by_chance) for one in found], axis=0)
    assert error > 0.1
    assert by_chance == pytest.approx(error, abs=0.01)


def test_boasting_probabilities_show_beyond_chance() -> None:
    rng = np.random.default_rng(2)
    labels, probabilities = _calibrated(rng, 200, 800)
    boasting = expit(4 * np.log(probabilities / (1 - probabilities)))
    honest, dishonest = (calibration_error(rng, labels, p) for p in (probabilities, boasting))
    assert honest.error < honest.by_chance + 0.03
    assert dishonest.error > dishonest.by_chance + 0.1


def test_known_errors() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([1, 0, 0, 0, 0], dtype=bool)
    assert calibration_error(rng, labels, np.full(5, 0.5)).error == pytest.approx(0)
    assert calibration_error(rng, labels, np.full(5, 0.9)).error == pytest.approx(0.4)
    assert calibration_error(rng, labels, labels.astype(float)) == (0, 0, 1)


@settings(deadline=None)
@given(st.integers(2, 10), st.integers(0, 1000))
def test_the_error_is_that_of_a_loop_over_bins(bins: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, probabilities = _calibrated(rng, 30, 80)
    found = calibration_error(rng, labels, probabilities, bins, draws=1)
    expected = balanced_calibration_error(labels.tolist(), probabilities.tolist(), bins)
    assert found.n_bins == bins
    assert found.error == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(grouped_labels(40), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(sample: Grouped, seed: int) -> None:
    labels = sample[0]
    rng = np.random.default_rng(seed)
    probabilities = rng.integers(0, 5, size=len(labels)) / 4
    order = rng.permutation(len(labels))
    one = calibration_error(np.random.default_rng(0), labels, probabilities).error
    other = calibration_error(np.random.default_rng(0), labels[order], probabilities[order]).error
    assert other == pytest.approx(one, abs=1e-12)
    assert 0 <= one <= 1


def test_one_class_has_no_calibration() -> None:
    found = calibration_error(np.random.default_rng(0), np.ones(4, dtype=bool), np.full(4, 0.5))
    assert np.isnan(found.error)
    assert np.isnan(found.by_chance)
