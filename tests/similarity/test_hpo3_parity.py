"""Equal to hpo3 1.5.1 on the same release, of terms and of sets (golden/make_hpo3_measures.py)."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from conftest import REPOSITORY
from reference import hpo3_measures as plain

from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import information_content, similarity, term_similarity

GOLDEN = json.loads((REPOSITORY / "tests" / "golden" / "hpo3_measures.json").read_text(encoding="utf-8"))
SETTINGS = sorted(GOLDEN["of_terms"])
COMBINERS = ("bma", "funsim_avg", "funsim_max")


@pytest.fixture(scope="module")
def bundled() -> Ontology:
    ontology = load_ontology()
    if ontology.version != GOLDEN["release"]:
        pytest.skip(f"the golden values are of release {GOLDEN['release']}, the package bundles {ontology.version}")
    return ontology


@pytest.fixture(scope="module")
def parents(bundled: Ontology) -> list[list[int]]:
    offsets, above = bundled.graph.parents
    return [above[start:stop].tolist() for start, stop in pairwise(offsets.tolist())]


def test_the_golden_values_hold_what_is_easily_missed(bundled: Ontology) -> None:
    pairs, sets = GOLDEN["pairs"], GOLDEN["sets"]
    ic = information_content(bundled, "hpo3_omim")
    nobody = {term for term, value in zip(bundled.term_ids, ic, strict=True) if value == 0}
    assert sum(a == b for a, b in pairs) >= 30
    assert sum(a != b and a in nobody and b in nobody for a, b in pairs) >= 30
    assert sum((a in nobody) != (b in nobody) for a, b in pairs) >= 30
    assert [] in sets
    assert any(len(set(row)) < len(row) for row in sets)
    assert set(GOLDEN["of_sets"]) == {f"{setting} {combine}" for setting in SETTINGS for combine in COMBINERS}
    # as hpo3 has it: more alike than a term is with itself
    assert max(GOLDEN["of_terms"]["omim lin"]) > 1.5


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_formulas_are_those_of_hpo3(setting: str, bundled: Ontology, parents: list[list[int]]) -> None:
    kind, method = setting.split()
    release = plain.Release(parents, information_content(bundled, f"hpo3_{kind}").tolist())
    measure = plain.TERM_MEASURES[method]

    @cache
    def similarity(a: int, b: int) -> float:
        return measure(release, a, b)

    found = [similarity(bundled.index(a), bundled.index(b)) for a, b in GOLDEN["pairs"]]
    np.testing.assert_allclose(found, GOLDEN["of_terms"][setting], atol=1e-5)

    sets = [bundled.indices(row).tolist() for row in GOLDEN["sets"]]
    for combine in COMBINERS:
        for i, expected in enumerate(GOLDEN["of_sets"][f"{setting} {combine}"]):
            row = [plain.set_similarity(similarity, sets[i], other, combine) for other in sets[i:]]
            np.testing.assert_allclose(row, expected, atol=1e-5)


@pytest.mark.parametrize("setting", SETTINGS)
def test_terms_are_as_similar_as_to_hpo3(setting: str, bundled: Ontology) -> None:
    kind, method = setting.split()
    terms = sorted({term for pair in GOLDEN["pairs"] for term in pair})
    row = {term: i for i, term in enumerate(terms)}
    found = term_similarity(terms, ontology=bundled, measure=method, ic=f"hpo3_{kind}")
    pairs = np.array([(row[a], row[b]) for a, b in GOLDEN["pairs"]])
    np.testing.assert_allclose(found[pairs[:, 0], pairs[:, 1]], GOLDEN["of_terms"][setting], atol=1e-5)


@pytest.mark.parametrize("combine", COMBINERS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_sets_are_as_similar_as_to_hpo3(setting: str, combine: str, bundled: Ontology) -> None:
    kind, method = setting.split()
    found = similarity(GOLDEN["sets"], ontology=bundled, measure=method, combine=combine, ic=f"hpo3_{kind}")
    expected = np.concatenate(GOLDEN["of_sets"][f"{setting} {combine}"])
    np.testing.assert_allclose(found[np.triu_indices(len(found))], expected, atol=1e-5)
    np.testing.assert_array_equal(found, found.T)
