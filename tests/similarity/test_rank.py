"""Ranking diseases and genes: against plain loops, and what it must not depend on."""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from reference.ranking import mean_ranks

from phenojax._csr import csr_from_rows
from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError, OntologyError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import RANK_SCHEMA, information_content, random_sets, rank, set_similarity
from phenojax.similarity.empirical import null_size
from phenojax.similarity.hits import as_keys, best_hits
from phenojax.similarity.targets import find_targets

MARFAN = ["HP:0001166", "HP:0001083", "HP:0002616", "HP:0001519"]
SEIZURE = ["HP:0001250"]


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def some(onto: Ontology) -> list[str]:
    """Every fortieth disease."""
    return list(find_targets(onto, "diseases").ids[::40])


keys_and_k = st.tuples(
    arrays.arrays(np.int32, st.tuples(st.integers(0, 6), st.integers(1, 12)), elements=st.integers(-3, 3)),
    st.integers(1, 15),
)


@given(keys_and_k)
def test_the_best_have_their_rank_among_all_and_ties_share_it(drawn: tuple[np.ndarray, int]) -> None:
    keys, k = drawn
    hits = best_hits(keys, k)
    expected = []
    for row, values in enumerate(keys.tolist()):
        ranks = mean_ranks(values)
        best = sorted(range(len(values)), key=lambda c: (-values[c], c))[:k]
        expected += [(row, c, values[c], ranks[c]) for c in best]
    assert list(zip(*(column.tolist() for column in hits), strict=True)) == expected


def test_scores_are_told_apart_at_the_resolution() -> None:
    scores = np.array([[1.000001, 1.000002, 1.00002, -0.5, 1e9]], dtype=np.float32)
    assert as_keys(scores).tolist() == [[100000, 100000, 100002, -50000, 2**30]]


def by_hand(onto: Ontology, sets: list[list[str]], names: list[str], combine: str, k: int) -> list[tuple[Any, ...]]:
    targets = find_targets(onto, names)
    rows = csr_from_rows([sorted(onto.indices(row).tolist()) for row in sets])
    scores = set_similarity(onto, information_content(onto), rows, targets.sets, combine)
    expected = []
    for row, values in enumerate(np.round(scores.astype(np.float64), 5).tolist()):
        ranks = mean_ranks(values)
        best = sorted(range(len(values)), key=lambda c: (-values[c], targets.ids[c]))[:k]
        expected += [(str(row), targets.ids[c], values[c], ranks[c]) for c in best]
    return expected


@pytest.mark.parametrize("combine", ["a_to_b", "bma"])
def test_the_table_is_what_plain_loops_say(combine: str, onto: Ontology, some: list[str]) -> None:
    sets = [MARFAN, SEIZURE, ["HP:0000118"]]
    table = rank(sets, some, 7, ontology=onto, combine=combine, p_values=False)
    assert table.schema == RANK_SCHEMA
    found = [tuple(row[name] for name in ("id", "target", "score", "rank")) for row in table.to_pylist()]
    expected = by_hand(onto, sets, some, combine, 7)
    assert [(f[0], f[1], f[3]) for f in found] == [(e[0], e[1], e[3]) for e in expected]
    np.testing.assert_allclose([f[2] for f in found], [e[2] for e in expected], atol=1.1e-5)
    assert table["label"].to_pylist() == [onto.disease_name(target) for target in table["target"].to_pylist()]
    assert table["p_value"].null_count == table.num_rows


def test_the_mean_of_the_matches_is_the_score(onto: Ontology) -> None:
    table = rank([MARFAN, SEIZURE], "omim", 20, ontology=onto, p_values=False)
    for row in table.to_pylist():
        total = sum(match["ic"] for match in row["matched_terms"])
        assert total / (4 if row["id"] == "0" else 1) == pytest.approx(row["score"], abs=2e-5)
        assert all(match["mica"] in {match["query"], *onto.ancestors(match["query"])} for match in row["matched_terms"])


