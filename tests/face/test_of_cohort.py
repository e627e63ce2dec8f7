"""Embeddings come into the order of the cohort, and what cannot be meant is refused."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from screen.make_faces import as_embeddings

from phenojax.cohort import Cohort, Individual
from phenojax.errors import ConfigError, ResultError
from phenojax.face.of_cohort import SHORTEST, faces_of

COHORT = Cohort(tuple(Individual(id_, gene="G") for id_ in "abcd"), "four")
NAN, INF = float("nan"), float("inf")
VECTORS = np.array([[3.0, 4.0], [NAN, NAN], [0.0, -2.0], [1.0, 0.0]], np.float32)
UNIT = [[0.6, 0.8], [0.0, 0.0], [0.0, -1.0], [1.0, 0.0]]


def test_a_vector_becomes_its_direction_and_a_row_of_nan_is_no_face() -> None:
    faces = faces_of(COHORT, VECTORS)
    np.testing.assert_allclose(faces.unit, UNIT, atol=1e-7)
    assert faces.present.tolist() == [True, False, True, True]
    assert (faces.about["n_individuals"], faces.about["width"]) == (3, 2)


def test_the_kernel_is_the_cosine_with_1_for_who_has_a_face_and_0_for_who_has_none() -> None:
    rows = np.array([2, 0, 1])
    expected = [[1.0, -0.8, 0.0], [-0.8, 1.0, 0.0], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(faces_of(COHORT, VECTORS).kernel(rows), expected, atol=1e-7)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]])
def test_embeddings_are_found_by_id_in_any_order(order: list[int], tmp_path: Path) -> None:
    embeddings = as_embeddings([COHORT.ids[row] for row in order], VECTORS[order])
    embeddings.write(tmp_path / "e.parquet")
    for given in (embeddings, tmp_path / "e.parquet", str(tmp_path / "e.parquet")):
        faces = faces_of(COHORT, given)
        np.testing.assert_array_equal(faces.unit, faces_of(COHORT, VECTORS).unit)
        assert faces.notes == ()


def test_who_has_no_row_has_no_face_and_ids_of_others_are_counted() -> None:
    faces = faces_of(COHORT, as_embeddings(["z", "c", "y"], VECTORS[[0, 2, 3]]))
    assert faces.present.tolist() == [False, False, True, False]
    assert faces.notes == ("2 embeddings of ids that the cohort does not know left out",)


def test_the_models_behind_the_vectors_are_named_with_hashes_and_licences() -> None:
    embeddings = as_embeddings(COHORT.ids, VECTORS)
    about = faces_of(COHORT, embeddings).about
    assert [model["name"] for model in about["models"]] == ["dlib-resnet", "dlib-mmod", "dlib-shape-5"]
    for model, card in zip(about["models"], embeddings.cards, strict=True):
        assert model["sha256"] == {file.name: file.sha256 for file in card.files}
        assert model["licence_weights"] == card.licence_weights
    assert about["versions"] == embeddings.versions
    assert "array" in faces_of(COHORT, VECTORS).about["models"]


def test_a_vector_without_a_direction_is_no_face_and_is_counted() -> None:
    vectors = VECTORS.astype(np.float64)
    vectors[0], vectors[2] = 0.0, [SHORTEST / 2, 0.0]
    faces = faces_of(COHORT, vectors)
    assert faces.present.tolist() == [False, False, False, True]
    assert faces.notes == ("2 embeddings are all zeros and count as no photograph",)


def test_huge_and_tiny_vectors_keep_their_direction() -> None:
    scales = np.array([[1e200], [1.0], [1e-9], [1e-6]])
    np.testing.assert_allclose(faces_of(COHORT, VECTORS.astype(np.float64) * scales).unit, UNIT, atol=1e-7)


def test_a_large_cohort_is_scaled_part_by_part_and_every_row_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("phenojax.face.of_cohort"), "ROWS_AT_ONCE", 3)
    np.testing.assert_allclose(faces_of(COHORT, VECTORS).unit, UNIT, atol=1e-7)
    bad = VECTORS.copy()
    bad[3, 1] = INF
    with pytest.raises(ConfigError, match="individual 'd' has inf at position 1 of 2"):
        faces_of(COHORT, bad)


def _with(row: int, values: list[float]) -> Any:
    changed = VECTORS.copy()
    changed[row] = values
    return changed


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (_with(0, [INF, 0]), "individual 'a' has inf at position 0 of 2"),
        (_with(2, [1, NAN]), "individual 'c' has nan at position 1 of 2; .*NaN throughout where there is no face"),
        (VECTORS[:3], r"shape \(4, width\), a row for each individual of four, not \(3, 2\)"),
        (VECTORS[0], r"shape \(4, width\).* not \(2,\)"),
        (VECTORS[:, :0], "width 0"),
        (np.full((4, 2), NAN), "no individual of the cohort has a vector"),
        (np.zeros((4, 2)), "no individual of the cohort has a vector"),
        ([[1.0], [1.0, 2.0], [1.0], [1.0]], "rows have unequal lengths"),
        ([["x"], ["y"], ["z"], ["w"]], "must hold real numbers, not <U1"),
        (as_embeddings(["x", "y", "z", "w"], VECTORS), "none of their 4 ids, such as 'x', is one of four, .* 'a'"),
        (as_embeddings(["a", "b", "c", "a"], VECTORS), "id 'a' has several rows"),
        (as_embeddings(COHORT.ids, np.full((4, 2), NAN, np.float32)), "no individual of the cohort has a vector"),
        (replace(as_embeddings(COHORT.ids, VECTORS), vectors=VECTORS[:2]), "4 ids for 2 vectors"),
        (replace(as_embeddings(COHORT.ids, VECTORS), ids=(), vectors=VECTORS[:0]), "none of their 0 ids is"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(embeddings: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        faces_of(COHORT, embeddings)


def test_a_path_that_leads_to_no_embeddings_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no such file; phenojax embed writes one"):
        faces_of(COHORT, tmp_path / "absent.parquet")
