"""What an explanation calls important is taken away, and the score falls faster than by chance, or it does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import shapley as plain
from reference.random_sets import Case, cases, large_case

from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.explain import (
    DeletionScores,
    deletion_curve,
    deletion_scores,
    kept_terms_score,
    term_contributions,
)

STEPS = np.arange(7)


def additive(worth: NDArray[np.float64]):
    return lambda kept: kept @ worth


def test_by_hand() -> None:
    found = deletion_scores(additive(np.array([1.0, 4.0, 2.0])), [0.1, 0.9, 0.4], [0, 1, 2, 3], draws=50)
    assert found.guided.tolist() == [7.0, 3.0, 1.0, 0.0]
    assert found.random.shape == (50, 4)
    assert set(found.random[:, 1].tolist()) == {6.0, 3.0, 5.0}
    assert (found.random[:, [0, 3]] == [7.0, 0.0]).all()
    curve = deletion_curve([found.guided], [found.random], [0, 1, 2, 3])
    assert curve.guided.tolist() == found.guided.tolist()
    # the trapezoids under 7, 3, 1, 0, and under the mean of the draws
    assert curve.areas[0] == pytest.approx(np.mean(found.random @ [0.5, 1, 1, 0.5]) / 3 - (3.5 + 3 + 1) / 3)
    assert np.isnan(curve.area_low)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_the_true_order_of_a_sum_lies_below_every_other(worth: list[float]) -> None:
    values = np.array(worth)
    found = deletion_scores(additive(values), values, np.arange(len(values) + 1), draws=20)
    assert (found.random >= found.guided - 1e-9).all()


@settings(deadline=None)
@given(cases(max_rows=1), st.data())
def test_terms_that_are_kept_score_as_plain_loops_say(case: Case, data: st.DataObject) -> None:
    terms = case.rows[0] if case.rows else [0]
    values = np.linspace(-1.0, 2.0, case.ontology.n_terms)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(terms), max_size=len(terms))), dtype=bool)
    score = kept_terms_score(case.ontology, case.ic, values, terms, empty=0.25)
    game = plain.closure_game(case.ontology.parents, case.ic.tolist(), values.tolist(), terms, 0.25)
    found = score(kept[None])
    assert found[0] == pytest.approx(game(tuple(np.flatnonzero(kept).tolist())), rel=1e-9)


def explained(n_sets: int, *, shuffled: bool = False, seed: int = 0) -> tuple[list[DeletionScores], NDArray[np.int64]]:
    """Deletion scores of individuals by their own Shapley values, or by those of another of their terms."""
    case = large_case(9, n_terms=500, n_sets=200)
    rows = [row for row in case.rows if len(row) >= 6][:n_sets]
    rng = np.random.default_rng(seed)
    values = case.ic * rng.normal(size=500)
    found = term_contributions(case.ontology, case.ic, values, csr_from_rows(rows), orders=100, exact_up_to=6)
    scores = []
    for r, row in enumerate(rows):
        importance = found.shapley[found.offsets[r] : found.offsets[r + 1]]
        if shuffled:
            importance = rng.permutation(importance)
        score = kept_terms_score(case.ontology, case.ic, values, row)
        scores.append(deletion_scores(score, importance, STEPS, draws=39, seed=seed, purpose=str(r)))
    return scores, np.arange(len(rows)) // 3


def test_shapley_values_find_the_terms_that_a_score_rests_on() -> None:
    scores, groups = explained(40)
    curve = deletion_curve([s.guided for s in scores], [s.random for s in scores], STEPS, groups=groups)
    assert curve.p_value == 1 / 40
    assert 0 < curve.area_low < curve.area < curve.area_high
    assert (curve.guided[1:-1] < curve.random_low[1:-1]).all()
    assert (curve.random_low[1:] < curve.random[1:]).all()
    assert (curve.random[1:] < curve.random_high[1:]).all()
    assert curve.guided[0] == pytest.approx(curve.random[0])


def test_an_order_that_means_nothing_is_called_at_its_rate() -> None:
    p = []
    for seed in range(60):
        scores, _ = explained(5, shuffled=True, seed=seed)
        p.append(deletion_curve([s.guided for s in scores], [s.random for s in scores], STEPS).p_value)
    # 60 uniform values: mean .5 with a standard error of .037
    assert np.mean(p) == pytest.approx(0.5, abs=0.13)
    assert np.mean(np.array(p) <= 0.2) == pytest.approx(0.2, abs=0.16)


def test_groups_that_agree_within_themselves_widen_the_interval() -> None:
    areas = np.repeat(np.random.default_rng(0).normal(size=20), 10)
    guided = np.stack([-areas, -areas], axis=1)
    random = np.zeros((200, 5, 2))
    alone, together = (
        deletion_curve(guided, random, [0, 1], groups=groups) for groups in (None, np.repeat(np.arange(20), 10))
    )
    np.testing.assert_allclose(alone.areas, areas)
    wide, narrow = together.area_high - together.area_low, alone.area_high - alone.area_low
    assert wide / narrow == pytest.approx(np.sqrt(10), rel=0.25)


def test_batches_and_company_change_no_number() -> None:
    worth = np.random.default_rng(1).normal(size=9)
    sizes = []

    def score(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        sizes.append(len(kept))
        return (kept * worth).sum(axis=1)

    whole = deletion_scores(score, worth, [0, 3, 9], draws=10, purpose="a")
    parts = deletion_scores(score, worth, [0, 3, 9], draws=10, purpose="a", batch=7)
    assert sizes == [33, 7, 7, 7, 7, 5]
    assert whole.guided.tolist() == parts.guided.tolist()
    assert whole.random.tolist() == parts.random.tolist()
    assert deletion_scores(score, worth, [0, 3, 9], draws=10, purpose="b").random.tolist() != whole.random.tolist()


def test_arguments_out_of_their_range_are_refused() -> None:
    score = additive(np.ones(2))
    with pytest.raises(ConfigError, match="removed must be from 0 to 2, not 3"):
        deletion_scores(score, [1, 2], [0, 3])
    with pytest.raises(ConfigError, match="draws must be a positive integer, not 0"):
        deletion_scores(score, [1, 2], [0, 1], draws=0)
    with pytest.raises(ConfigError, match="batch must be a positive integer, not 0"):
        deletion_scores(score, [1, 2], [0, 1], batch=0)
    with pytest.raises(ConfigError, match=r"what score gives must have shape \(202,\), not \(1,\)"):
        deletion_scores(lambda kept: [1.0], [1, 2], [0, 1])
    with pytest.raises(ConfigError, match="what score gives must be finite"):
        deletion_scores(lambda kept: np.full(len(kept), np.nan), [1, 2], [0, 1])
    with pytest.raises(ConfigError, match="two or more rising steps"):
        deletion_curve([[1, 2]], [[[1, 2]]], [1, 1])
    with pytest.raises(ConfigError, match=r"guided must have shape \(any, 2\)"):
        deletion_curve([[1, 2, 3]], [[[1, 2]]], [0, 1])
    with pytest.raises(ConfigError, match=r"random must have shape \(1, any, 2\)"):
        deletion_curve([[1, 2]], [[1, 2]], [0, 1])
    with pytest.raises(ConfigError, match="a row for one individual"):
        deletion_curve(np.empty((0, 2)), np.empty((0, 1, 2)), [0, 1])
    with pytest.raises(ConfigError, match=r"groups must have shape \(1,\)"):
        deletion_curve([[1, 2]], [[[1, 2]]], [0, 1], groups=[0, 1])
