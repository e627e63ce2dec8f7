"""Ranking by likelihood: the scores are the scorer's, the terms of a hit make its score, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from reference.ranking import mean_ranks

from phenojax._csr import csr_from_rows
from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import LIKELIHOOD_SCHEMA, LikelihoodScorer, random_sets, rank, target_frequencies
from phenojax.similarity.gene_likelihood import gene_scorer
from phenojax.similarity.targets import find_targets

SETS = [["HP:0001166", "HP:0001083", "HP:0002616", "HP:0001519"], ["HP:0001250"]]
MARFAN = "OMIM:154700"


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def some(onto: Ontology) -> list[str]:
    """Every hundredth disease."""
    return list(find_targets(onto, "diseases").ids[::100])


def ranked(table: pa.Table, row: int) -> list[dict[str, Any]]:
    return [hit for hit in table.to_pylist() if hit["id"] == str(row)]


@pytest.mark.parametrize("targets", ["diseases", "genes"])
def test_scores_and_ranks_are_those_of_the_scorer(targets: str, onto: Ontology, some: list[str]) -> None:
    names = some if targets == "diseases" else list(find_targets(onto, "genes").ids[::60])
    table = rank(SETS, names, 1000, ontology=onto, method="likelihood", p_values=False)
    assert table.schema == LIKELIHOOD_SCHEMA
    rows = csr_from_rows([np.sort(onto.indices(row)) for row in SETS])
    scorer: Any = (
        LikelihoodScorer(onto, target_frequencies(onto, names))
        if targets == "diseases"
        else gene_scorer(onto, find_targets(onto, names))
    )
    scores = scorer(rows).astype(np.float64)
    for row, values in enumerate(scores):
        hits = ranked(table, row)
        expected = dict(zip(scorer.targets.ids, values.tolist(), strict=True))
        assert {hit["target"]: hit["score"] for hit in hits} == pytest.approx(expected, abs=2e-5)
        assert [hit["rank"] for hit in hits] == mean_ranks([round(hit["score"] * 1e5) for hit in hits])
        shares = np.exp(values - values.max())
        assert sum(hit["softmax"] for hit in hits) == pytest.approx(1, abs=1e-5)
        assert hits[0]["softmax"] == pytest.approx(shares.max() / shares.sum(), rel=1e-4)


def test_what_the_terms_add_is_the_score(onto: Ontology, some: list[str]) -> None:
    table = rank(SETS, [*some, MARFAN], 1000, ontology=onto, method="likelihood", p_values=False)
    known = target_frequencies(onto, [*some, MARFAN])
    rows = {name: row for row, name in enumerate(known.targets.ids)}
    for hit in table.to_pylist():
        matches = hit["matched_terms"]
        assert {match["query"] for match in matches} == set(SETS[int(hit["id"])])
        added = [match["contribution"] for match in matches]
        assert sum(added) == pytest.approx(hit["score"], abs=2e-5)
        assert added == sorted(added, reverse=True)
        for match in matches:
            if match["met"] is None:
                assert match["frequency"] is None
                continue
            assert match["met"] == match["query"] or match["met"] in onto.ancestors(match["query"])
            frequency = known.matrix[rows[hit["target"]], onto.index(match["met"])]
            assert match["frequency"] == pytest.approx(frequency, rel=1e-6)
    assert ranked(table, 0)[0]["target"] == MARFAN


def test_no_frequency_is_told_of_what_a_disease_is_said_not_to_have(onto: Ontology) -> None:
    table = onto.annotation_table
    said = np.flatnonzero(table.negated & onto.phenotype_mask[table.term_idx] & (table.aspect == ord("P")))
    disease, term = onto.diseases()[table.disease_idx[said[0]]], onto.term_ids[table.term_idx[said[0]]]
    hit = rank([[term, *SETS[0]]], [disease], ontology=onto, method="likelihood", p_values=False).to_pylist()[0]
    (denied,) = [match for match in hit["matched_terms"] if match["query"] == term]
    assert denied["contribution"] < np.log(0.1)
    assert (denied["met"], denied["frequency"]) == (None, None)
    assert sum(match["contribution"] for match in hit["matched_terms"]) == pytest.approx(hit["score"], abs=2e-5)


def test_neither_tiles_nor_company_change_the_table(onto: Ontology, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = random_sets(onto, 6, 30, seed=3)
    whole = rank(sets, "decipher", 5, ontology=onto, method="likelihood", n_null=60)
    for name, value in (("_TILE_BYTES", 4 * 47 * 7), ("_GAINS_BYTES", 0)):
        monkeypatch.setattr(sys.modules["phenojax.similarity.likelihood_ranking"], name, value)
    assert rank(sets, "decipher", 5, ontology=onto, method="likelihood", n_null=60).equals(whole)


@pytest.mark.parametrize("names", [[MARFAN, "OMIM:609192"], ["FBN1", "SATB1"]])
def test_p_values_are_shares_of_random_individuals(names: list[str], onto: Ontology) -> None:
    settings: dict[str, Any] = {"targets": names, "k": 2, "ontology": onto, "method": "likelihood", "seed": 4}
    table = rank([SETS[0]], n_null=100, **settings)
    null = rank(random_sets(onto, 4, 100, seed=4), p_values=False, **settings)
    for hit in table.to_pylist():
        others = [other["score"] for other in null.to_pylist() if other["target"] == hit["target"]]
        assert hit["p_value"] == pytest.approx((1 + sum(score >= hit["score"] for score in others)) / 101)


@pytest.mark.parametrize("names", [["OMIM:154700", "OMIM:129600"], ["FBN1", "ADAMTSL4"]])
def test_what_is_kept_of_another_ranking_changes_no_number(names: list[str], onto: Ontology) -> None:
    settings: dict[str, Any] = {"targets": names, "k": 2, "method": "likelihood", "n_null": 400}
    settings["exclude_terms"] = ["HP:0000707", "HP:0000119", "HP:0001871"]
    rank(SETS, ontology=onto, **settings | {"exclude_terms": ()})
    warm = rank(SETS, ontology=onto, **settings)
    assert warm.equals(rank(SETS, ontology=load_ontology(), **settings))


def test_excluded_terms_count_only_where_asked(onto: Ontology) -> None:
    cohort = Cohort((Individual("A", observed=tuple(SETS[0]), excluded=("HP:0000767",)), Individual("B")))
    settings: dict[str, Any] = {"targets": [MARFAN], "ontology": onto, "method": "likelihood", "p_values": False}
    free = rank(cohort, **settings).to_pylist()
    counted = rank(cohort, use_excluded=True, **settings).to_pylist()
    known = target_frequencies(onto, [MARFAN])
    term = onto.index("HP:0000767")
    added = np.log1p(-known.matrix[0, term]) - np.log1p(-known.background[term])
    assert counted[0]["score"] == pytest.approx(free[0]["score"] + added, abs=2e-5)
    assert added < -0.1
    assert counted[1] == dict.fromkeys(LIKELIHOOD_SCHEMA.names, None) | {"id": "B"}


def test_terms_left_out_are_left_out_of_both_sides(onto: Ontology) -> None:
    settings: dict[str, Any] = {"targets": "omim", "k": 3, "ontology": onto, "method": "likelihood", "p_values": False}
    table = rank([SETS[0]], exclude_terms=["HP:0000478"], **settings)  # eye
    without = target_frequencies(onto, "omim", exclude_terms=["HP:0000478"])
    assert without.matrix[:, onto.index("HP:0001083")].nnz == 0
    for hit in table.to_pylist():
        assert {match["query"] for match in hit["matched_terms"]} == set(SETS[0]) - {"HP:0001083"}
    eye = target_frequencies(onto, "omim").matrix[:, onto.index("HP:0001083")]
    assert eye.nnz > 10


def test_nobody_gives_an_empty_table(onto: Ontology) -> None:
    assert rank([], ontology=onto, method="likelihood").equals(LIKELIHOOD_SCHEMA.empty_table())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"method": "likelyhood"}, 'method must be "similarity" or "likelihood"'),
        ({"method": "likelihood", "combine": "bma"}, 'combine belongs to method="similarity"'),
        ({"method": "likelihood", "measure": "lin"}, 'measure belongs to method="similarity"'),
        ({"method": "likelihood", "ic": "gene"}, 'ic belongs to method="similarity"'),
        ({"method": "likelihood", "normalize": "z"}, 'normalize belongs to method="similarity"'),
        ({"method": "likelihood", "excluded_penalty": 0.5}, 'excluded_penalty belongs to method="similarity"'),
        ({"method": "likelihood", "targets": ["FBN1", MARFAN]}, "ranks diseases or genes, not both together"),
        ({"use_excluded": True}, 'use_excluded belongs to method="likelihood"'),
    ],
)
def test_what_has_no_meaning_is_refused(more: dict[str, Any], message: str, onto: Ontology) -> None:
    with pytest.raises(ConfigError, match=message):
        rank(**({"cohort": SETS, "targets": [MARFAN], "ontology": onto} | more))
