"""Where every labelling can be looked at, the p-value is a share of them and owes nothing to chance."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.labellings import all_labellings
from scipy.stats import mannwhitneyu

from phenojax.stats import all_labels, auc, count_labellings, draw_labels, exact_p, make_design

Sample = tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64] | None]

# a case and the controls matched to it share a number; cases of one group share one too
MATCHED: list[Sample] = [
    (np.arange(7) < 2, np.arange(7), np.array([0, 1, 0, 0, 1, 1, 1])),
    (np.arange(8) < 3, np.array([0, 0, 1, 2, 2, 3, 4, 5]), np.array([0, 0, 1, 0, 0, 1, 1, 0])),
    (np.arange(4) < 1, np.array([0, 1, 1, 2]), np.zeros(4, dtype=np.int64)),
]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Any labels and groups, mixed ones and one class only among them."""
    n = draw(st.integers(1, 9))
    labels = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return np.array(labels), np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))), None


@settings(deadline=None)
@given(st.one_of(samples(), st.sampled_from(MATCHED)))
def test_every_exchangeable_labelling_is_there_once_and_the_observed_one_first(sample: Sample) -> None:
    labels, groups, sets = sample
    design = make_design(labels, groups, sets)
    rows = all_labels(design)
    assert rows.dtype == bool
    assert rows.shape == (count_labellings(design), len(labels))
    np.testing.assert_array_equal(rows[0], labels)
    written = [tuple(row) for row in rows.tolist()]
    assert len(set(written)) == len(written)
    assert set(written) == all_labellings(labels, groups, sets)


@pytest.mark.parametrize(("n_cases", "n_controls"), [(1, 4), (3, 5), (5, 3)])
def test_the_exact_p_value_is_the_share_of_all_choices_of_cases(n_cases: int, n_controls: int) -> None:
    n = n_cases + n_controls
    scores = np.random.default_rng(n).permutation(n).astype(float)
    labels = np.arange(n) < n_cases
    values = np.array([auc(row, scores) for row in all_labels(make_design(labels))])
    sums = [sum(scores[list(chosen)]) for chosen in combinations(range(n), n_cases)]
    expected = np.mean(np.array(sums) >= scores[labels].sum())
    assert exact_p(values[0], values) == expected
    known = mannwhitneyu(scores[labels], scores[~labels], alternative="greater", method="exact").pvalue
    assert exact_p(values[0], values) == pytest.approx(known)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_an_exact_p_value_holds_its_level_whichever_labelling_was_observed(values: list[int]) -> None:
    p = np.array([exact_p(value, np.array(values, dtype=float)) for value in values])
    for level in p:
        assert np.mean(p <= level) == pytest.approx(level)


def test_the_last_bit_of_a_sum_breaks_no_tie() -> None:
    assert exact_p(0.1 + 0.2, np.array([0.1 + 0.2, 0.3, 0.0])) == 2 / 3


@pytest.mark.parametrize("observed", [2.0, float("nan")])
def test_an_observed_value_that_is_none_of_all_values_is_an_error(observed: float) -> None:
    with pytest.raises(ValueError, match="none of the 3 values reaches the observed one"):
        exact_p(observed, np.array([0.0, 1.0, 0.5]))


def test_draws_come_ever_closer_to_the_exact_p_value() -> None:
    scores = np.array([4.0, 3.0, 1.0, 2.0, 5.0, 0.0, 2.5, 1.5])
    design = make_design(np.array([1, 1, 0, 0, 1, 0, 0, 0], dtype=bool), np.array([0, 0, 1, 1, 2, 3, 4, 5]))
    values = np.array([auc(row, scores) for row in all_labels(design)])
    drawn = draw_labels(np.random.default_rng(0), design, 4000)
    share = np.mean([auc(row, scores) >= values[0] for row in drawn])
    exact = exact_p(values[0], values)
    assert abs(share - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)
