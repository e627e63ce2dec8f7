"""Similarity without the number of terms: what chance is, and that it is taken out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reference.obo import Term, write_obo

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import random_sets
from phenojax.similarity.normalize import normalized
from phenojax.similarity.null import SIZES, chance
from phenojax.similarity.scorer import Scorer, make_scorer
from phenojax.similarity.targets import find_targets


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def scorers(onto: Ontology) -> dict[str, Scorer]:
    return {combine: make_scorer(onto, "resnik", combine, "omim", None) for combine in ("bma", "a_to_b")}


def test_random_individuals_are_a_function_of_seed_and_number_alone(onto: Ontology) -> None:
    large = random_sets(onto, 20, 30, seed=5)
    again = random_sets(load_ontology(), 8, 10, seed=5)
    for i in range(10):
        # described less thoroughly, the same individual
        assert len(again.row(i)) == 8
        assert set(again.row(i).tolist()) < set(large.row(i).tolist())
    other = random_sets(onto, 20, 30, seed=6)
    assert sum(np.array_equal(large.row(i), other.row(i)) for i in range(30)) == 0


def test_no_term_of_a_random_individual_is_above_another(onto: Ontology) -> None:
    sets = random_sets(onto, 30, 50)
    assert sets.lengths.tolist() == [30] * 50
    assert onto.phenotype_mask[sets.indices].all()
    np.testing.assert_array_equal(onto.most_specific(sets).offsets, sets.offsets)


def test_a_random_individual_has_the_terms_of_one_disease_while_they_last(onto: Ontology) -> None:
    diseases = find_targets(onto, "diseases").sets
    of_disease = {frozenset(diseases.row(r).tolist()) for r in range(diseases.n_rows)}
    single = random_sets(onto, 2, 60)
    for i in range(60):
        pair = set(single.row(i).tolist())
        # two diseases meet only where the first has a single term
        assert any(pair <= terms for terms in of_disease) or any(
            len(terms) == 1 and terms < pair for terms in of_disease
        )


def test_a_release_with_few_terms_gives_what_it_has(tmp_path: Path) -> None:
    terms = [Term("HP:0000118", name="P", is_a=[])]
    terms += [Term(f"HP:000000{i}", name=str(i), is_a=["HP:0000118"]) for i in (1, 2, 3)]
    (tmp_path / "hp.obo").write_text(write_obo(terms))
    columns = (
        "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
    )
    rows = ["\t".join((d, d, "", t, "PMID:1", "PCS", "", "", "", "", "P", "x")) for d, t in
            (("OMIM:1", "HP:0000001"), ("OMIM:1", "HP:0000118"), ("OMIM:2", "HP:0000002"))]  # fmt: skip
    (tmp_path / "phenotype.hpoa").write_text("\n".join(["#version: x", columns.replace(" ", "\t"), *rows]) + "\n")
    onto = load_ontology(tmp_path / "hp.obo", annotations=tmp_path / "phenotype.hpoa")
    assert [onto.term_ids[t] for t in random_sets(onto, 9, 1).row(0)] == ["HP:0000001", "HP:0000002"]
    with pytest.raises(ConfigError, match="needs annotations"):
        random_sets(load_ontology(tmp_path / "hp.obo"), 1, 1)


def mean_and_sd(scorer: Scorer, a: int, b: int, seed: int) -> tuple[float, float]:
    sets = [random_sets(scorer.ontology, size, 600, seed) for size in (a, b)]
    found = scorer(*sets)[~np.eye(600, dtype=np.bool_)]
    return float(found.mean()), float(found.std())


@pytest.mark.parametrize("combine", ["bma", "a_to_b"])
@pytest.mark.parametrize(("a", "b"), [(1, 1), (5, 5), (8, 18), (18, 8), (18, 18), (33, 7), (70, 120)])
def test_chance_is_what_other_random_individuals_show(a: int, b: int, combine: str, scorers: dict[str, Scorer]) -> None:
    scorer = scorers[combine]
    mean, sd = chance(scorer).at([a], [b])
    expected_mean, expected_sd = mean_and_sd(scorer, a, b, seed=77)
    assert mean.item() == pytest.approx(expected_mean, abs=0.15 * expected_sd)
    assert sd.item() == pytest.approx(expected_sd, rel=0.12)


def test_chance_is_kept_and_constant_outside_its_grid(scorers: dict[str, Scorer]) -> None:
    found = chance(scorers["bma"])
    assert chance(scorers["bma"]) is found
    assert chance(scorers["a_to_b"]) is not found
    np.testing.assert_array_equal(found.at([10**6], [10**6])[0], found.mean[-1:, -1:])
    np.testing.assert_allclose(found.at(SIZES, SIZES)[0], found.mean, rtol=1e-12)
    assert (np.diff(np.diag(found.mean)) > 0).all()  # chance alone grows with the number of terms


@pytest.fixture(scope="module")
def described_twice(onto: Ontology) -> dict[int, Csr]:
    """Two individuals for each of 200 diseases, described by 18 and by 8 terms of their disease."""
    diseases = find_targets(onto, "omim").sets
    rng = np.random.default_rng(1)
    chosen = rng.choice(np.flatnonzero(diseases.lengths >= 30), 200, replace=False)
    return {
        size: csr_from_rows([rng.choice(diseases.row(d), size, replace=False) for d in chosen for _ in range(2)])
        for size in (18, 8)
    }


@pytest.mark.parametrize("combine", ["bma", "a_to_b"])
def test_individuals_with_18_and_with_8_terms_of_the_same_diseases_do_not_look_different(
    combine: str, scorers: dict[str, Scorer], described_twice: dict[int, Csr]
) -> None:
    scorer = scorers[combine]
    other_disease = np.arange(400)[:, None] // 2 != np.arange(400)[None] // 2

    def average(size: int, normalize: str | None) -> np.ndarray:
        """Each individual's mean similarity to those with other diseases, described as thoroughly."""
        sets = described_twice[size]
        scores = normalized(scorer(sets), normalize, scorer, sets).astype(np.float64)
        return (scores * other_disease).sum(axis=1) / other_disease.sum(axis=1)

    def told_apart(normalize: str | None) -> float:
        """AUC: how often an individual with 18 terms has the larger average."""
        large, small = average(18, normalize), average(8, normalize)
        return float((large[:, None] > small).mean())

    assert told_apart(None) > 0.95
    assert 0.4 < told_apart("z") < 0.6
    assert 0.4 < told_apart("chance") < 0.6
    assert abs(average(18, "z").mean() - average(8, "z").mean()) < 0.15


