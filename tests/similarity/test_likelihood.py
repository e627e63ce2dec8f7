"""Frequencies of diseases and genes, and the likelihood of an individual's terms: against dictionaries and loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reference import likelihood as reference

from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity.frequencies import TargetFrequencies, target_frequencies
from phenojax.similarity.gene_likelihood import gene_scorer
from phenojax.similarity.likelihood import LikelihoodScorer, posterior
from phenojax.similarity.null import random_sets
from phenojax.similarity.scorer import ScoredSets
from phenojax.similarity.targets import find_targets

MARFAN = ["HP:0001166", "HP:0001083", "HP:0002616", "HP:0001519"]


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def some(onto: Ontology) -> list[str]:
    """Every three hundredth disease, and one of each of Marfan's kinds."""
    return sorted({*find_targets(onto, "diseases").ids[::300], "OMIM:154700", "ORPHA:558"})


@pytest.fixture(scope="module")
def known(onto: Ontology, some: list[str]) -> TargetFrequencies:
    return target_frequencies(onto, some)


def as_dict(onto: Ontology, known: TargetFrequencies, row: int) -> dict[str, float]:
    entries = slice(*known.matrix.indptr[row : row + 2])
    terms = [onto.term_ids[t] for t in known.matrix.indices[entries]]
    return dict(zip(terms, known.matrix.data[entries].tolist(), strict=True))


def test_frequencies_are_what_loops_over_the_annotations_say(onto: Ontology, known: TargetFrequencies) -> None:
    for row, disease in enumerate(known.targets.ids):
        assert as_dict(onto, known, row) == pytest.approx(reference.frequencies(onto, disease), rel=1e-12)


def test_what_nobody_was_found_to_have_is_not_of_the_disease(onto: Ontology) -> None:
    disease, terms = "OMIM:301075", ["HP:0000365", "HP:0000518", "HP:0001638"]  # each 0 of so many patients
    said = [a for a in onto.annotations(disease) if a.term_id in terms]
    assert [(a.negated, a.frequency) for a in said] == [(False, 0.0)] * 3
    known = target_frequencies(onto, [disease])
    assert known.matrix[:, onto.indices(terms)].nnz == 0
    gains = LikelihoodScorer(onto, known).gains(onto.indices(terms))
    assert not np.isin(gains.met[:, 0], onto.indices(terms)).any()
    with pytest.raises(ConfigError, match="none of the targets has an annotated phenotype"):
        target_frequencies(onto, ["OMIM:617596"])  # 0 of 3, and nothing else


def test_of_whom_all_is_left_out_is_no_target_whatever_other_diseases_of_its_gene_have(onto: Ontology) -> None:
    links = reference.genes_of(onto)
    orpha = {gene for disease, genes in links.items() if disease.startswith("ORPHA:") for gene in genes}
    left_out = "HP:0000478"  # eye
    eye = {left_out, *onto.descendants(left_out)}
    only_eye = [
        disease
        for disease in find_targets(onto, "omim").ids
        if not orpha.isdisjoint(links.get(disease, ()))
        and eye.issuperset(reference.stated(onto.annotations(disease), onto))
    ]
    assert len(only_eye) > 3
    assert set(only_eye).isdisjoint(target_frequencies(onto, "omim", exclude_terms=[left_out]).targets.ids)
    with pytest.raises(ConfigError, match="no disease of this release has an annotated phenotype that is not left out"):
        target_frequencies(onto, "omim", exclude_terms=["HP:0000118"])


def test_the_background_is_the_mean_over_all_diseases_of_the_release(onto: Ontology, known: TargetFrequencies) -> None:
    every = target_frequencies(onto, "diseases")
    np.testing.assert_allclose(known.background, np.asarray(every.matrix.mean(axis=0)).ravel(), rtol=1e-12)
    assert known.median_length == pytest.approx(np.median(every.lengths))


def in_words(onto: Ontology, known: TargetFrequencies) -> dict[str, float]:
    return {term: value for term, value in zip(onto.term_ids, known.background.tolist(), strict=True) if value > 0}


@pytest.mark.parametrize("use_excluded", [False, True])
def test_scores_are_what_the_formula_says(use_excluded: bool, onto: Ontology, known: TargetFrequencies) -> None:
    observed = [MARFAN, ["HP:0001250"], ["HP:0000118"], []]
    excluded = [["HP:0001250", "HP:0002650"], [], ["HP:0000001"], ["HP:0000478"]]
    rows, absent = (csr_from_rows([np.sort(onto.indices(row)) for row in sets]) for sets in (observed, excluded))
    found = LikelihoodScorer(onto, known, use_excluded=use_excluded)(ScoredSets(rows, excluded=absent))
    background = in_words(onto, known)
    for column, disease in enumerate(known.targets.ids):
        own = as_dict(onto, known, column)
        expected = [
            reference.score(onto, disease, has, not_, own, background, known.median_length)
            for has, not_ in zip(observed, excluded if use_excluded else [()] * 4, strict=True)
        ]
        assert found[:, column].tolist() == pytest.approx(expected, abs=2e-5)


