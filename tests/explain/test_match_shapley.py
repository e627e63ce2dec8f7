"""A weighted sum of similarities is shared among the terms of an individual, exactly, whatever their number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import shapley as plain
from reference.random_sets import Case, cases, large_case, make_graph

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.explain import match_contributions
from phenojax.similarity import set_similarity, term_matrix
from phenojax.similarity.shapley import AVERAGES

combiners = st.sampled_from(AVERAGES)


@st.composite
def scores(draw: st.DrawFn) -> tuple[Case, list[list[int]], list[float]]:
    """Sets of up to six terms, a few others, and what each counts."""
    case = draw(cases(max_rows=4))
    others = draw(st.lists(st.lists(st.integers(0, case.ontology.n_terms - 1), max_size=5), max_size=5))
    return case, others, draw(st.lists(st.floats(-3, 3), min_size=len(others), max_size=len(others)))


@settings(deadline=None)
@given(scores(), combiners)
def test_they_are_what_the_definition_says_over_all_subsets(
    score: tuple[Case, list[list[int]], list[float]], combine: str
) -> None:
    case, others, coefficients = score
    found = match_contributions(case.ontology, case.ic, case.sets, csr_from_rows(others), coefficients, combine=combine)
    for r, terms in enumerate(case.rows):
        game = plain.match_game(case.ontology.parents, case.ic.tolist(), terms, others, coefficients, combine)
        entries = slice(found.offsets[r], found.offsets[r + 1])
        shapley, left_out = plain.over_subsets(len(terms), game), plain.leave_one_out(len(terms), game)
        np.testing.assert_allclose(found.shapley[entries], shapley, rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(found.leave_one_out[entries], left_out, rtol=1e-6, atol=1e-5)
    assert found.base == 0.0
    assert not found.standard_error.any()


def large_score() -> tuple[Case, Csr, Csr, NDArray[np.float64]]:
    case = large_case(4, n_terms=600, n_sets=90)
    sets, others = case.sets.take(range(30)), case.sets.take(range(30, 90))
    return case, sets, others, np.random.default_rng(3).normal(size=(30, 60))


@pytest.mark.parametrize("measure", ["resnik", "lin", "jiang_conrath", "wang"])
@pytest.mark.parametrize("combine", AVERAGES)
def test_the_total_is_the_sum_of_the_similarities(measure: str, combine: str) -> None:
    case, sets, others, coefficients = large_score()
    found = match_contributions(case.ontology, case.ic, sets, others, coefficients, measure=measure, combine=combine)
    alike = set_similarity(case.ontology, case.ic, sets, others, combine, measure=measure)
    np.testing.assert_allclose(found.total, (alike * coefficients).sum(axis=1), rtol=1e-4, atol=1e-4)
    given_away = np.add.reduceat(np.append(found.shapley, 0.0), found.offsets[:-1])[sets.lengths > 0]
    np.testing.assert_allclose(given_away, found.total[sets.lengths > 0], rtol=1e-10, atol=1e-10)


def test_random_orders_of_many_terms_lead_there() -> None:
    # Row maxima do not depend on who came before, column maxima run along the order.
    case, sets, others, coefficients = large_score()
    r = int(np.argmax(sets.lengths))
    terms, some = sets.row(r), others.take([j for j in range(60) if others.lengths[j]])
    weights = coefficients[r, : some.n_rows]
    found = match_contributions(case.ontology, case.ic, sets.take([r]), some, weights)
    matches = term_matrix(case.ontology, case.ic, terms, some.indices).astype(np.float64)
    k, m = len(terms), some.lengths
    row_maxima = np.maximum.reduceat(matches, some.offsets[:-1], axis=1)
    rng, drawn = np.random.default_rng(0), []
    for _ in range(3000):
        order = rng.permutation(k)
        running = np.add.reduceat(np.maximum.accumulate(matches[order], axis=0), some.offsets[:-1], axis=1)
        so_far = (np.cumsum(row_maxima[order], axis=0) + running) / (np.arange(1, k + 1)[:, None] + m)
        added = np.empty(k)
        added[order] = np.diff(so_far @ weights, prepend=0.0)
        drawn.append(added)
    z = (found.shapley - np.mean(drawn, axis=0)) / (np.std(drawn, axis=0, ddof=1) / np.sqrt(len(drawn)))
    assert k > 20
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=0.5)


def test_coefficients_of_each_set_are_those_of_each_alone() -> None:
    case, sets, others, coefficients = large_score()
    together = match_contributions(case.ontology, case.ic, sets, others, coefficients, threads=3)
    for r in range(sets.n_rows):
        alone = match_contributions(case.ontology, case.ic, sets.take([r]), others, coefficients[r], threads=1)
        entries = slice(together.offsets[r], together.offsets[r + 1])
        assert alone.shapley.tolist() == together.shapley[entries].tolist()
        assert alone.leave_one_out.tolist() == together.leave_one_out[entries].tolist()


def test_nobody_to_compare_with_and_nothing_to_explain_are_fine() -> None:
    ontology = make_graph([[], [0]])
    found = match_contributions(ontology, [0, 1], csr_from_rows([[1, 0], []]), csr_from_rows([[], []]), [1.0, 2.0])
    assert found.shapley.tolist() == [0.0, 0.0]
    assert found.total.tolist() == [0.0, 0.0]
    assert match_contributions(ontology, [0, 1], csr_from_rows([[1]]), csr_from_rows([]), []).total.tolist() == [0.0]


def test_arguments_out_of_their_range_are_refused() -> None:
    ontology, sets = make_graph([[], [0]]), csr_from_rows([[0, 1]])
    with pytest.raises(ConfigError, match=r"coefficients must have shape \(1,\), not \(2,\)"):
        match_contributions(ontology, [0, 1], sets, sets, [1.0, 2.0])
    with pytest.raises(ConfigError, match=r"coefficients must have shape \(1, 1\), not \(2, 1\)"):
        match_contributions(ontology, [0, 1], sets, sets, [[1.0], [2.0]])
    with pytest.raises(ConfigError, match="combine must be one of bma, funsim_avg, a_to_b, b_to_a"):
        match_contributions(ontology, [0, 1], sets, sets, [1.0], combine="hausdorff")
    with pytest.raises(ConfigError, match="simgic compares sets, not terms"):
        match_contributions(ontology, [0, 1], sets, sets, [1.0], measure="simgic")