def test_the_z_of_two_random_individuals_is_centred_and_scaled_at_any_size(scorers: dict[str, Scorer]) -> None:
    scorer = scorers["bma"]
    rows = [random_sets(scorer.ontology, size, 300, seed=3).row(i) for size in (2, 8, 18, 50) for i in range(300)]
    sets = csr_from_rows(rows)
    z = normalized(scorer(sets), "z", scorer, sets)
    np.testing.assert_array_equal(z, z.T)
    for block in range(4):
        part = z[300 * block :][:300, 300 * block :][:, :300][~np.eye(300, dtype=np.bool_)]
        assert abs(part.mean()) < 0.15
        assert part.std() == pytest.approx(1, abs=0.15)


def test_cosine_is_one_with_oneself_and_zero_with_nothing(scorers: dict[str, Scorer], onto: Ontology) -> None:
    scorer = scorers["bma"]
    sets = csr_from_rows([*(random_sets(onto, 5, 200).row(i) for i in range(200)), []])
    raw = scorer(sets)
    found = normalized(raw.copy(), "cosine", scorer, sets)
    own = np.diag(raw)[:200]
    np.testing.assert_allclose(found[:200, :200], raw[:200, :200] / np.sqrt(np.outer(own, own)), rtol=1e-6)
    np.testing.assert_allclose(np.diag(found)[:200], 1, rtol=1e-6)
    assert not found[200].any()
    assert not found[:, 200].any()
    two_sided = normalized(scorer(sets, sets), "cosine", scorer, sets, sets)
    np.testing.assert_allclose(two_sided, found, rtol=1e-6)


@pytest.mark.parametrize("normalize", ["chance", "z"])
def test_a_score_with_nothing_is_zero(normalize: str, scorers: dict[str, Scorer], onto: Ontology) -> None:
    sets = csr_from_rows([random_sets(onto, 5, 1).row(0), []])
    found = normalized(scorers["a_to_b"](sets), normalize, scorers["a_to_b"], sets)
    assert found[0, 0] > 0
    assert found.ravel()[1:].tolist() == [0, 0, 0]


def test_without_a_name_scores_stay_as_they_are(scorers: dict[str, Scorer], onto: Ontology) -> None:
    sets = random_sets(onto, 5, 4)
    raw = scorers["bma"](sets)
    np.testing.assert_array_equal(normalized(raw.copy(), None, scorers["bma"], sets), raw)


def test_wrong_names_and_sizes_are_refused(scorers: dict[str, Scorer], onto: Ontology) -> None:
    sets = random_sets(onto, 5, 4)
    with pytest.raises(ConfigError, match="normalize must be None or one of chance, z, cosine, not 'depth'"):
        normalized(scorers["bma"](sets), "depth", scorers["bma"], sets)
    for arguments in ((0, 1, 0), (1, 0, 0), (1, 1, -1), (1.5, 1, 0)):
        with pytest.raises(ConfigError, match="must be an integer of at least"):
            random_sets(onto, *arguments)