def test_a_term_is_read_at_itself_or_at_its_most_telling_ancestor(onto: Ontology, known: TargetFrequencies) -> None:
    terms = np.sort(onto.indices([*MARFAN, "HP:0001250", "HP:0000001"]))
    found = LikelihoodScorer(onto, known).gains(terms)
    background = in_words(onto, known)
    for column in range(len(known.targets.ids)):
        own = as_dict(onto, known, column)
        for row, term in enumerate(onto.term_ids[t] for t in terms):
            met = found.met[row, column]
            if met < 0:
                assert reference.ratio(onto, term, own, background) == 0
                continue
            at = onto.term_ids[met]
            assert at == term if term in own else at in onto.ancestors(term)
            ratio = own[at] / background[at] * (1 if at == term else 0.03)
            assert ratio == pytest.approx(reference.ratio(onto, term, own, background), rel=1e-5)


def test_what_a_disease_is_said_not_to_have_counts_against_it(onto: Ontology) -> None:
    table = onto.annotation_table
    row = np.flatnonzero(table.negated & onto.phenotype_mask[table.term_idx] & (table.aspect == ord("P")))[0]
    disease, term = onto.diseases()[table.disease_idx[row]], onto.term_ids[table.term_idx[row]]
    known = target_frequencies(onto, [disease])
    own = as_dict(onto, known, 0)
    (score,) = LikelihoodScorer(onto, known)(csr_from_rows([onto.indices([term])]))[0]
    rest = reference.score(onto, disease, [term], [], own, in_words(onto, known), known.median_length)
    assert score == pytest.approx(rest, abs=1e-5)
    assert reference.is_denied(onto, disease, term)
    assert score < np.log(0.1)


def test_scores_do_not_depend_on_who_else_is_scored(onto: Ontology) -> None:
    scorer = LikelihoodScorer(onto, target_frequencies(onto, "omim"))
    sets = random_sets(onto, 6, 20)
    np.testing.assert_array_equal(scorer(sets)[7:9], scorer(sets.take([7, 8])))


@pytest.mark.parametrize("changed", ["background", "median_length"])
def test_the_key_tells_all_that_scores_depend_on(changed: str, onto: Ontology, known: TargetFrequencies) -> None:
    other = replace(known, **{changed: getattr(known, changed) * 0.9})
    scorer, again, different = (LikelihoodScorer(onto, frequencies) for frequencies in (known, replace(known), other))
    assert scorer.key == again.key
    assert scorer.key != different.key


def test_a_gene_is_as_likely_as_its_diseases_together(onto: Ontology) -> None:
    genes = reference.genes_of(onto)
    scorer = gene_scorer(onto, find_targets(onto, ["SATB1", "FBN1"]))
    rows = csr_from_rows([np.sort(onto.indices(MARFAN)), onto.indices(["HP:0001250"])])
    found = scorer(rows)
    assert scorer.targets.ids == ("FBN1", "SATB1")
    for column, gene in enumerate(scorer.targets.ids):
        own = [disease for disease, its in genes.items() if gene in its]
        every = LikelihoodScorer(onto, target_frequencies(onto, own))
        scores = every(rows).astype(np.float64)
        np.testing.assert_allclose(found[:, column], np.log(np.exp(scores).sum(axis=1)), atol=1e-5)
        best = scorer.best(scorer.of_diseases(rows), np.arange(2), np.full(2, column))
        names = [scorer.of_diseases.targets.ids[row] for row in best]
        assert names == [every.targets.ids[d] for d in scores.argmax(axis=1)]


def test_frequencies_are_those_of_diseases(onto: Ontology) -> None:
    with pytest.raises(ConfigError, match="frequencies are those of diseases, and 'FBN1' is a gene"):
        target_frequencies(onto, ["FBN1", "OMIM:154700"])


def test_shares_are_those_of_likelihoods() -> None:
    scores = np.array([[1.0, 1.0 + np.log(3), -200.0], [900.0, 900.0, 900.0]], dtype=np.float32)
    expected = [[0.25, 0.75, 0.0], [1 / 3] * 3]
    np.testing.assert_allclose(posterior(scores), expected, atol=1e-6)