def test_neither_tiles_nor_threads_change_the_table(
    onto: Ontology, some: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = random_sets(onto, 6, 40, seed=3)
    whole = rank(sets, some, 5, ontology=onto, n_null=60, threads=1)
    assert whole.num_rows == 200
    assert rank(sets, some, 5, ontology=onto, n_null=60, threads=4).equals(whole)
    for module in ("ranking", "empirical"):
        monkeypatch.setattr(sys.modules[f"phenojax.similarity.{module}"], "_TILE_BYTES", 4 * len(some) * 7)
    assert rank(sets, some, 5, ontology=load_ontology(), n_null=60).equals(whole)


@pytest.mark.parametrize("normalize", [None, "z", "cosine"])
def test_p_values_are_shares_of_random_individuals(normalize: str | None, onto: Ontology, some: list[str]) -> None:
    sets = [MARFAN, MARFAN[:2], SEIZURE]
    names = some[:25]
    table = rank(sets, names, 25, ontology=onto, n_null=200, seed=4, normalize=normalize)
    assert table.num_rows == 75
    for size, query in ((4, "0"), (2, "1"), (1, "2")):
        drawn = random_sets(onto, size, 200, seed=4)
        null = rank(drawn, names, 25, ontology=onto, normalize=normalize, seed=4, p_values=False)
        by_target: dict[str, list[float]] = {name: [] for name in names}
        for row in null.to_pylist():
            by_target[row["target"]].append(row["score"])
        for row in table.to_pylist():
            if row["id"] == query:
                reached = sum(score >= row["score"] - 1e-9 for score in by_target[row["target"]])
                assert row["p_value"] == pytest.approx((1 + reached) / 201)


def test_the_kept_null_changes_nothing(onto: Ontology, some: list[str]) -> None:
    first = rank([MARFAN], some, 5, ontology=onto, n_null=50, seed=1)
    assert rank([MARFAN], some, 5, ontology=onto, n_null=50, seed=1).equals(first)
    others = rank([MARFAN], some, 5, ontology=onto, n_null=50, seed=2)  # other settings take its place
    assert not others["p_value"].equals(first["p_value"])
    assert rank([MARFAN], some, 5, ontology=onto, n_null=50, seed=1).equals(first)


def test_p_values_of_random_individuals_are_uniform(onto: Ontology, some: list[str]) -> None:
    sets = random_sets(onto, 9, 400, seed=11)
    names = some[5:25]
    p = rank(sets, names, len(names), ontology=onto, n_null=500, seed=12)["p_value"].to_numpy()
    assert len(p) == 400 * len(names)
    assert p.min() >= 1 / 501
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p <= level) == pytest.approx(level, abs=0.3 * level)


def test_large_queries_share_a_null_of_fewer_terms() -> None:
    assert null_size(np.array([0, 1, 20, 21, 25, 49, 50, 1000])).tolist() == [0, 1, 20, 20, 25, 40, 50, 200]


def test_a_cohort_keeps_its_ids_and_who_has_no_terms_has_an_empty_row(
    onto: Ontology, caplog: pytest.LogCaptureFixture
) -> None:
    cohort = Cohort(
        (Individual("A", observed=tuple(MARFAN)), Individual("B"), Individual("C", observed=tuple(SEIZURE)))
    )
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        table = rank(cohort, "genes", 2, ontology=onto, n_null=20)
    assert table["id"].to_pylist() == ["A", "A", "B", "C", "C"]
    assert table.slice(2, 1).to_pylist() == [dict.fromkeys(RANK_SCHEMA.names, None) | {"id": "B"}]
    assert "1 of 3 individuals have no term to rank by, such as B" in caplog.text
    assert "FBN1" in rank(cohort, "genes", 5, ontology=onto, p_values=False)["target"].to_pylist()


def test_nobody_and_nothing(onto: Ontology) -> None:
    assert rank([], ontology=onto).equals(RANK_SCHEMA.empty_table())
    with pytest.raises(ConfigError, match="none of the targets"):
        rank([MARFAN], [], ontology=onto)


def test_no_more_hits_than_targets(onto: Ontology) -> None:
    table = rank([MARFAN], ["FBN1", "OMIM:154700", "FBN1"], 50, ontology=onto, n_null=10)
    assert table["target"].to_pylist() == ["FBN1", "OMIM:154700"]
    assert table["rank"].to_pylist() == [1.5, 1.5]


def test_targets_are_most_specific_phenotypes(onto: Ontology) -> None:
    every = find_targets(onto, "diseases")
    marfan = every.sets.row(every.ids.index("OMIM:154700"))
    annotated = {a.term_id for a in onto.annotations("OMIM:154700") if not a.negated and a.aspect == "P"}
    assert {onto.term_ids[t] for t in marfan} == set(onto.most_specific(annotated))
    kinds = [find_targets(onto, kind).ids for kind in ("omim", "orpha", "decipher")]
    assert sorted(name for ids in kinds for name in ids) == list(every.ids)
    assert all(name.startswith("ORPHA:") for name in kinds[1])
    genes = find_targets(onto, "genes")
    assert "-" not in genes.ids
    fbn1 = {a.term_id for a in onto.annotations("FBN1") if onto.phenotype_mask[onto.index(a.term_id)]}
    assert {onto.term_ids[t] for t in genes.sets.row(genes.ids.index("FBN1"))} == set(onto.most_specific(fbn1))


