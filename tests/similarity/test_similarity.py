"""The public matrix: what it takes for a set, and what it leaves out."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from phenojax._csr import csr_from_rows
from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError, OntologyError
from phenojax.ontology import LookupStatus, Ontology, load_ontology
from phenojax.similarity import PHENOSCORE_FILTER, encode_sets, information_content, set_similarity, similarity

SEIZURE, FOCAL, DELAY, FACE = "HP:0001250", "HP:0007359", "HP:0001263", "HP:0000271"


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


def test_two_terms_meet_in_their_most_informative_common_ancestor(onto: Ontology) -> None:
    ic = information_content(onto)
    found = similarity([[SEIZURE], [FOCAL]], ontology=onto)
    # focal seizures lie below seizures
    np.testing.assert_allclose(found[0], ic[onto.index(SEIZURE)], rtol=1e-6)
    np.testing.assert_allclose(found[1, 1], ic[onto.index(FOCAL)], rtol=1e-6)


def test_lists_arrays_and_single_term_cohorts_are_one_thing(onto: Ontology) -> None:
    lists = [[SEIZURE, DELAY], [FACE], []]
    cohort = Cohort(tuple(Individual(str(i), observed=tuple(row)) for i, row in enumerate(lists)))
    rows = csr_from_rows([sorted(onto.indices(row).tolist()) for row in lists])
    expected = set_similarity(onto, information_content(onto), rows)
    for sets in (lists, cohort, rows, tuple(map(tuple, lists))):
        np.testing.assert_array_equal(similarity(sets, ontology=onto), expected)
        np.testing.assert_array_equal(similarity(sets, [[SEIZURE]], ontology=onto).shape, (3, 1))


def test_lists_keep_ancestors_cohorts_drop_them(onto: Ontology) -> None:
    row = [SEIZURE, FOCAL, FOCAL]
    assert encode_sets("a", [row], onto).lengths.tolist() == [2]
    cohort = Cohort((Individual("1", observed=tuple(row)),))
    assert encode_sets("a", cohort, onto).indices.tolist() == [onto.index(FOCAL)]


def test_an_alternate_id_is_its_current_term(onto: Ontology) -> None:
    alternate = next(a for a in ("HP:0001355", "HP:0002214") if onto.lookup(a).status is LookupStatus.ALTERNATE)
    current = onto.term_ids[onto.lookup(alternate).term_idx]
    assert encode_sets("a", [[alternate, current]], onto).indices.tolist() == [onto.index(current)]


def test_excluded_terms_go_with_everything_below_them(onto: Ontology) -> None:
    below = onto.descendants(FACE)[0]
    rows = encode_sets("a", [[SEIZURE, FACE], [below], [SEIZURE]], onto, PHENOSCORE_FILTER)
    assert rows.lengths.tolist() == [1, 0, 1]
    assert similarity([[below]], ontology=onto, exclude_terms=[FACE]).item() == 0


def test_a_few_unknown_ids_are_left_out_with_one_warning(onto: Ontology, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        found = encode_sets("cohort", [[SEIZURE]] * 30 + [["HP:9999999"]], onto)
    assert found.lengths.tolist() == [1] * 30 + [0]
    assert [record.getMessage() for record in caplog.records] == [
        f"cohort: 1 of 31 term mentions are unknown to HPO release {onto.version} or obsolete without a replacement, "
        "such as HP:9999999; they are left out"
    ]


def test_many_unknown_ids_name_the_release(onto: Ontology) -> None:
    with pytest.raises(OntologyError, match=rf"other: 1 of 2 .*{onto.version}.*more than 5%"):
        similarity([[SEIZURE]], [[SEIZURE, "HP:9999999"]], ontology=onto)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"measure": "linn"}, ConfigError, "measure must be one of resnik, lin, .*not 'linn'"),
        ({"cohort": "HP:0001250"}, ConfigError, "list of lists of term ids, not str"),
        ({"cohort": ["HP:0001250"]}, ConfigError, r"cohort\[0\] must be a list of term ids, not the string"),
        ({"cohort": [[1250]]}, OntologyError, "malformed term id 1250"),
        ({"cohort": [[["HP:0001250"]]]}, ConfigError, "term ids as strings"),
        ({"cohort": [["HP:125"]]}, OntologyError, "malformed term id 'HP:125'"),
        ({"exclude_terms": "HP:0001250"}, ConfigError, "exclude_terms takes a list"),
        ({"cohort": [None]}, ConfigError, r"cohort\[0\] must be a list of term ids, not None"),
        ({"exclude_terms": ["HP:9999999"]}, OntologyError, "HP:9999999"),
        ({"exclude_terms": None}, ConfigError, "exclude_terms takes a list of terms, not None"),
        ({"exclude_terms": [1250]}, OntologyError, "named by a string, .*not by 1250"),
        ({"ontology": "hp.obo"}, ConfigError, "ontology must be what load_ontology gives, .*not 'hp.obo'"),
        ({"ic": {"HP:0001250": 1e31}}, ConfigError, "ic must be from 0 to 1e30, and holds 9999"),
        ({"term_weights": {"HP:0001250": 1e31}}, ConfigError, "weights must be from 0 to 1e30, and one is 9999"),
        ({"excluded_penalty": "much"}, ConfigError, "excluded_penalty must be from 0 to 1, not 'much'"),
        ({"excluded_penalty": None}, ConfigError, "excluded_penalty must be from 0 to 1, not None"),
        ({"other": 3}, ConfigError, "other must be a Cohort, a Csr or a list of lists of term ids, not int"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_expected(
    arguments: dict[str, object], error: type[ValueError], message: str, onto: Ontology
) -> None:
    with pytest.raises(error, match=message):
        similarity(**({"cohort": [[SEIZURE]], "ontology": onto} | arguments))
