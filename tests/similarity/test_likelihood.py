"""Frequencies of diseases and genes, and the likelihood of an individual's terms: against dictionaries and loops."""

from __future__ import annotations

import numpy as np
import pytest
from reference import likelihood as reference

from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity.frequencies import TargetFrequencies, target_frequencies
from phenojax.similarity.likelihood import LikelihoodScorer, posterior
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


def test_the_background_is_the_mean_over_all_diseases_of_the_release(onto: Ontology, known: TargetFrequencies) -> None:
    every = target_frequencies(onto, "diseases")
    np.testing.assert_allclose(known.background, np.asarray(every.matrix.mean(axis=0)).ravel(), rtol=1e-12)
    assert known.median_length == pytest.approx(np.median(every.lengths))


def test_a_gene_has_the_largest_frequencies_of_its_diseases(onto: Ontology) -> None:
    genes = reference.genes_of(onto)
    found = target_frequencies(onto, ["SATB1", "FBN1"])
    for row, gene in enumerate(found.targets.ids):
        expected: dict[str, float] = {}
        for disease in (d for d, own in genes.items() if gene in own):
            for term, value in reference.frequencies(onto, disease).items():
                expected[term] = max(expected.get(term, 0.0), value)
        assert as_dict(onto, found, row) == pytest.approx(expected, rel=1e-12)


def test_scores_are_what_the_formula_says(onto: Ontology, known: TargetFrequencies) -> None:
    sets = [MARFAN, ["HP:0001250"], ["HP:0000118"], []]
    rows = csr_from_rows([np.sort(onto.indices(row)) for row in sets])
    found = LikelihoodScorer(onto, known)(rows)
    background = dict(zip(onto.term_ids, known.background.tolist(), strict=True))
    background = {term: value for term, value in background.items() if value > 0}
    for column in range(len(known.targets.ids)):
        frequencies = as_dict(onto, known, column)
        expected = [reference.score(onto, row, frequencies, background, known.median_length) for row in sets]
        assert found[:, column].tolist() == pytest.approx(expected, abs=1e-5)


def test_diseases_and_genes_are_not_mixed(onto: Ontology) -> None:
    with pytest.raises(ConfigError, match="of diseases or of genes, not of both together"):
        target_frequencies(onto, ["FBN1", "OMIM:154700"])


def test_shares_are_those_of_likelihoods() -> None:
    scores = np.array([[1.0, 1.0 + np.log(3), -200.0], [900.0, 900.0, 900.0]], dtype=np.float32)
    expected = [[0.25, 0.75, 0.0], [1 / 3] * 3]
    np.testing.assert_allclose(posterior(scores), expected, atol=1e-6)
