"""Cuts of a tree, what they explain, and how stable they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster import hierarchy

from phenojax.subgroups.consensus import consensus
from phenojax.subgroups.partition import cuts, explained, squared_distances, tree_of


def same_parts(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(((a[:, None] == a[None, :]) == (b[:, None] == b[None, :])).all())


@pytest.fixture
def points() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(c, 0.3, size=(8, 3)) for c in (0.0, 3.0, -4.0)])


@pytest.mark.parametrize("method", ["average", "ward", "complete"])
def test_cuts_are_those_of_scipy(points: np.ndarray, method: str) -> None:
    tree = tree_of(squared_distances(points @ points.T), method)
    for k, labels in enumerate(cuts(tree, 6), 2):
        assert sorted(set(labels.tolist())) == list(range(k))
        assert same_parts(labels, hierarchy.fcluster(tree, k, "maxclust"))
        assert labels[0] == 0


def test_explained_is_the_share_of_the_variance_between_parts(points: np.ndarray) -> None:
    labels = np.random.default_rng(1).integers(0, 3, size=(4, len(points)))
    labels[:, :3] = [0, 1, 2]
    found = explained(squared_distances(points @ points.T), labels)
    total = ((points - points.mean(axis=0)) ** 2).sum()
    for share, row in zip(found, labels, strict=True):
        inside = sum(((points[row == p] - points[row == p].mean(axis=0)) ** 2).sum() for p in range(3))
        assert share == pytest.approx(1 - inside / total, abs=1e-9)


def test_individuals_who_are_all_the_same_are_not_divided() -> None:
    assert explained(np.zeros((5, 5)), np.array([[0, 0, 1, 1, 1]])).tolist() == [0.0]


def test_clear_parts_come_back_without_any_publication(points: np.ndarray) -> None:
    squared = squared_distances(points @ points.T)
    labels = cuts(tree_of(squared, "ward"), 3)[-1]
    groups = np.arange(len(points)) % 8
    found = consensus(np.random.default_rng(0), squared, groups, labels, "ward", 30)
    assert found.whole_groups
    assert found.jaccard.tolist() == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(found.own, 1.0)
    np.testing.assert_allclose(found.other, 0.0)


def test_parts_of_noise_do_not_come_back() -> None:
    points = np.random.default_rng(0).normal(size=(40, 10))
    squared = squared_distances(points @ points.T)
    labels = cuts(tree_of(squared, "ward"), 3)[-1]
    found = consensus(np.random.default_rng(0), squared, np.arange(40), labels, "ward", 60)
    assert found.jaccard.mean() < 0.75
    assert np.nanmean(found.own) < 0.9
    assert ((found.own >= 0) & (found.own <= 1)).all()


def test_with_few_groups_individuals_are_left_out(points: np.ndarray) -> None:
    squared = squared_distances(points @ points.T)
    labels = cuts(tree_of(squared, "ward"), 2)[-1]
    found = consensus(np.random.default_rng(0), squared, np.arange(len(points)) % 2, labels, "ward", 20)
    assert not found.whole_groups
