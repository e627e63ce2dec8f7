"""A term is tested with its descendants, by Fisher's exact test, commoner among the cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact, norm

import phenojax
from phenojax._csr import Csr, csr_from_rows
from phenojax.explain import compare_terms, term_counts

SEIZURE, FOCAL_SEIZURE = "HP:0001250", "HP:0007359"
PHENOTYPIC_ABNORMALITY = "HP:0000118"
tables = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(1, 30), st.lists(st.tuples(st.integers(0, n), st.floats(0, 1))))
)


@given(tables)
def test_each_term_is_tested_by_fishers_exact_test(table: tuple[int, int, list[tuple[int, float]]]) -> None:
    n_cases, n_controls, rows = table
    cases = np.array([a for a, _ in rows], dtype=np.int64)
    controls = np.array([round(share * n_controls) for _, share in rows], dtype=np.int64)
    found = compare_terms(cases, n_cases, controls, n_controls, len(rows))
    assert sorted(found.term_idx.tolist()) == np.flatnonzero(cases).tolist()
    np.testing.assert_array_equal(found.case_count, cases[found.term_idx])
    np.testing.assert_array_equal(found.control_count, controls[found.term_idx])
    for t, p, odds in zip(found.term_idx, found.p_value, found.odds_ratio, strict=True):
        a, c = int(cases[t]), int(controls[t])
        expected = fisher_exact([[a, n_cases - a], [c, n_controls - c]], alternative="greater")
        assert p == pytest.approx(expected.pvalue, rel=1e-7)
        assert odds == pytest.approx((a + 0.5) * (n_controls - c + 0.5) / ((n_cases - a + 0.5) * (c + 0.5)))
        corrected = np.array([a, n_cases - a, c, n_controls - c]) + 0.5
        interval = np.log(odds) + norm.ppf([0.025, 0.975]) * np.sqrt((1 / corrected).sum())
        row = found.term_idx.tolist().index(t)
        np.testing.assert_allclose([found.odds_low[row], found.odds_high[row]], np.exp(interval), rtol=1e-9)
    if len(found.p_value):
        np.testing.assert_allclose(found.q_value, false_discovery_control(found.p_value), rtol=1e-9)


def test_the_most_significant_come_first_and_the_rest_is_cut_after_correction() -> None:
    cases, controls = np.array([5, 1, 0, 5, 3]), np.array([0, 10, 10, 5, 0])
    whole, cut = (compare_terms(cases, 5, controls, 20, most) for most in (10, 2))
    assert (np.diff(whole.p_value) >= 0).all()
    assert whole.term_idx[0] == 0
    assert len(whole.term_idx) == 4
    for kept, everything in zip(cut, whole, strict=True):
        np.testing.assert_array_equal(kept, everything[:2])


def test_a_term_that_no_case_has_is_no_explanation() -> None:
    assert len(compare_terms(np.zeros(3, int), 5, np.array([4, 0, 1]), 20, 10).term_idx) == 0


def test_a_child_counts_for_its_parent_and_a_parent_not_for_its_child() -> None:
    ontology = phenojax.load_ontology()
    assert SEIZURE in ontology.ancestors(FOCAL_SEIZURE)
    seizure, focal, root = (ontology.index(t) for t in (SEIZURE, FOCAL_SEIZURE, PHENOTYPIC_ABNORMALITY))
    observed = csr_from_rows([[focal], [seizure], [focal], []])
    closures = Csr(*ontology.graph.closures(*observed))
    counts = term_counts(closures, ontology.n_terms, np.array([0, 1, 3]))
    assert [counts[t] for t in (focal, seizure, root)] == [1, 2, 2]
    # both observed in one individual: counted once
    both = Csr(*ontology.graph.closures(*csr_from_rows([sorted([seizure, focal])])))
    assert term_counts(both, ontology.n_terms, np.array([0]))[seizure] == 1


def test_seizure_counts_its_descendants_by_the_graph_and_not_by_their_names() -> None:
    ontology = phenojax.load_ontology()
    below = [SEIZURE, *ontology.descendants(SEIZURE)]
    unlike = next(t for t in below if "seizure" not in ontology.label(t).lower())
    alike = next(t for t in ontology.term_ids if "seizure" in ontology.label(t).lower() and t not in below)
    seizure = ontology.index(SEIZURE)
    observed = csr_from_rows([[ontology.index(unlike)], [ontology.index(alike)]])
    closures = Csr(*ontology.graph.closures(*observed))
    cases, controls = (term_counts(closures, ontology.n_terms, np.array([row])) for row in (0, 1))
    found = compare_terms(cases, 1, controls, 1, ontology.n_terms)
    row = found.term_idx.tolist().index(seizure)
    assert (found.case_count[row], found.control_count[row]) == (1, 0)


@given(st.integers(1, 40), st.integers(1, 60), st.data())
def test_the_interval_holds_the_odds_ratio_and_narrows_with_more_of_the_same(
    n: int, m: int, data: st.DataObject
) -> None:
    a, c = data.draw(st.integers(1, n)), data.draw(st.integers(0, m))
    once, tenfold = (compare_terms(np.array([a * k]), n * k, np.array([c * k]), m * k, 1) for k in (1, 10))
    assert once.odds_low[0] < once.odds_ratio[0] < once.odds_high[0]
    assert tenfold.odds_high[0] / tenfold.odds_low[0] < once.odds_high[0] / once.odds_low[0]
