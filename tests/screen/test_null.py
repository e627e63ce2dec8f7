"""The p-value of one statistic: exact where all labellings can be looked at, from draws elsewhere, and always valid."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.labellings import all_labellings
from scipy.stats import binom

from phenojax import stats
from phenojax.screen import null
from phenojax.screen.null import Method, NullTest

N_NULL = 200


class MeanDifference:
    """Cases have larger values; it counts how many labellings it was asked for."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values, self.asked = values, 0

    def __call__(self, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
        self.asked += len(labels)
        of_cases = (labels * self.values).sum(axis=1) / labels.sum(axis=1)
        of_controls = (~labels * self.values).sum(axis=1) / (~labels).sum(axis=1)
        return np.asarray(of_cases - of_controls)


def _test(statistic: Any, design: stats.Design, permutations: int = 1000, **settings: Any) -> NullTest:
    given = {"even": False, "sequential": False, "enumerate_up_to": 0, "seed": 0, "purpose": ("gene",)} | settings
    observed = float(statistic(design.labels[None, :])[0])
    return null.test_against_null(statistic, observed, design, permutations, **given)


def _matched(n_sets: int = 8, controls: int = 4) -> stats.Design:
    """A case and its controls in each set: 5 ** 8 labellings, more than anybody looks at one by one."""
    sets = np.repeat(np.arange(n_sets), controls + 1)
    labels = np.tile(np.arange(controls + 1) == 0, n_sets)
    return stats.make_design(labels, np.arange(len(labels)), sets)


def _values(design: stats.Design, effect: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=len(design.labels)) + effect * design.labels


def test_eight_and_eight_individuals_have_the_p_value_of_all_12870_labellings() -> None:
    design = stats.make_design(np.arange(16) < 8)
    statistic = MeanDifference(_values(design, 0.8))
    found = _test(statistic, design, permutations=100, enumerate_up_to=12_870)
    # labellings of one size are in the order of the sums of their cases
    observed = statistic.values[:8].sum()
    sums = np.array([statistic.values[list(cases)].sum() for cases in combinations(range(16), 8)])
    assert len(sums) == 12_870
    assert found.p_value == np.mean(sums >= observed - 1e-12)
    assert (found.method, found.n_labellings, found.min_p) == (Method.EXACT, 12_869, 1 / 12_870)
    assert found.tail is None


def test_groups_and_matched_sets_are_enumerated_as_the_rules_say() -> None:
    groups = np.array([0, 0, 1, 2, 3, 3, 4, 5, 5, 6])
    labels = np.array([1, 1, 0, 0, 1, 1, 0, 0, 1, 0], bool)
    sets = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    design = stats.make_design(labels, groups, sets)
    statistic = MeanDifference(np.random.default_rng(3).normal(size=10))
    found = _test(statistic, design, permutations=50)
    every = np.array(sorted(all_labellings(labels, groups, sets)))
    assert found.p_value == np.mean(statistic(every) >= statistic(labels[None, :])[0] - 1e-12)
    assert found.n_labellings == len(every) - 1
    assert found.method is Method.EXACT


@pytest.mark.parametrize(("permutations", "up_to"), [(252, 0), (10, 252), (10_000, 0)])
def test_all_labellings_are_looked_at_where_they_are_no_more_than_asked_for_or_allowed(
    permutations: int, up_to: int
) -> None:
    design = stats.make_design(np.arange(10) < 5)
    statistic = MeanDifference(_values(design, 0))
    assert _test(statistic, design, permutations, enumerate_up_to=up_to, sequential=True).method is Method.EXACT
    assert statistic.asked == 1 + 252, "the observed one by the test, then all"


def test_draws_are_made_where_there_are_more() -> None:
    design = stats.make_design(np.arange(10) < 5)
    statistic = MeanDifference(_values(design, 0))
    found = _test(statistic, design, 251, enumerate_up_to=251)
    assert (found.method, found.n_labellings, found.labels.shape) == (Method.DRAWS, 251, (251, 10))
    assert found.min_p == 1 / 252
    assert found.p_value == stats.permutation_p(statistic(design.labels[None, :])[0], statistic(found.labels))


@pytest.mark.parametrize("effect", [0.0, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_test_that_may_stop_says_what_the_fixed_one_says(effect: float, seed: int) -> None:
    design = _matched()
    statistic = MeanDifference(_values(design, effect, seed))
    fixed, early = (_test(statistic, design, seed=seed, sequential=sequential) for sequential in (False, True))
    assert fixed.method is Method.DRAWS
    assert (fixed.p_value > 0.05) == (early.p_value > 0.05)
    if early.method is Method.STOPPED:
        assert early.p_value > 0.05
        assert early.n_labellings < fixed.n_labellings
        assert early.p_value == 51 / early.n_labellings
        assert early.tail is None
    else:
        # the same labellings, whether they were drawn at once or in batches
        np.testing.assert_array_equal(early.labels, fixed.labels)
        assert (early.p_value, early.min_p, early.tail) == (fixed.p_value, fixed.min_p, fixed.tail)


def test_a_gene_without_effect_stops_and_one_with_does_not() -> None:
    design = _matched()
    none, strong = (MeanDifference(_values(design, effect)) for effect in (0.0, 2.0))
    assert _test(none, design, 10_000, sequential=True).method is Method.STOPPED
    assert none.asked < 5_000
    assert _test(strong, design, 1000, sequential=True).method is Method.DRAWS
    assert strong.asked == 1001


@pytest.mark.parametrize(
    ("design", "settings"),
    [
        (stats.make_design(np.arange(9) < 4), {"enumerate_up_to": 1000}),
        (_matched(), {"permutations": 199}),
        (_matched(), {"permutations": 199, "sequential": True}),
    ],
    ids=["exact", "draws", "stopped"],
)
def test_p_is_uniform_where_there_is_no_effect(design: stats.Design, settings: dict[str, Any]) -> None:
    tests = (_test(MeanDifference(_values(design, 0, s)), design, seed=s, **settings) for s in range(N_NULL))
    p = np.array([found.p_value for found in tests])
    for level in (0.05, 0.2, 0.5):
        # each end is passed by fewer than one honest run in 2000
        low, high = binom.ppf([1 / 2000, 1 - 1 / 2000], N_NULL, level)
        assert low <= np.sum(p <= level) <= high


def test_the_tail_is_fitted_to_a_strong_effect_and_is_never_below_one_labelling() -> None:
    design = _matched(n_sets=5, controls=4)
    assert stats.count_labellings(design) == 3125
    fitted = 0
    for seed in range(12):
        found = _test(MeanDifference(_values(design, 3.0, seed)), design, seed=seed)
        assert found.p_value >= found.min_p == 1 / 1001
        if isinstance(found.tail, stats.TailFit):
            fitted += 1
            assert 1 / 3125 <= found.tail.p <= 0.05
            assert found.tail.fit_p >= 0.05
    assert fitted > 0


def test_draws_with_replacement_do_not_fall_below_what_few_labellings_allow() -> None:
    design = stats.make_design(np.arange(10) < 5)
    statistic = MeanDifference(np.arange(10.0)[::-1])
    found = _test(statistic, design, 251)
    assert found.p_value >= found.min_p


def test_one_seed_and_name_give_one_test_and_others_another() -> None:
    design = _matched()
    statistic = MeanDifference(_values(design, 0.5))
    first, again = _test(statistic, design), _test(statistic, design)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.p_value == again.p_value
    for other in ({"seed": 1}, {"purpose": ("another gene",)}):
        assert not np.array_equal(_test(statistic, design, **other).labels, first.labels)


def test_a_statistic_that_does_not_know_which_class_is_which_takes_every_value_twice() -> None:
    design = stats.make_design(np.arange(8) < 4)

    def apart(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.abs(MeanDifference(np.arange(float(labels.shape[1])))(labels))

    found = _test(apart, design, enumerate_up_to=70, even=True)
    assert found.p_value == found.min_p == 2 / 70
    assert _test(apart, stats.make_design(np.arange(8) < 3), even=True).min_p == 1 / 56
    assert _test(apart, _matched(), even=True).min_p == 1 / 1001
