"""Ranking by every measure and combiner, with weights and exclusions: the scores are those of `similarity`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from reference.ranking import mean_ranks

from phenojax import measure as own_measure
from phenojax._csr import csr_from_rows
from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError, OntologyError
from phenojax.ontology import Annotation, Ontology, load_ontology
from phenojax.similarity import Combine, Measure, SetMeasure, information_content, rank, set_similarity, similarity
from phenojax.similarity.targets import find_targets
from phenojax.similarity.weights import denied_terms, frequency_weights

SETS = [["HP:0001166", "HP:0001083", "HP:0002616", "HP:0001519"], ["HP:0001250"]]
MARFAN, LOEYS_DIETZ = "OMIM:154700", "OMIM:609192"


@own_measure
def half_lin(ic_mica: float, ic_a: float, ic_b: float) -> float:
    return ic_mica / (ic_a + ic_b)


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def some(onto: Ontology) -> list[str]:
    """Every hundredth disease."""
    return list(find_targets(onto, "diseases").ids[::100])


def scores_by_target(table: pa.Table) -> dict[tuple[str, str], float]:
    return {(row["id"], row["target"]): row["score"] for row in table.to_pylist()}


def check(table: pa.Table, expected: np.ndarray, ids: list[str]) -> None:
    """All targets of all individuals, with these scores, in this order and with these ranks."""
    assert len(set(table["id"].to_pylist())) == len(expected)
    found = scores_by_target(table)
    assert len(found) == expected.size
    for row, values in enumerate(expected.tolist()):
        for target, value in zip(ids, values, strict=True):
            assert found[str(row), target] == pytest.approx(value, abs=1.2e-5)
    for row in range(len(expected)):
        own = [hit for hit in table.to_pylist() if hit["id"] == str(row)]
        assert [hit["rank"] for hit in own] == mean_ranks([round(hit["score"] * 1e5) for hit in own])


@pytest.mark.parametrize("measure", [*Measure, half_lin], ids=str)
def test_any_measure_of_terms_ranks(measure: Any, onto: Ontology, some: list[str]) -> None:
    targets = find_targets(onto, some)
    table = rank(SETS, some, 1000, ontology=onto, measure=measure, p_values=False)
    check(table, similarity(SETS, targets.sets, ontology=onto, measure=measure, combine="a_to_b"), list(targets.ids))


@pytest.mark.parametrize("combine", Combine)
def test_any_combiner_ranks(combine: str, onto: Ontology, some: list[str]) -> None:
    targets = find_targets(onto, some)
    table = rank(SETS, some, 1000, ontology=onto, measure="lin", combine=combine, p_values=False)
    check(table, similarity(SETS, targets.sets, ontology=onto, measure="lin", combine=combine), list(targets.ids))


@pytest.mark.parametrize("measure", SetMeasure)
def test_any_measure_of_closures_ranks(measure: str, onto: Ontology, some: list[str]) -> None:
    targets = find_targets(onto, some)
    table = rank(SETS, some, 1000, ontology=onto, measure=measure, n_null=50)
    check(table, similarity(SETS, targets.sets, ontology=onto, measure=measure), list(targets.ids))
    reached = np.array(table["p_value"]) * 51
    np.testing.assert_allclose(reached, np.round(reached), rtol=1e-12)
    assert reached.min() < 10
    assert reached.max() > 40
    with pytest.raises(ConfigError, match="compares closures: combine has no meaning"):
        rank(SETS, some, ontology=onto, measure=measure, combine="bma")


def test_measures_do_not_share_their_null(onto: Ontology, some: list[str]) -> None:
    settings = {"targets": some, "k": 5, "ontology": onto, "n_null": 40}
    alone = [rank(SETS, **settings, measure=m) for m in ("hrss", half_lin)]  # type: ignore[arg-type]
    rank(SETS, **settings, measure="resnik")  # type: ignore[arg-type]
    for measure, table in zip(("hrss", half_lin), alone, strict=True):
        assert rank(SETS, **settings, measure=measure).equals(table)  # type: ignore[arg-type]


def test_weights_of_terms_count_on_both_sides(onto: Ontology, some: list[str]) -> None:
    targets = find_targets(onto, some)
    weights = {"HP:0001166": 0.0, "HP:0001083": 5.0, "HP:0001250": 3.0}
    settings = {"ontology": onto, "combine": "bma", "term_weights": weights}
    table = rank(SETS, some, 1000, **settings, p_values=False)
    expected = similarity(SETS, targets.sets, **settings)
    check(table, expected, list(targets.ids))
    assert np.abs(expected - similarity(SETS, targets.sets, ontology=onto, combine="bma")).max() > 0.1


def by_hand(annotations: tuple[Annotation, ...], onto: Ontology, unstated: float = 0.5) -> dict[str, float]:
    """The weight of each most specific term of a disease, row by row."""
    rows: dict[str, list[Annotation]] = {}
    for said in annotations:
        if said.aspect == "P" and not said.negated and onto.phenotype_mask[onto.index(said.term_id)]:
            rows.setdefault(said.term_id, []).append(said)
    weights = {}
    for term, several in rows.items():
        counted = [row for row in several if row.numerator is not None and row.frequency is not None]
        told = [row.frequency for row in several if row.frequency is not None]
        if counted:
            weights[term] = sum(row.numerator or 0 for row in counted) / sum(row.denominator or 0 for row in counted)
        else:
            weights[term] = sum(told) / len(told) if told else unstated
    kept = onto.most_specific([term for term, weight in weights.items() if weight > 0])
    return {term: weights[term] for term in kept}


def test_a_disease_s_terms_weigh_what_its_rows_say(onto: Ontology, some: list[str]) -> None:
    table = onto.annotation_table
    pairs = table.disease_idx.astype(np.int64) * onto.n_terms + table.term_idx
    twice = np.unique(pairs, return_counts=True)
    repeated = twice[0][twice[1] > 1] // onto.n_terms
    diseases = [*some, *(onto.diseases()[d] for d in np.unique(repeated)[::4])]
    found = frequency_weights(onto, diseases, unstated=0.3)
    assert found.weights is not None
    for row, disease in enumerate(diseases):
        part = slice(found.terms.offsets[row], found.terms.offsets[row + 1])
        terms = [onto.term_ids[t] for t in found.terms.indices[part]]
        expected = by_hand(onto.annotations(disease), onto, 0.3)
        assert dict(zip(terms, found.weights[part].tolist(), strict=True)) == pytest.approx(expected, rel=1e-6)
    assert found.weights.min() > 0
    assert found.weights.max() <= 1


def test_a_term_that_no_patient_has_is_left_out(onto: Ontology) -> None:
    table = onto.annotation_table
    never = np.flatnonzero((table.frequency_numerator == 0) & (table.frequency_denominator > 20))
    disease, term = onto.diseases()[table.disease_idx[never[0]]], int(table.term_idx[never[0]])
    assert term in find_targets(onto, [disease]).sets.indices
    assert term not in frequency_weights(onto, [disease]).terms.indices


@pytest.mark.parametrize("combine", ["bma", "funsim_avg", "funsim_max", "b_to_a", "mean"])
def test_frequent_terms_count_more_in_the_rank(combine: str, onto: Ontology, some: list[str]) -> None:
    targets = find_targets(onto, some)
    settings = {"ontology": onto, "combine": combine, "p_values": False}
    table = rank(SETS, some, 1000, **settings, target_weights="frequency")
    weights = [by_hand(onto.annotations(disease), onto) for disease in targets.ids]
    b = csr_from_rows([onto.indices(row).tolist() for row in weights])
    a = csr_from_rows([onto.indices(row).tolist() for row in SETS])
    flat = [weight for row in weights for weight in row.values()]
    ic = information_content(onto)
    check(table, set_similarity(onto, ic, a, b, combine, weights_b=flat), list(targets.ids))
    assert scores_by_target(table) != scores_by_target(rank(SETS, some, 1000, **settings))


def test_weights_have_their_own_null_and_their_own_size(onto: Ontology) -> None:
    settings = {"targets": [MARFAN, LOEYS_DIETZ], "ontology": onto, "combine": "bma", "n_null": 200}
    free = rank(SETS, **settings)  # type: ignore[arg-type]
    weighed = rank(SETS, **settings, target_weights="frequency")  # type: ignore[arg-type]
    assert rank(SETS, **settings).equals(free)  # type: ignore[arg-type]
    assert not weighed["score"].equals(free["score"])
    cosine = rank(SETS, **settings, target_weights="frequency", normalize="cosine")  # type: ignore[arg-type]
    raw = scores_by_target(weighed)["0", MARFAN]
    target = frequency_weights(onto, [MARFAN])
    ic = information_content(onto)
    own = set_similarity(onto, ic, csr_from_rows([onto.indices(SETS[0]).tolist()])).item()
    size = set_similarity(onto, ic, target.terms, weights_a=target.weights).item()
    assert scores_by_target(cosine)["0", MARFAN] == pytest.approx(raw / np.sqrt(own * size), abs=2e-5)


def test_what_the_individual_excludes_counts_against_diseases_that_have_it(onto: Ontology) -> None:
    observed = tuple(SETS[0])
    cohort = Cohort((Individual("A", observed=observed, excluded=("HP:0002086",)),))  # the lungs
    targets = find_targets(onto, [MARFAN, LOEYS_DIETZ])
    settings = {"targets": [MARFAN, LOEYS_DIETZ], "ontology": onto, "p_values": False}
    free = scores_by_target(rank(cohort, **settings))  # type: ignore[arg-type]
    found = scores_by_target(rank(cohort, **settings, excluded_penalty=0.8))  # type: ignore[arg-type]
    for row, target in enumerate(targets.ids):
        terms = [onto.term_ids[t] for t in targets.sets.row(row)]
        against = sum("HP:0002086" in onto.ancestors(term) for term in terms)
        kept = 1 - 0.8 * against / (len(observed) + len(terms))
        assert found["A", target] == pytest.approx(free["A", target] * kept, abs=2e-5)
    assert found["A", MARFAN] < free["A", MARFAN]


def test_what_a_disease_is_said_not_to_have_counts_against_who_has_it(onto: Ontology) -> None:
    table = onto.annotation_table
    row = np.flatnonzero(table.negated & (onto.phenotype_mask[table.term_idx]))[0]
    disease, term = onto.diseases()[table.disease_idx[row]], onto.term_ids[table.term_idx[row]]
    denied = denied_terms(onto, [disease, "FBN1"])
    assert onto.index(term) in denied.row(0)
    assert len(denied.row(1)) == 0
    n = len(find_targets(onto, [disease]).sets.indices)
    settings = {"targets": [disease], "ontology": onto, "combine": "bma", "p_values": False}
    (free,), (found,) = (
        rank([[term]], **settings, excluded_penalty=penalty)["score"].to_pylist()  # type: ignore[arg-type]
        for penalty in (0.0, 1.0)
    )
    assert found == pytest.approx(free * (1 - 1 / (n + 1)), abs=2e-5)


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"target_weights": "frequency"}, ConfigError, "no effect on a_to_b; it needs combine to be one of bma"),
        ({"target_weights": "frequency", "combine": "hausdorff"}, ConfigError, "no effect on hausdorff"),
        ({"target_weights": "frequency", "measure": "simgic"}, ConfigError, "no effect on simgic"),
        ({"target_weights": "onset", "combine": "bma"}, ConfigError, 'target_weights must be None or "frequency"'),
        ({"target_weights": "frequency", "combine": "bma", "targets": ["FBN1"]}, ConfigError, "'FBN1' is a gene"),
        ({"target_weights": "frequency", "combine": "bma", "normalize": "z"}, ConfigError, "takes no target_weights"),
        ({"excluded_penalty": 0.5, "normalize": "z"}, ConfigError, "takes no excluded_penalty"),
        ({"excluded_penalty": -0.5}, ConfigError, "excluded_penalty must be from 0 to 1"),
        ({"excluded_penalty": 0.5, "measure": "simgic"}, ConfigError, "simgic compares closures"),
        ({"term_weights": {"HP:0001250": -1.0}}, ConfigError, "term_weights"),
    ],
)
def test_what_has_no_meaning_is_refused(
    more: dict[str, Any], error: type[ValueError], message: str, onto: Ontology
) -> None:
    with pytest.raises(error, match=message):
        rank(**({"cohort": SETS, "targets": [MARFAN], "ontology": onto} | more))


def test_frequencies_are_those_of_diseases_of_the_release(onto: Ontology) -> None:
    with pytest.raises(OntologyError, match="no disease or gene 'OMIM:1547000'"):
        frequency_weights(onto, ["OMIM:1547000"])
    with pytest.raises(ConfigError, match="unstated must be from 0 to 1"):
        frequency_weights(onto, [MARFAN], unstated=2.0)
    assert frequency_weights(onto, []).terms.n_rows == 0
