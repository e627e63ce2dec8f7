"""Whose face is most like that of each individual: the distances written down and sorted, and nobody missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from face.embedding.make_embeddings import embeddings_of

import phenojax as pj
from phenojax import Cohort, Individual
from phenojax.errors import CohortError, ConfigError
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.neighbours import NO_NEIGHBOUR, NOT_EMBEDDED, nearest_faces
from phenojax.face.photographs.failure import FailureReason
from phenojax.face.weights.card import Distance

GENES = ["G", "G", "H", "H", None, "K"]
PAPERS = ["1", "1", "2", "3", "3", "1"]
EMBEDDED = embeddings_of({2: FailureReason.NO_FACE}, n=6)


def cohort(*ids: str, prefix: str = "a") -> Cohort:
    rows = range(6) if not ids else [int(id_[1:]) for id_ in ids]
    return Cohort(
        tuple(Individual(f"{prefix}{row}", gene=GENES[row], group=PAPERS[row]) for row in rows),
        columns={"site": tuple("XXYYZZ"[row] for row in rows)},
    )


def brute(vectors: np.ndarray, query: int, allowed: list[int]) -> list[int]:
    distance = {row: float(np.linalg.norm(vectors[row].astype(float) - vectors[query])) for row in allowed}
    return sorted(distance, key=lambda row: distance[row])


def test_neighbours_are_of_another_publication_and_in_order_of_their_distance() -> None:
    rows = nearest_faces(cohort(), EMBEDDED, k=9).to_pylist()
    assert list(rows[0]) == ["id", "neighbour", "gene", "rank", "distance", "status"]
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    for query in (0, 1, 3, 4, 5):
        allowed = [row for row in (0, 1, 3, 4, 5) if PAPERS[row] != PAPERS[query]]
        mine = [row for row in rows if row["id"] == f"a{query}"]
        assert [row["neighbour"] for row in mine] == [f"a{row}" for row in brute(EMBEDDED.vectors, query, allowed)]
        assert [row["rank"] for row in mine] == list(range(1, len(mine) + 1))
        for row in mine:
            other = int(row["neighbour"][1:])
            assert row["gene"] == GENES[other]
            truth = np.linalg.norm(EMBEDDED.vectors[query] - EMBEDDED.vectors[other])
            assert row["distance"] == pytest.approx(truth, rel=1e-5)


def test_who_has_no_face_or_nobody_to_compare_with_has_a_row_that_says_why() -> None:
    people = Cohort((*cohort().individuals, Individual("b1", gene="G", group="9")), columns={})
    rows = nearest_faces(people, EMBEDDED, k=1).to_pylist()
    assert [row["id"] for row in rows] == list(people.ids)
    empty = dict.fromkeys(("neighbour", "gene", "rank", "distance"))
    assert rows[2] == {"id": "a2", **empty, "status": "no_face"}
    assert rows[6] == {"id": "b1", **empty, "status": NOT_EMBEDDED}
    alone = nearest_faces(cohort("a0", "a1"), EMBEDDED).to_pylist()
    assert [row["status"] for row in alone] == [NO_NEIGHBOUR, NO_NEIGHBOUR]
    together = nearest_faces(cohort("a0", "a1"), EMBEDDED, group=None).to_pylist()
    assert [row["neighbour"] for row in together] == ["a1", "a0"]


def test_a_gene_stands_once_with_its_nearest_carrier() -> None:
    rows = nearest_faces(cohort(), EMBEDDED, by="gene", group="site").to_pylist()
    assert list(rows[0]) == ["id", "gene", "neighbour", "rank", "distance", "status"]
    for query in (0, 1, 3, 4, 5):
        allowed = [row for row in (0, 1, 3, 4, 5) if "XXYYZZ"[row] != "XXYYZZ"[query]]
        order = brute(EMBEDDED.vectors, query, [row for row in allowed if GENES[row]])
        genes = list(dict.fromkeys(GENES[row] for row in order))
        mine = [row for row in rows if row["id"] == f"a{query}"]
        assert [row["gene"] for row in mine] == genes
        assert [row["neighbour"] for row in mine] == [
            next(f"a{row}" for row in order if GENES[row] == gene) for gene in genes
        ]


def test_another_cohort_is_searched_in_the_same_embeddings_or_in_its_own() -> None:
    one, other = cohort("a0", "a3"), cohort("a4", "a5")
    same = nearest_faces(one, EMBEDDED, other)
    apart = nearest_faces(one, _rows(EMBEDDED, [0, 3]), other, _rows(EMBEDDED, [5, 4]))
    assert same == apart
    assert same["neighbour"].to_pylist() == ["a4", "a5"]  # a0 shares a publication with a5, and a3 with a4


def test_embeddings_of_two_models_are_not_compared() -> None:
    other = replace(EMBEDDED, card=replace(EMBEDDED.card, name="tuned"))
    with pytest.raises(ConfigError, match="made by dlib-resnet and tuned, and cannot be compared"):
        nearest_faces(cohort(), EMBEDDED, cohort(), other)
    flipped = replace(EMBEDDED, settings=replace(EMBEDDED.settings, flip=True))
    with pytest.raises(ConfigError, match="made by dlib-resnet and dlib-resnet with flip"):
        nearest_faces(cohort(), EMBEDDED, cohort(), flipped)
    again = replace(EMBEDDED, card=replace(EMBEDDED.card, source="elsewhere"))
    with pytest.raises(ConfigError, match="two different models called dlib-resnet"):
        nearest_faces(cohort(), EMBEDDED, cohort(), again)


def test_faces_found_in_two_ways_are_not_compared() -> None:
    faces = replace(EMBEDDED.settings.faces, template="arcface-112")
    other = replace(EMBEDDED, settings=replace(EMBEDDED.settings, faces=faces))
    with pytest.raises(ConfigError, match="in two ways"):
        nearest_faces(cohort(), EMBEDDED, cohort(), other)


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(ConfigError, match="by must be one of individual, gene; not 'disease'"):
        nearest_faces(cohort(), EMBEDDED, by="disease")
    with pytest.raises(ConfigError, match="k must be a whole number of at least 1"):
        nearest_faces(cohort(), EMBEDDED, k=0)
    with pytest.raises(CohortError, match="no column 'lab'"):
        nearest_faces(cohort(), EMBEDDED, group="lab")


def test_a_gallery_of_embeddings_has_their_distance_and_what_the_cohort_knows_of_them() -> None:
    plain = pj.FaceGallery.from_embeddings(EMBEDDED)
    assert (plain.distance, plain.genes, plain.groups) == (Distance.EUCLIDEAN, None, None)
    assert plain.ids == EMBEDDED.ids
    known = pj.FaceGallery.from_embeddings(EMBEDDED, cohort("a5", "a0", "a1"))
    assert known.genes == ("G", "G", None, None, None, "K")
    assert known.groups == ("1", "1", None, None, None, "1")
    assert pj.FaceGallery.from_embeddings(EMBEDDED, cohort("a0"), group=None).groups is None
    unsaid = replace(EMBEDDED, card=replace(EMBEDDED.card, distance=None))
    assert pj.FaceGallery.from_embeddings(unsaid).distance is Distance.COSINE


def _rows(embeddings: FaceEmbeddings, rows: list[int]) -> FaceEmbeddings:
    faces = type(embeddings.faces)(
        *(
            tuple(column[row] for row in rows) if isinstance(column, tuple) else column[rows]
            for column in embeddings.faces
        )
    )
    return replace(
        embeddings,
        ids=tuple(embeddings.ids[row] for row in rows),
        photos=tuple(embeddings.photos[row] for row in rows),
        vectors=embeddings.vectors[rows],
        quality=embeddings.quality[rows],
        faces=faces,
        failures=(),
    )
