"""The gallery's neighbours are those of all distances written down and sorted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.face import nearest_vectors
from phenojax.face.gallery import FaceGallery


def all_distances(queries: NDArray[np.float32], vectors: NDArray[np.float32], distance: str) -> NDArray[np.float64]:
    a, b = queries.astype(np.float64), vectors.astype(np.float64)
    if distance == "cosine":
        a, b = a / np.linalg.norm(a, axis=1, keepdims=True), b / np.linalg.norm(b, axis=1, keepdims=True)
        return 1 - a @ b.T
    return np.sqrt(((a[:, None] - b) ** 2).sum(axis=2))


def forbidden(mine: list[str | None], theirs: list[str | None]) -> NDArray[np.bool_]:
    return np.array([[a is not None and a == b for b in theirs] for a in mine])


def draw(seed: int, n: int, d: int) -> NDArray[np.float32]:
    # All far from the origin and near each other: the case in which a product of float32 loses digits.
    return (np.random.default_rng(seed).normal(size=(n, d)) + 5).astype(np.float32)


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@given(seed=st.integers(0, 10_000), n=st.integers(2, 40), k=st.sampled_from([1, 2, 5, 45]))
@settings(max_examples=25, deadline=None)
def test_the_nearest_faces_are_the_first_of_all_distances(distance: str, seed: int, n: int, k: int) -> None:
    vectors = draw(seed, n, 8)
    rng = np.random.default_rng(seed)
    vectors[rng.random(n) < 0.1] = np.nan
    groups: list[str | None] = [None if rng.random() < 0.3 else f"g{rng.integers(4)}" for _ in range(n)]
    ids = [f"i{row}" for row in range(n)]
    found = FaceGallery(vectors, ids, groups=groups, distance=distance).nearest(k=k)
    expected = all_distances(vectors, vectors, distance)
    expected[forbidden(groups, groups) | np.eye(n, dtype=bool) | np.isnan(expected)] = np.inf
    for row in range(n):
        order = [at for at in np.argsort(expected[row], kind="stable") if np.isfinite(expected[row, at])][:k]
        assert [at for at in found.rows[row].tolist() if at >= 0] == order
        np.testing.assert_allclose(found.distances[row, : len(order)], expected[row, order], atol=2e-6)
        assert np.isnan(found.distances[row, len(order) :]).all()


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_tiles_and_blocks_change_nothing(distance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, queries = draw(1, 301, 16), draw(2, 37, 16)
    ids = [f"i{row}" for row in range(len(vectors))]
    whole = FaceGallery(vectors, ids, distance=distance).nearest(queries, 7)
    monkeypatch.setattr(nearest_vectors, "TILE", 64)
    monkeypatch.setattr(nearest_vectors, "QUERIES", 8)
    tiled = FaceGallery(vectors, ids, distance=distance).nearest(queries, 7)
    np.testing.assert_array_equal(whole.rows, tiled.rows)
    np.testing.assert_array_equal(whole.distances, tiled.distances)
    expected = all_distances(queries, vectors, distance)
    np.testing.assert_array_equal(whole.rows, np.argsort(expected, axis=1, kind="stable")[:, :7])


@given(seed=st.integers(0, 10_000), n=st.integers(1, 40), k=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_a_gene_is_as_near_as_its_nearest_carrier_of_another_group(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = draw(seed, n, 8)
    # Four genes whatever was drawn, so that one program serves every example.
    genes: list[str | None] = [None if rng.random() < 0.2 else f"G{rng.integers(4)}" for _ in range(n)]
    groups: list[str | None] = [f"g{rng.integers(5)}" for _ in range(n)]
    found = FaceGallery(vectors, [f"i{row}" for row in range(n)], genes, groups).nearest_genes(k=k)
    expected = all_distances(vectors, vectors, "cosine")
    expected[forbidden(groups, groups)] = np.inf
    for row in range(n):
        best = {gene: min(expected[row, at] for at in range(n) if genes[at] == gene) for gene in genes if gene}
        order = sorted((gene for gene in best if np.isfinite(best[gene])), key=lambda gene: (best[gene], gene))[:k]
        assert list(found.genes[row]) == order
        np.testing.assert_allclose(found.distances[row, : len(order)], [best[gene] for gene in order], atol=2e-6)
        assert [genes[at] for at in found.rows[row, : len(order)].tolist()] == order


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@given(seed=st.integers(0, 10_000), k=st.sampled_from([1, 3, 7]))
@settings(max_examples=15, deadline=None)
def test_faces_that_differ_by_less_than_a_product_tells_are_in_order_too(distance: str, seed: int, k: int) -> None:
    # Copies of a few faces, changed in their last digits: far more than are picked by the product.
    rng = np.random.default_rng(seed)
    vectors = draw(seed, 4, 8)[rng.integers(4, size=200)]
    vectors *= (1 + 3e-7 * rng.normal(size=vectors.shape)).astype(np.float32)
    queries = vectors[:5] + np.float32(1e-3)
    genes = [f"G{row // 2}" for row in range(200)]
    gallery = FaceGallery(vectors, [str(row) for row in range(200)], genes, distance=distance)
    own, theirs = (gallery._scaled(values).astype(np.float64) for values in (queries, vectors))
    expected = ((own[:, None] - theirs) ** 2).sum(axis=2)
    order = np.argsort(expected, axis=1, kind="stable")
    np.testing.assert_array_equal(gallery.nearest(queries, k).rows, order[:, :k])
    best = expected.reshape(5, 100, 2).min(axis=2)  # of each gene, which are in order of their names below
    named = sorted(range(100), key=lambda number: f"G{number}")
    wanted = np.argsort(best[:, named], axis=1, kind="stable")[:, :k]
    found = gallery.nearest_genes(queries, k).genes
    assert [list(line) for line in found] == [[f"G{named[at]}" for at in line] for line in wanted.tolist()]


def test_equal_faces_stand_in_the_order_of_their_rows() -> None:
    gallery = FaceGallery(np.ones((50, 4), np.float32), [str(row) for row in range(50)], distance="euclidean")
    assert gallery.nearest(np.ones((1, 4)), 3).rows.tolist() == [[0, 1, 2]]


def test_one_program_serves_every_number_of_queries() -> None:
    gallery = FaceGallery(draw(3, 90, 24), [str(row) for row in range(90)])
    gallery.nearest(draw(4, 5, 24), 3)
    before = nearest_vectors._candidate_rows._cache_size()
    gallery.nearest(draw(5, 700, 24), 3)
    assert nearest_vectors._candidate_rows._cache_size() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vectors": [1.0, 2.0]}, r"shape \(faces, width\), not \(2,\)"),
        ({"vectors": [[1.0, 2.0]], "ids": ["a", "b"]}, "ids has 2 values for 1 vectors"),
        ({"vectors": [[1.0, 2.0]], "distance": "manhattan"}, "distance must be one of cosine, euclidean"),
        ({"vectors": [[1.0, np.inf]]}, "vectors"),
    ],
)
def test_what_cannot_be_a_gallery_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FaceGallery(**({"ids": ["a"]} | arguments))  # type: ignore[arg-type]


def test_queries_of_another_width_k_of_none_and_a_gallery_without_genes_are_refused() -> None:
    gallery = FaceGallery([[1.0, 0.0]], ["a"])
    with pytest.raises(ConfigError, match="queries have width 3, the gallery 2"):
        gallery.nearest([[1.0, 2.0, 3.0]])
    with pytest.raises(ConfigError, match="k must be a whole number of at least 1"):
        gallery.nearest(k=0)
    with pytest.raises(ConfigError, match="no genes"):
        gallery.nearest_genes()


def test_an_empty_gallery_and_no_queries_find_nothing() -> None:
    assert FaceGallery(np.zeros((0, 4)), []).nearest(np.ones((2, 4))).rows.shape == (2, 0)
    assert FaceGallery(np.ones((3, 4)), ["a", "b", "c"]).nearest(np.zeros((0, 4)), 2).rows.shape == (0, 2)