def test_what_cites_a_publication_can_be_left_out(onto: Ontology) -> None:
    # a disease of which the release knows nothing but from one publication is no target any more
    alone = next(
        name
        for name in find_targets(onto, "omim").ids
        if len({r for a in onto.annotations(name) for r in a.references}) == 1
        and all(r.startswith("PMID") for a in onto.annotations(name) for r in a.references)
    )
    reference = onto.annotations(alone)[0].references[0]
    terms = [[a.term_id for a in onto.annotations(alone) if a.aspect == "P" and not a.negated]]
    assert alone in rank(terms, "omim", 1, ontology=onto, p_values=False)["target"].to_pylist()
    left = rank(terms, "omim", 100, ontology=onto, without_references=[reference], p_values=False)
    assert alone not in left["target"].to_pylist()


def test_excluded_terms_are_left_out_of_both_sides(onto: Ontology) -> None:
    table = rank([MARFAN], "omim", 30, ontology=onto, exclude_terms=["HP:0000478"], p_values=False)  # eye
    matched = pa.concat_arrays(table["matched_terms"].chunks).flatten().to_pylist()
    assert {match["query"] for match in matched} == {*MARFAN} - {"HP:0001083"}


def test_progress_is_told(onto: Ontology, some: list[str]) -> None:
    told: list[tuple[int, int, str]] = []
    rank([MARFAN, SEIZURE], some, 3, ontology=onto, n_null=10, progress=lambda *step: told.append(step))
    assert [label for *_, label in told] == ["individuals", "p-values", "p-values", "matched terms"]
    assert all(0 <= done < total for done, total, _ in told)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"k": 0}, ConfigError, "k must be a positive integer, not 0"),
        ({"n_null": 1.5}, ConfigError, "n_null must be a positive integer"),
        ({"seed": -1}, ConfigError, "seed must be an integer of at least 0"),
        ({"targets": "disease"}, ConfigError, "targets must be one of diseases, omim"),
        ({"targets": None}, ConfigError, "targets must be one of diseases, omim, .*not of None"),
        ({"targets": [154700]}, ConfigError, "a list of strings, not of 154700"),
        ({"exclude_terms": MARFAN[0]}, ConfigError, "exclude_terms takes a list of terms, not the string"),
        ({"ontology": "hp.obo"}, ConfigError, "ontology must be what load_ontology gives"),
        ({"targets": ["OMIM:1547000"]}, OntologyError, "no disease or gene 'OMIM:1547000'; did you mean OMIM:154700"),
        ({"measure": "nonsense"}, ConfigError, "nonsense"),
        ({"combine": "mean of means"}, ConfigError, "combine must be one of"),
        ({"normalize": "depth"}, ConfigError, "normalize must be None or one of"),
        ({"threads": 0}, ConfigError, "threads"),
        ({"cohort": [["HP:12"]]}, OntologyError, "malformed"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], error: type[ValueError], message: str, onto: Ontology
) -> None:
    with pytest.raises(error, match=message):
        rank(**({"cohort": [MARFAN], "ontology": onto} | arguments))


def test_random_individuals_have_nothing_that_is_left_out(onto: Ontology) -> None:
    left_out = {"HP:0000707", *onto.descendants("HP:0000707")}  # nervous system
    whole = random_sets(onto, 6, 50, seed=5)
    few = random_sets(onto, 6, 50, seed=5, exclude_terms=["HP:0000707"])
    assert not left_out.isdisjoint(onto.term_ids[t] for t in whole.indices)
    assert left_out.isdisjoint(onto.term_ids[t] for t in few.indices)
    assert few.lengths.tolist() == [6] * 50
    np.testing.assert_array_equal(random_sets(onto, 6, 50, seed=5).indices, whole.indices)
    with pytest.raises(ConfigError, match="leaves no disease of the release a term"):
        random_sets(onto, 1, 1, exclude_terms=["HP:0000118"])


@pytest.mark.parametrize("method", ["similarity", "likelihood"])
def test_p_values_compare_with_random_individuals_of_whom_the_same_is_left_out(method: str, onto: Ontology) -> None:
    names, left_out = ["OMIM:129600", "OMIM:154700"], ["HP:0000707", "HP:0000119", "HP:0001871"]
    settings: dict[str, Any] = {"targets": names, "k": 2, "ontology": onto, "method": method, "seed": 4}
    query = ["HP:0002650", "HP:0001382"]  # scoliosis, joint hypermobility: random individuals have them, too
    whole = rank([query], n_null=400, **settings)  # what is kept of everything must not be taken for it
    table = rank([query], n_null=400, exclude_terms=left_out, **settings)
    drawn = random_sets(onto, 2, 400, seed=4, exclude_terms=left_out)
    null = rank(drawn, p_values=False, exclude_terms=left_out, **settings).to_pylist()
    for hit in table.to_pylist():
        reached = sum(row["score"] >= hit["score"] - 1e-9 for row in null if row["target"] == hit["target"])
        assert hit["p_value"] == pytest.approx((1 + reached) / 401)
    assert max(table["p_value"].to_pylist()) > max(whole["p_value"].to_pylist())
