"""The score of matchmaking: one pair at a time by loops, and what must and must not change it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reference import likelihood as reference_likelihood
from reference import matchmaking as reference

from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import information_content, target_frequencies
from phenojax.similarity.causes import KEPT, TEMPERATURE, Causes
from phenojax.similarity.likelihood import LikelihoodScorer
from phenojax.similarity.matchmaking import WEIGHTS, Matchmaker, Weights
from phenojax.similarity.term_sets import encode_sets

MARFAN = ["HP:0001166", "HP:0001083", "HP:0002616"]
PEOPLE = [
    MARFAN,
    ["HP:0001250", "HP:0001263", "HP:0000252"],
    ["HP:0001166", "HP:0001250"],
    ["HP:0001519", "HP:0001083"],
    [],
    ["HP:0011097"],
]


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def matchmaker(onto: Ontology) -> Matchmaker:
    return Matchmaker(onto)


def test_a_score_is_what_loops_over_one_pair_say(onto: Ontology, matchmaker: Matchmaker) -> None:
    sets = encode_sets("people", PEOPLE, onto)
    frequencies = target_frequencies(onto, "diseases")
    ratios = LikelihoodScorer(onto, frequencies)(sets)
    genes = reference_likelihood.genes_of(onto)
    causes = [
        reference.shares(
            dict(zip(frequencies.targets.ids, row.astype(float).tolist(), strict=True)), genes, TEMPERATURE, KEPT
        )
        for row in ratios
    ]
    ic = dict(zip(onto.term_ids, information_content(onto).tolist(), strict=True))
    profiles = matchmaker.profiles(sets)
    scores = matchmaker(profiles, profiles)
    for i, q in enumerate(PEOPLE):
        for j, c in enumerate(PEOPLE):
            expected = reference.score(onto, ic, q, c, (causes[i], causes[j]), WEIGHTS) if q and c else 0.0
            assert scores[i, j] == pytest.approx(expected, rel=1e-4, abs=1e-6), (q, c)


def test_nobody_is_nearer_to_a_query_than_who_has_its_terms_and_no_others(matchmaker: Matchmaker) -> None:
    profiles = matchmaker.profiles(encode_sets("people", [MARFAN, *PEOPLE[1:], MARFAN], matchmaker.ontology))
    scores = matchmaker(profiles, profiles)
    assert scores[0, 0] == scores[0, 6]
    assert scores[0, 0] > np.delete(scores[0], [0, 6]).max()


def test_rows_and_blocks_do_not_show(onto: Ontology, matchmaker: Matchmaker) -> None:
    every = matchmaker.profiles(encode_sets("people", PEOPLE * 3, onto))
    whole = matchmaker(every, every)
    for rows, columns in ((slice(0, 5), slice(3, 18)), (slice(7, 8), slice(0, 1))):
        np.testing.assert_array_equal(matchmaker(every.rows(rows), every.rows(columns)), whole[rows, columns])


def test_threads_change_no_bit(onto: Ontology) -> None:
    sets = encode_sets("people", PEOPLE * 9, onto)
    found = []
    for threads in (1, 3):
        matchmaker = Matchmaker(onto, threads=threads)
        profiles = matchmaker.profiles(sets)
        found.append(matchmaker(profiles, profiles).tobytes())
    assert found[0] == found[1]


def test_the_causes_of_a_typical_individual_are_those_of_its_disease(onto: Ontology) -> None:
    causes = Causes(onto)
    found = causes(encode_sets("people", [MARFAN, []], onto))
    assert np.asarray(found.multiply(found).sum(axis=1)).ravel() == pytest.approx([1.0, 0.0], abs=1e-6)
    best = found.indices[np.argsort(-found.data)[:5]]
    assert "FBN1" in [causes.names[column] for column in best]


def test_genes_without_a_symbol_are_not_one_gene(onto: Ontology) -> None:
    causes = Causes(onto)
    assert "-" in onto.genes()
    assert "-" not in causes.names
    assert {"OMIM:136550", "OMIM:188740"} <= set(causes.names)  # a macular dystrophy, a tibia that is lacking


def test_each_part_can_stand_alone(onto: Ontology) -> None:
    sets = encode_sets("people", PEOPLE, onto)
    total = np.zeros((len(PEOPLE), len(PEOPLE)))
    for part in range(3):
        alone = Matchmaker(onto, weights=Weights(*(w if i == part else 0.0 for i, w in enumerate(WEIGHTS))))
        profiles = alone.profiles(sets)
        total += alone(profiles, profiles)
    whole = Matchmaker(onto)
    profiles = whole.profiles(sets)
    np.testing.assert_allclose(whole(profiles, profiles), total, rtol=1e-5, atol=1e-5)


def test_a_release_without_annotations_is_refused(tmp_path: Path) -> None:
    obo = "format-version: 1.2\ndata-version: x/2024-01-01/hp.owl\n\n[Term]\nid: HP:0000001\nname: All\n\n"
    obo += "[Term]\nid: HP:0000118\nname: Phenotypic abnormality\nis_a: HP:0000001 ! All\n"
    path = tmp_path / "hp.obo"
    path.write_text(obo)
    with pytest.raises(ConfigError, match="needs annotations"):
        Matchmaker(load_ontology(path))
