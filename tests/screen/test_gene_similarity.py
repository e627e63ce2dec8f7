"""Genes are compared by carriers of different publications, every publication weighing alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.gene_similarity import mean_kernel as by_pairs
from screen.make_cohort import make_cohort

import phenojax as pj
from phenojax._csr import csr_from_rows
from phenojax.cohort import Cohort
from phenojax.screen.config import ScreenConfig
from phenojax.screen.gene_similarity import gene_similarity, mean_kernel
from phenojax.screen.prepare import prepare

N_TERMS = 9
people = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.sets(st.integers(0, N_TERMS - 1), max_size=5)),
    min_size=1,
    max_size=14,
)


def table_of(cohort: Cohort, **settings: object) -> pa.Table:
    return gene_similarity(prepare(cohort, pj.load_ontology(), ScreenConfig(**settings)))  # type: ignore[arg-type]


def as_dict(table: pa.Table) -> dict[tuple[str, str], float | None]:
    return {(row["gene"], row["other"]): row["similarity"] for row in table.to_pylist()}


@given(people, st.lists(st.sampled_from([0.0, 0.1, 1.0, 3.5]), min_size=N_TERMS, max_size=N_TERMS))
def test_the_product_of_means_is_the_mean_over_pairs(
    drawn: list[tuple[int, int, set[int]]], weights: list[float]
) -> None:
    codes = np.unique([gene for gene, _, _ in drawn], return_inverse=True)[1]
    group = np.array([g for _, g, _ in drawn])
    w = np.array(weights)
    found = mean_kernel(csr_from_rows([sorted(terms) for _, _, terms in drawn]), w, codes, group)
    expected = by_pairs([terms for _, _, terms in drawn], w, codes.tolist(), group.tolist())
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_array_equal(found, found.T)


def test_genes_with_one_phenotype_are_nearer_to_each_other_than_to_any_other() -> None:
    cohort = make_cohort({"PLANTED1": 4, "PLANTED2": 4}, {"NULL1": 4, "NULL2": 4}, per_publication=8)
    found = as_dict(table_of(cohort))
    assert len(found) == 10
    cross = [
        found["NULL1", "PLANTED1"],
        found["NULL2", "PLANTED1"],
        found["NULL1", "PLANTED2"],
        found["NULL2", "PLANTED2"],
    ]
    assert found["PLANTED1", "PLANTED2"] > 1.15 * max(cross)  # type: ignore[type-var]
    # and, publications apart, no less alike than each is with itself
    assert found["PLANTED1", "PLANTED2"] == pytest.approx(found["PLANTED1", "PLANTED1"], abs=0.03)


def test_what_one_publication_alone_says_of_two_genes_makes_them_no_more_alike() -> None:
    cohort = make_cohort({"A": 1, "B": 1}, {"C": 3})
    together = Cohort(tuple(replace(i, group="PMID:1") if i.gene in ("A", "B") else i for i in cohort), "one paper")
    found = as_dict(table_of(together, min_cases=3))
    assert found["A", "B"] is None
    assert found["A", "A"] is None
    assert found["A", "C"] is not None
    apart = as_dict(table_of(cohort, min_cases=3))
    assert apart["A", "B"] is not None
    assert apart["A", "C"] == found["A", "C"]


def test_genes_with_too_few_described_carriers_are_left_out() -> None:
    cohort = make_cohort({"LARGE": 2}, {"SMALL": 1})
    silent = Cohort(tuple(replace(i, observed=()) if i.gene == "LARGE" else i for i in cohort), "x")
    assert table_of(cohort)["gene"].to_pylist() == ["LARGE"]
    assert table_of(silent).num_rows == 0


def test_the_screen_gives_the_table_and_a_comparison_of_two_sets_an_empty_one() -> None:
    cohort = make_cohort({"PLANTED": 3}, {"NULL1": 3, "NULL2": 3})
    onto = pj.load_ontology()
    result = pj.screen(cohort, ontology=onto, permutations=9)
    assert result.gene_similarity.equals(table_of(cohort))
    two = Cohort(tuple(replace(i, label=str(k % 2)) for k, i in enumerate(cohort)), "two")
    assert pj.compare(two, ontology=onto, permutations=9).gene_similarity.num_rows == 0
