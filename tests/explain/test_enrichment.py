"""Terms of some individuals against the whole cohort, as counting by hand and Fisher's exact test have it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact

import phenojax as pj
from phenojax.explain import ENRICHMENT_SCHEMA

SEIZURE, FOCAL, GENERALIZED, DELAY, NYSTAGMUS = "HP:0001250", "HP:0007359", "HP:0002197", "HP:0001263", "HP:0000639"
PHENOTYPIC_ABNORMALITY, ALL, ADULT_ONSET = "HP:0000118", "HP:0000001", "HP:0003581"
POOL = [SEIZURE, FOCAL, GENERALIZED, DELAY, NYSTAGMUS, "HP:0002384", "HP:0000707", ADULT_ONSET, "HP:0000252"]


ONTO = pj.load_ontology()


@pytest.fixture
def onto() -> pj.Ontology:
    return ONTO


def cohort_of(term_lists: list[list[str]], groups: list[str | None] | None = None) -> pj.Cohort:
    groups = groups or [None] * len(term_lists)
    return pj.Cohort(
        tuple(
            pj.Individual(f"i{r}", observed=tuple(terms), group=group)
            for r, (terms, group) in enumerate(zip(term_lists, groups, strict=True))
        )
    )


def carriers_by_hand(term_lists: list[list[str]]) -> dict[str, set[int]]:
    carriers: dict[str, set[int]] = {}
    for r, terms in enumerate(term_lists):
        for term in {t for own in terms for t in (own, *ONTO.ancestors(own))}:
            if PHENOTYPIC_ABNORMALITY in ONTO.ancestors(term):
                carriers.setdefault(term, set()).add(r)
    return carriers


people = st.lists(
    st.tuples(
        st.lists(st.sampled_from(POOL), max_size=4, unique=True), st.sampled_from(["p", "q", None]), st.booleans()
    ),
    min_size=2,
    max_size=14,
)


@settings(deadline=None)
@given(people, st.integers(1, 3), st.booleans())
def test_every_term_is_counted_and_tested_as_by_hand(
    drawn: list[tuple[list[str], str | None, bool]], min_count: int, collapse: bool
) -> None:
    lists, groups, chosen = [p[0] for p in drawn], [p[1] for p in drawn], {r for r, p in enumerate(drawn) if p[2]}
    cohort = cohort_of(lists, groups)
    described = {r for r, terms in enumerate(lists) if set(terms) - {ADULT_ONSET}}
    ours = chosen & described
    if not ours or ours == described:
        with pytest.raises(pj.ConfigError, match=f"some, but not all, of the {len(described)} individuals"):
            pj.enrichment(cohort, [f"i{r}" for r in chosen], ontology=ONTO)
        return
    table = pj.enrichment(cohort, [f"i{r}" for r in chosen], ontology=ONTO, min_count=min_count, collapse=collapse)
    assert table.schema == ENRICHMENT_SCHEMA
    carriers = carriers_by_hand(lists)
    expected = {
        term
        for term, who in carriers.items()
        if min_count <= len(who) < len(described)
        and not (collapse and any(carriers.get(child) == who for child in ONTO.children(term)))
    }
    assert set(table["term_id"].to_pylist()) == expected
    for row in table.to_pylist():
        who = carriers[row["term_id"]]
        k, n, big_k, big_n = len(who & ours), len(ours), len(who), len(described)
        assert (row["count"], row["n"], row["total_count"], row["total_n"]) == (k, n, big_k, big_n)
        assert row["label"] == ONTO.label(row["term_id"])
        assert row["fold_enrichment"] == pytest.approx((k / n) / (big_k / big_n))
        assert row["expected"] == pytest.approx(n * big_k / big_n)
        square = [[k, n - k], [big_k - k, big_n - big_k - n + k]]
        assert row["p_value"] == pytest.approx(fisher_exact(square, alternative="greater").pvalue)
        assert row["n_groups"] == len({groups[r] or r for r in who & ours})
    p = table["p_value"].to_numpy()
    assert (np.diff(p) >= 0).all()
    if len(p):
        np.testing.assert_allclose(table["q_value"].to_numpy(), false_discovery_control(p))


def row_of(table: pa.Table, term: str) -> dict[str, object]:
    return next(row for row in table.to_pylist() if row["term_id"] == term)


def test_a_child_counts_for_its_parent_and_a_shared_carrier_set_is_one_test(onto: pj.Ontology) -> None:
    cohort = cohort_of([[FOCAL], [GENERALIZED], [DELAY], [DELAY], [NYSTAGMUS]])
    table = pj.enrichment(cohort, ["i0", "i1"], ontology=onto, min_count=1)
    assert row_of(table, SEIZURE)["count"] == 2
    parents = set(onto.parents(NYSTAGMUS)) & set(table["term_id"].to_pylist())
    assert parents == set()
    everything = pj.enrichment(cohort, ["i0", "i1"], ontology=onto, min_count=1, collapse=False)
    assert set(onto.parents(NYSTAGMUS)) <= set(everything["term_id"].to_pylist())
    assert table.num_rows < everything.num_rows


def test_two_roots_and_modifiers_are_never_tested(onto: pj.Ontology) -> None:
    cohort = cohort_of([[SEIZURE, ADULT_ONSET], [DELAY, ADULT_ONSET], [SEIZURE], []])
    found = pj.enrichment(cohort, ["i0"], ontology=onto, min_count=1, collapse=False)["term_id"].to_pylist()
    assert SEIZURE in found
    assert not {ALL, PHENOTYPIC_ABNORMALITY, ADULT_ONSET} & set(found)


def test_individuals_can_be_marked_and_groups_left_out(onto: pj.Ontology) -> None:
    cohort = cohort_of([[SEIZURE], [SEIZURE], [DELAY], [DELAY]], ["one", "one", "two", None])
    named = pj.enrichment(cohort, ["i0", "i1", "i1"], ontology=onto)
    assert row_of(named, SEIZURE)["n_groups"] == 1
    assert named.equals(pj.enrichment(cohort, np.array([True, True, False, False]), ontology=onto))
    assert named.equals(pj.enrichment(cohort, [True, True, False, False], ontology=onto))  # type: ignore[list-item]
    ungrouped = pj.enrichment(cohort, ["i0", "i1"], ontology=onto, group=None)
    assert ungrouped["n_groups"].null_count == ungrouped.num_rows
    assert ungrouped.drop("n_groups").equals(named.drop("n_groups"))


def test_excluded_branches_are_not_tested(onto: pj.Ontology) -> None:
    cohort = cohort_of([[FOCAL, NYSTAGMUS], [FOCAL], [DELAY], [NYSTAGMUS, DELAY]])
    table = pj.enrichment(cohort, ["i0", "i1"], ontology=onto, min_count=1, exclude_terms=[SEIZURE])
    assert not {SEIZURE, FOCAL} & set(table["term_id"].to_pylist())
    assert set(table["total_n"].to_pylist()) == {3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"individuals": "i0"}, "not the string 'i0'; put it in a list"),
        ({"individuals": ["i0", "i9"]}, "names 'i9', which is no id of cohort"),
        ({"individuals": [True]}, r"must have shape \(3,\), not \(1,\)"),
        ({"individuals": []}, "some, but not all, of the 3 individuals with an observed term; they are 0"),
        ({"individuals": ["i0", "i1", "i2"]}, "they are 3"),
        ({"min_count": 0}, "min_count must be an integer of 1 or more"),
        ({"group": "site"}, "no column 'site'"),
    ],
)
def test_wrong_arguments_are_told(onto: pj.Ontology, arguments: dict[str, object], message: str) -> None:
    cohort = cohort_of([[SEIZURE], [DELAY], [DELAY]])
    individuals = arguments.pop("individuals", ["i0"])
    with pytest.raises(pj.PhenojaxError, match=message):
        pj.enrichment(cohort, individuals, ontology=onto, **arguments)  # type: ignore[arg-type]
