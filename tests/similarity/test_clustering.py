"""Distances are those of the formula, never negative, and what scipy's clustering wants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import is_valid_y, squareform

import phenojax as pj
from phenojax.similarity import closure_kernel, conditional_ic, encode_sets, information_content
from phenojax.similarity.clustering import LinkageMethod

matrices = (
    st.integers(0, 7)
    .flatmap(lambda n: arrays(np.float32, (n, n), elements=st.floats(0, 9, width=32)))
    .map(lambda half: np.maximum(half, half.T))
)
# Two syndromes of the nervous system and two of the skeleton, as someone would write them.
SETS = [
    ["HP:0001250", "HP:0001263", "HP:0000252"],
    ["HP:0007359", "HP:0001263", "HP:0001251"],
    ["HP:0002650", "HP:0000098", "HP:0001166"],
    ["HP:0002650", "HP:0001519", "HP:0001083"],
]


@given(matrices, st.sampled_from(["cosine", None]))
def test_each_distance_is_that_of_the_formula(matrix: NDArray[np.float32], normalize: str | None) -> None:
    if normalize is None:
        matrix = matrix / np.float32(9)
    found = pj.distances(matrix, normalize=normalize)
    n = len(matrix)
    assert found.dtype == np.float64
    assert found.shape == (n * (n - 1) // 2,)
    assert ((found >= 0) & (found <= 1)).all()
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    for (i, j), d in zip(pairs, found, strict=True):
        own = math.sqrt(float(matrix[i, i]) * float(matrix[j, j])) if normalize else 1.0
        c = float(matrix[i, j]) / own if own > 0 else 0.0
        assert d == pytest.approx(math.sqrt(max(1 - c, 0)), abs=1e-7)
    if n > 1:
        assert is_valid_y(found)
        np.testing.assert_array_equal(np.diagonal(squareform(found)), 0)


def test_copies_are_at_distance_0_whatever_their_depth() -> None:
    alike = np.array([[0.3, 0.3], [0.3, 0.3]], dtype=np.float32)
    assert pj.distances(alike).tolist() == [0.0]
    assert pj.distances(alike * 1000).tolist() == [0.0]
    assert pj.distances([[1, 2], [2, 1]]).tolist() == [0.0]  # more alike than with themselves


def test_who_has_no_terms_is_far_from_everyone() -> None:
    onto = pj.load_ontology()
    found = squareform(pj.distances(pj.similarity([*SETS, []], ontology=onto)))
    assert (found[4, :4] == 1).all()


@pytest.mark.parametrize("method", LinkageMethod)
def test_a_tree_of_individuals_joins_the_like_first(method: LinkageMethod) -> None:
    matrix = pj.similarity(SETS, ontology=pj.load_ontology())
    tree = pj.linkage(matrix, method)
    assert hierarchy.is_valid_linkage(tree)
    np.testing.assert_array_equal(tree, hierarchy.linkage(pj.distances(matrix), method.value))
    assert [set(merge) for merge in tree[:2, :2]] in ([{0, 1}, {2, 3}], [{2, 3}, {0, 1}])
    labels = hierarchy.fcluster(tree, 2, "maxclust")
    assert labels[0] == labels[1] != labels[2] == labels[3]


def test_leaves_can_be_ordered() -> None:
    matrix = pj.similarity([SETS[0], SETS[2], SETS[1], SETS[3]], ontology=pj.load_ontology())
    ordered = pj.linkage(matrix, optimal_ordering=True)
    np.testing.assert_array_equal(ordered, hierarchy.linkage(pj.distances(matrix), "average", optimal_ordering=True))


def test_distances_of_a_kernel_keep_the_triangle_inequality() -> None:
    onto = pj.load_ontology()
    rng = np.random.default_rng(5)
    sets = encode_sets("sets", [rng.choice(onto.term_ids, 6).tolist() for _ in range(20)], onto)
    kernel = closure_kernel(onto, conditional_ic(onto, information_content(onto)), sets)
    square = squareform(pj.distances(kernel))
    assert (square[:, None, :] <= square[:, :, None] + square[None, :, :] + 1e-6).all()


@pytest.mark.parametrize(
    ("matrix", "normalize", "message"),
    [
        (np.zeros((2, 3)), "cosine", r"square matrix of numbers, not float64 \(2, 3\)"),
        (np.zeros(4), "cosine", "square matrix"),
        ([["a"]], "cosine", "square matrix of numbers, not <U1"),
        ([[1, 0.5], [0.4, 1]], "cosine", r"symmetric, and is 0.5 at \(0, 1\) but 0.4 at \(1, 0\)"),
        ([[1, 0.5], [np.nan, 1]], "cosine", "symmetric, and is 0.5"),
        ([[1, np.nan], [np.nan, 1]], "cosine", r"finite and not negative, not nan \(at \(0, 1\)\)"),
        ([[1, np.inf], [np.inf, 1]], "cosine", "not inf"),
        ([[1, -0.5], [-0.5, 1]], "cosine", "not -0.5"),
        ([[1, 0], [0, -1]], "cosine", r"not -1 \(at \(1, 1\)\)"),
        ([[1, 1.5], [1.5, 1]], None, r"from 0 to 1 where normalize=None, not 1.5 \(at \(0, 1\)\)"),
        ([[1.0]], "max", "normalize must be 'cosine' or None, not 'max'"),
    ],
)
def test_what_is_no_similarity_of_a_cohort_with_itself_is_told(
    matrix: object, normalize: str | None, message: str
) -> None:
    with pytest.raises(pj.ConfigError, match=message):
        pj.distances(matrix, normalize=normalize)  # type: ignore[arg-type]


def test_a_tree_needs_two_and_a_known_method() -> None:
    with pytest.raises(pj.ConfigError, match="two or more"):
        pj.linkage([[1.0]])
    with pytest.raises(pj.ConfigError, match=r"method must be one of single, .*, not 'upgma'"):
        pj.linkage(np.eye(2), "upgma")


def test_rounding_is_no_asymmetry_and_nothing_above_1() -> None:
    matrix = np.array([[1, 0.5], [0.5000001, 1]])
    assert pj.distances(matrix)[0] == pytest.approx(math.sqrt(0.5))
    assert pj.distances([[1, 1.000001], [1.000001, 1]], normalize=None).tolist() == [0.0]
