"""Faces beside terms: they help where they carry something, and never where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from screen.make_faces import as_embeddings, make_vectors

from phenojax.cohort import Cohort, Individual, SimulationConfig, simulate
from phenojax.errors import ConfigError
from phenojax.face.of_cohort import faces_of
from phenojax.matchmaking import nearest
from phenojax.matchmaking.alike_anyway import shared_codes
from phenojax.matchmaking.faces import face_evidence
from phenojax.ontology import Ontology, load_ontology


@pytest.fixture(scope="module")
def onto() -> Ontology:
    return load_ontology()


@pytest.fixture(scope="module")
def cohort(onto: Ontology) -> Cohort:
    """Genes with several publications, described in few terms, so that terms alone often fail."""
    config = SimulationConfig(n_genes=40, min_size=4, max_size=8, papers=3, mean_terms=3.0, var_terms=4.0)
    return simulate(onto, config, seed=1)


def reciprocal_ranks(cohort: Cohort, onto: Ontology, embeddings: object = None) -> np.ndarray:
    """Of the nearest of the same gene from another publication."""
    rows, _ = nearest(
        cohort, k=len(cohort), method="matchmaking", exclude_same="group", embeddings=embeddings, ontology=onto
    )
    genes, groups = (np.array(cohort.values(name)) for name in ("gene", "group"))
    asked = [((genes == g) & (groups != p)).any() for g, p in zip(genes, groups, strict=True)]
    hits = (rows >= 0) & (genes[rows] == genes[:, None])
    return np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0.0)[asked]


def test_faces_that_carry_the_gene_help(cohort: Cohort, onto: Ontology) -> None:
    vectors = make_vectors(cohort, alike={i.gene for i in cohort if i.gene}, seed=2)
    alone, both = (reciprocal_ranks(cohort, onto, e) for e in (None, as_embeddings(cohort.ids, vectors)))
    gain = both - alone
    assert gain.mean() > 0.1
    assert gain.mean() > 4 * gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize("seed", range(4))
def test_faces_that_carry_nothing_do_no_harm(cohort: Cohort, onto: Ontology, seed: int) -> None:
    alone = reciprocal_ranks(cohort, onto)
    noise = reciprocal_ranks(cohort, onto, make_vectors(cohort, seed=seed))
    assert abs(noise.mean() - alone.mean()) < 0.01


def test_who_has_no_face_is_compared_by_terms_alone(cohort: Cohort, onto: Ontology) -> None:
    vectors = make_vectors(cohort, alike={i.gene for i in cohort if i.gene}, seed=3)
    vectors[::2] = np.nan
    rows, scores = nearest(cohort, k=len(cohort), method="matchmaking", embeddings=vectors, ontology=onto)
    alone_rows, alone_scores = nearest(cohort, k=len(cohort), method="matchmaking", ontology=onto)
    differs = 0
    for i in range(len(cohort)):
        with_face = dict(zip(rows[i].tolist(), scores[i].tolist(), strict=True))
        for j, score in zip(alone_rows[i].tolist(), alone_scores[i].tolist(), strict=True):
            if j >= 0 and (i % 2 == 0 or j % 2 == 0):
                assert with_face[j] == pytest.approx(score, abs=2e-5)
            elif j >= 0:
                differs += with_face[j] != pytest.approx(score, abs=2e-5)
    assert differs > 0


def test_the_evidence_is_that_of_two_normals_a_shift_apart(cohort: Cohort) -> None:
    vectors = make_vectors(cohort, alike={i.gene for i in cohort if i.gene}, seed=4)
    faces = faces_of(cohort, vectors)
    n = len(cohort)
    shared = shared_codes(cohort, None, n, n, "group")
    genes, groups = (np.array(cohort.values(name)) for name in ("gene", "group"))
    partner = np.array([
        next((j for j in range(n) if genes[j] == genes[i] and groups[j] != groups[i]), -1) for i in range(n)
    ])  # fmt: skip
    found = face_evidence(faces, faces, shared, partner)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = unit.astype(float) @ unit.T.astype(float)
    others = cosine[(groups[:, None] != groups) & ~np.eye(n, dtype=bool)]
    assert found.mean == pytest.approx(others.mean(), abs=0.01)
    assert found.spread == pytest.approx(others.std(), abs=0.01)
    of_pairs = (cosine[np.arange(n), partner][partner >= 0] - found.mean) / found.spread
    assert found.shift == pytest.approx(of_pairs.mean() - 2 * of_pairs.std(ddof=1) / np.sqrt(len(of_pairs)), abs=1e-5)
    z = (cosine[3, 5] - found.mean) / found.spread
    densities = np.exp(-((z - found.shift) ** 2) / 2), np.exp(-(z**2) / 2)
    assert found(slice(3, 4), slice(5, 6))[0, 0] == pytest.approx(np.log(densities[0] / densities[1]), abs=1e-5)


def test_a_face_alone_finds_neighbours(cohort: Cohort, onto: Ontology) -> None:
    blank = Cohort((*cohort, Individual("no terms")))
    vectors = make_vectors(cohort, alike={i.gene for i in cohort if i.gene}, seed=5)
    with_face = np.concatenate([vectors, vectors[:1]])
    rows, _ = nearest(blank, k=3, method="matchmaking", embeddings=with_face, ontology=onto)
    assert rows[-1, 0] == 0
    without = np.concatenate([vectors, np.full_like(vectors[:1], np.nan)])
    rows, _ = nearest(blank, k=3, method="matchmaking", embeddings=without, ontology=onto)
    assert rows[-1].tolist() == [-1, -1, -1]


def test_two_cohorts_have_their_own_faces(cohort: Cohort, onto: Ontology) -> None:
    vectors = make_vectors(cohort, alike={i.gene for i in cohort if i.gene}, seed=6)
    half = len(cohort) // 2
    first, second = cohort.subset(list(range(half))), cohort.subset(list(range(half, len(cohort))))
    settings = {"k": 4, "method": "matchmaking", "ontology": onto}
    apart = nearest(first, second, embeddings=vectors[:half], other_embeddings=vectors[half:], **settings)
    together = nearest(first, second, embeddings=as_embeddings(cohort.ids, vectors), **settings)
    np.testing.assert_array_equal(apart[0], together[0])
    np.testing.assert_array_equal(apart[1], together[1])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"method": "similarity", "embeddings": [[1.0]]}, 'embeddings go with method="matchmaking"'),
        ({"other_embeddings": [[1.0]]}, "other_embeddings go with embeddings"),
        ({"embeddings": [[1.0]], "other_embeddings": [[1.0]]}, "other_embeddings belong to other, and there is none"),
        ({"embeddings": [[1.0], [2.0]]}, "embeddings must have shape"),
    ],
)
def test_faces_of_nobody_are_refused(onto: Ontology, settings: dict, says: str) -> None:
    one = Cohort((Individual("A", observed=("HP:0001250",)),))
    with pytest.raises(ConfigError, match=says):
        nearest(one, ontology=onto, **{"method": "matchmaking", **settings})
    with pytest.raises(ConfigError, match="belong to the individuals of a Cohort, and cohort is none"):
        nearest([["HP:0001250"]], embeddings=[[1.0]], method="matchmaking", ontology=onto)


def test_vectors_of_two_widths_are_not_compared(onto: Ontology) -> None:
    one, two = (Cohort((Individual(name, observed=("HP:0001250",)),)) for name in "AB")
    with pytest.raises(ConfigError, match="widths 2 and 3"):
        nearest(one, two, method="matchmaking", embeddings=[[1.0, 2]], other_embeddings=[[1.0, 2, 3]], ontology=onto)
