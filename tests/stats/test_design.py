"""Relabellings are those that are as likely as the observed one: groups move whole, matched groups among themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.labellings import all_labellings
from scipy.stats import chisquare

from phenojax.stats import Design, auc, count_labellings, deal_folds, draw_labels, make_design


class Sample(NamedTuple):
    labels: NDArray[np.bool_]
    groups: NDArray[np.int64]
    sets: NDArray[np.int64] | None
    strata: NDArray[np.int64] | None = None

    @property
    def design(self) -> Design:
        return make_design(*self)


@st.composite
def samples(draw: st.DrawFn, most: int = 8) -> Sample:
    """Any labels and groups, mixed groups among them; nobody matched."""
    n = draw(st.integers(2, most))
    labels = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    groups = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=np.int64)
    return Sample(labels, groups, None)


@st.composite
def matched_samples(draw: st.DrawFn, most: int = 8) -> Sample:
    """Case groups, and controls of other groups matched to one case each."""
    case_groups = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))
    n_cases = len(case_groups)
    controls = draw(st.lists(st.tuples(st.integers(3, 6), st.integers(0, n_cases - 1)), max_size=most - n_cases))
    labels = np.arange(n_cases + len(controls)) < n_cases
    groups = np.array(case_groups + [group for group, _ in controls], dtype=np.int64)
    return Sample(labels, groups, np.array([*range(n_cases), *(case for _, case in controls)], dtype=np.int64))


@st.composite
def stratified(draw: st.DrawFn, of: st.SearchStrategy[Sample]) -> Sample:
    """The same with two strata that groups may span."""
    sample = draw(of)
    n = len(sample.labels)
    return sample._replace(strata=np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=np.int64))


@st.composite
def sets_with_controls(draw: st.DrawFn) -> Sample:
    """Two to four case groups of one to three cases, each with a control group of its own and perhaps more."""
    n_sets = draw(st.integers(2, 4))
    cases = [s for s in range(n_sets) for _ in range(draw(st.integers(1, 3)))]
    first = {s: cases.index(s) for s in range(n_sets)}
    controls = [(10 + s, first[s]) for s in range(n_sets) for _ in range(draw(st.integers(1, 3)))]
    controls += draw(st.lists(st.tuples(st.integers(20, 23), st.integers(0, len(cases) - 1)), max_size=6))
    labels = np.arange(len(cases) + len(controls)) < len(cases)
    groups = np.array(cases + [group for group, _ in controls], dtype=np.int64)
    return Sample(labels, groups, np.array([*range(len(cases)), *(case for _, case in controls)], dtype=np.int64))


unstratified = st.one_of(samples(), matched_samples())
any_sample = st.one_of(unstratified, stratified(unstratified))
mostly_dealable = st.one_of(
    sets_with_controls(), stratified(sets_with_controls()), samples(14), stratified(samples(14))
)


def _expected(sample: Sample) -> set[tuple[bool, ...]]:
    """By definition; matched sets whose cases share a group are one set."""
    if sample.sets is None:
        return all_labellings(*sample)
    group_of_case = sample.groups[: int(sample.labels.sum())]
    return all_labellings(sample.labels, sample.groups, group_of_case[sample.sets], sample.strata)


@settings(deadline=None)
@given(any_sample)
def test_there_are_as_many_labellings_as_can_be_written_down(sample: Sample) -> None:
    expected = _expected(sample)
    assert tuple(sample.labels.tolist()) in expected
    assert count_labellings(sample.design) == len(expected)


@settings(deadline=None)
@given(any_sample, st.integers(0, 1000))
def test_only_exchangeable_labellings_are_drawn(sample: Sample, seed: int) -> None:
    drawn = draw_labels(np.random.default_rng(seed), sample.design, 30)
    assert drawn.shape == (30, len(sample.labels))
    assert {tuple(row) for row in drawn.tolist()} <= _expected(sample)


@given(any_sample)
def test_the_number_of_cases_stays_in_every_group_that_holds_both(sample: Sample) -> None:
    design = sample.design
    for row in draw_labels(np.random.default_rng(0), design, 20):
        assert row[design.is_mixed[design.groups]].sum() == sample.labels[design.is_mixed[design.groups]].sum()
        case_groups = np.unique(design.groups[row])
        assert len(case_groups) == design.has_case.sum()


UNIFORM = {
    "every individual a group": Sample(np.array([1, 1, 0, 0, 0, 0], dtype=bool), np.arange(6), None),
    "groups of unlike size": Sample(np.array([1, 1, 1, 0, 0, 0, 0], dtype=bool), np.array([7, 7, 5, 3, 3, 1, 0]), None),
    "a mixed group": Sample(np.array([1, 0, 0, 1, 0, 0, 0], dtype=bool), np.array([0, 0, 0, 1, 2, 3, 3]), None),
    "matched groups": Sample(
        np.array([1, 1, 0, 0, 0, 0, 0], dtype=bool), np.arange(7), np.array([0, 1, 0, 0, 1, 1, 1])
    ),
    "two draws of controls": Sample(
        np.array([1, 1, 0, 0, 0, 0, 0, 0], dtype=bool), np.arange(8), np.array([0, 1, 0, 1, 0, 1, 0, 1])
    ),
    "two strata": Sample(
        np.array([1, 0, 0, 1, 0, 0, 0], dtype=bool), np.arange(7), None, np.array([0, 0, 0, 1, 1, 1, 1])
    ),
    "strata inside a mixed group": Sample(
        np.array([1, 0, 0, 1, 0, 1, 0, 0], dtype=bool), np.zeros(8, dtype=np.int64), None, np.array([0] * 4 + [1] * 4)
    ),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_all_labellings_are_equally_likely(name: str) -> None:
    sample = UNIFORM[name]
    expected = sorted(_expected(sample))
    drawn = draw_labels(np.random.default_rng(5), sample.design, 400 * len(expected))
    counts = dict.fromkeys(expected, 0)
    for row in drawn.tolist():
        counts[tuple(row)] += 1
    assert 3 < len(expected) < 30
    assert chisquare(list(counts.values())).pvalue > 0.01


def test_controls_swap_with_the_case_they_were_matched_to() -> None:
    labels = np.array([1, 1, 0, 0, 0, 0], dtype=bool)
    sets = np.array([0, 1, 0, 0, 1, 1])
    drawn = draw_labels(np.random.default_rng(0), make_design(labels, None, sets), 200)
    assert (drawn[:, sets == 0].sum(axis=1) == 1).all()
    assert (drawn[:, sets == 1].sum(axis=1) == 1).all()
    free = draw_labels(np.random.default_rng(0), make_design(labels), 200)
    assert set(free[:, sets == 0].sum(axis=1).tolist()) == {0, 1, 2}


def test_the_names_of_groups_do_not_matter() -> None:
    labels = np.array([1, 1, 0, 0, 0], dtype=bool)
    a = make_design(labels, np.array([0, 0, 1, 2, 2]))
    b = make_design(labels, np.array([10, 10, 700, 10**9, 10**9]))
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_group_that_spans_strata_or_matched_sets_is_where_most_of_its_members_are() -> None:
    labels = np.array([1, 1, 0, 0, 0, 0, 0], dtype=bool)
    groups = np.array([0, 1, 2, 2, 2, 3, 3])
    design = make_design(labels, groups, np.array([0, 1, 0, 1, 1, 0, 1]))
    assert design.blocks.tolist() == [0, 1, 1, 0]  # of two halves the first
    strata = make_design(labels, groups, None, np.array([5, 7, 5, 7, 7, 7, 7])).blocks
    assert strata[0] != strata[1]
    assert strata[1:].tolist() == [strata[1]] * 3


def test_labels_never_leave_their_stratum() -> None:
    sex = np.arange(12) % 2
    labels = np.isin(np.arange(12), [0, 1, 2, 4])
    drawn = draw_labels(np.random.default_rng(0), make_design(labels, None, None, sex), 300)
    assert set(drawn[:, sex == 0].sum(axis=1).tolist()) == {3}
    assert set(drawn[:, sex == 1].sum(axis=1).tolist()) == {1}


def _deal(design: Design, k: int, seed: int) -> NDArray[np.int8]:
    """One deal, if the design allows one."""
    try:
        return deal_folds(np.random.default_rng(seed), design, k)
    except ValueError:
        assume(False)
        raise


@settings(deadline=None)
@given(st.one_of(sets_with_controls(), stratified(sets_with_controls())), st.integers(2, 5), st.integers(0, 1000))
def test_under_every_labelling_every_fold_of_matched_sets_holds_both_classes(sample: Sample, k: int, seed: int) -> None:
    design = sample.design
    folds = _deal(design, k, seed)
    assert design.matched is not None
    n_folds = min(k, int((np.bincount(design.matched) > 1).sum()))
    assert n_folds > 1
    assert set(folds.tolist()) == set(range(n_folds))
    for row in draw_labels(np.random.default_rng(seed), design, 20):
        case_groups = np.unique(design.groups[row])
        assert sorted(design.matched[case_groups].tolist()) == sorted(np.unique(design.matched).tolist())
        for fold in range(n_folds):
            assert set(row[folds == fold].tolist()) == {True, False}
            assert set(row[folds != fold].tolist()) == {True, False}


@settings(deadline=None)
@given(mostly_dealable, st.integers(2, 5), st.integers(0, 1000))
def test_a_group_and_a_matched_set_are_in_one_fold(sample: Sample, k: int, seed: int) -> None:
    design = sample.design
    folds = _deal(design, k, seed)
    pairs = set(zip(design.groups.tolist(), folds.tolist(), strict=True))
    assert len(pairs) == design.n_groups
    if design.matched is not None and (np.bincount(design.matched) > 1).sum() > 1:
        by_set = {(int(design.matched[group]), fold) for group, fold in pairs}
        assert len(by_set) == len(np.unique(design.matched))
        sizes = np.bincount([fold for _, fold in by_set])
        assert sizes.max() - sizes.min() <= 1
    else:
        assert len(set(folds.tolist())) == design.n_groups


@settings(deadline=None)
@given(mostly_dealable, st.integers(2, 5), st.integers(0, 1000))
def test_folds_do_not_look_at_the_labels(sample: Sample, k: int, seed: int) -> None:
    """Whichever of the exchangeable labellings had been observed, the folds would be the same."""
    design = sample.design
    folds = _deal(design, k, seed)
    for row in draw_labels(np.random.default_rng(seed), design, 5):
        sets = None
        if design.matched is not None:  # the matched set of a relabelled sample is named by its new case
            sets = design.matched[design.groups]
        relabelled = make_design(row, sample.groups, sets, sample.strata)
        again = deal_folds(np.random.default_rng(seed), relabelled, k)
        np.testing.assert_array_equal(again, folds)


@pytest.mark.parametrize("name", ["matched groups", "two draws of controls", "two strata", "groups of unlike size"])
def test_of_all_labellings_that_could_have_been_observed_no_more_than_p_have_p(name: str) -> None:
    """The whole test by brute force, the folds dealt from each labelling as if it were the observed one.

    Two draws of controls are one sample: what swaps with a case are the controls of both.
    """
    sample = UNIFORM[name]
    sets = None if sample.sets is None else sample.design.matched[sample.design.groups]  # type: ignore[index]
    labellings = np.array(sorted(_expected(sample)))
    kernel = np.random.default_rng(8).normal(size=(len(sample.labels),) * 2)
    statistics = []
    for row in labellings:
        folds = deal_folds(np.random.default_rng(4), make_design(row, sample.groups, sets, sample.strata), 3)
        trained = folds[:, None] != folds[None, :]
        scores = [kernel[i, trained[i] & row].sum() - kernel[i, trained[i] & ~row].sum() for i in range(len(row))]
        statistics.append(auc(row, np.array(scores)))
    p = np.array([np.mean(np.array(statistics) >= value) for value in statistics])
    for level in np.unique(p):
        assert np.mean(p <= level) == pytest.approx(level)


@given(stratified(samples(12)), st.integers(0, 1000))
def test_the_order_of_individuals_changes_no_block_and_no_fold(sample: Sample, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(sample.labels))
    design = sample.design
    assert sample.strata is not None
    shuffled = make_design(sample.labels[order], sample.groups[order], None, sample.strata[order])
    np.testing.assert_array_equal(shuffled.blocks, design.blocks)
    np.testing.assert_array_equal(_deal(shuffled, 3, seed), _deal(design, 3, seed)[order])


@pytest.mark.parametrize(("n_groups", "n_folds"), [(5, 5), (128, 128), (129, 10), (300, 10)])
def test_nobody_is_matched_and_every_group_is_left_out_once_while_they_are_few(n_groups: int, n_folds: int) -> None:
    groups = np.repeat(np.arange(n_groups), 2)
    design = make_design(groups % 3 == 0, groups)
    folds = deal_folds(np.random.default_rng(0), design, 10)
    assert folds.dtype == np.int8
    sizes = np.bincount(folds)
    assert len(sizes) == n_folds
    assert sizes.max() - sizes.min() <= 2


def test_matched_sets_are_dealt_at_random() -> None:
    labels = np.arange(20) < 4
    design = make_design(labels, None, np.arange(20) % 4)
    deals = {tuple(deal_folds(np.random.default_rng(seed), design, 2).tolist()) for seed in range(60)}
    assert len(deals) == 6  # four sets, two to a fold; which fold is called 0 counts


def test_a_case_group_without_controls_joins_the_fold_of_one_that_has_some() -> None:
    labels = np.array([1, 1, 1, 0, 0], dtype=bool)
    design = make_design(labels, None, np.array([0, 1, 2, 0, 1]))
    folds = deal_folds(np.random.default_rng(0), design, 5)
    assert folds[3] == folds[0] != folds[1] == folds[4]
    assert folds[2] in (0, 1)


def test_controls_that_all_belong_to_one_case_are_left_out_one_by_one() -> None:
    design = make_design(np.array([1, 1, 0, 0], dtype=bool), None, np.array([0, 1, 0, 0]))
    assert len(set(deal_folds(np.random.default_rng(0), design, 5).tolist())) == 4


@pytest.mark.parametrize(
    ("sample", "k", "message"),
    [
        (UNIFORM["every individual a group"], 1, "folds must be 2 to 128, not 1"),
        (UNIFORM["every individual a group"], 129, "folds must be 2 to 128, not 129"),
        (Sample(np.array([1, 0, 0], dtype=bool), np.arange(3), None), 2, "each come from at least two groups"),
        (Sample(np.ones(4, dtype=bool), np.arange(4), np.arange(4)), 2, "each come from at least two groups"),
        (
            Sample(np.array([1, 1, 0, 0], dtype=bool), np.arange(4), None, np.array([0, 0, 1, 1])),
            2,
            "no other labelling is possible: every stratum",
        ),
    ],
)
def test_a_design_that_can_say_nothing_is_refused(sample: Sample, k: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        deal_folds(np.random.default_rng(0), sample.design, k)


@settings(deadline=None)
@given(mostly_dealable, st.integers(2, 5), st.integers(2, 5), st.integers(0, 1000))
def test_there_are_never_more_folds_than_most_and_none_is_empty(sample: Sample, k: int, most: int, seed: int) -> None:
    design = sample.design
    try:
        folds = deal_folds(np.random.default_rng(seed), design, k, most)
    except ValueError:
        assume(False)
        raise
    assert set(folds.tolist()) == set(range(folds.max() + 1))
    assert 2 <= folds.max() + 1 <= most
    assert len(set(zip(design.groups.tolist(), folds.tolist(), strict=True))) == design.n_groups


def test_groups_that_are_too_many_to_be_left_out_one_by_one_are_dealt_evenly_and_at_random() -> None:
    design, rng = make_design(np.arange(12) < 4), np.random.default_rng(2)
    dealt = np.stack([deal_folds(rng, design, 4, most=11) for _ in range(4000)])
    assert {tuple(np.bincount(row, minlength=4)) for row in dealt} == {(3, 3, 3, 3)}
    counts = [np.bincount(dealt[:, individual], minlength=4) for individual in range(12)]
    assert min(chisquare(count).pvalue for count in counts) > 0.001


@pytest.mark.parametrize("most", [1, 129])
def test_most_folds_are_2_to_128(most: int) -> None:
    with pytest.raises(ValueError, match=rf"folds must be 2 to 128, not 5 \(at most {most}\)"):
        deal_folds(np.random.default_rng(0), UNIFORM["every individual a group"].design, 5, most)
