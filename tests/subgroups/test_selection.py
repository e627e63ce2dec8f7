"""One p for every number of subgroups that was tried, and what else goes along with a division."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from phenojax.subgroups.association import associate, explained_variance
from phenojax.subgroups.face_null import null_kernel
from phenojax.subgroups.selection import select


def test_among_null_sets_alone_one_in_twenty_is_called() -> None:
    rng = np.random.default_rng(0)
    p, smallest = [], []
    for _ in range(1000):
        draws = rng.normal(size=(40, 1)) * 0.5 + rng.normal(size=(40, 4)) * [1, 2, 3, 4]
        found = select(draws[0], draws[1:], 0.05)
        p.append(found.p_value)
        smallest.append(found.p_values.min())
    assert 0.025 <= np.mean(np.array(p) <= 0.05) <= 0.075
    # choosing the best number and forgetting it would call twice as many
    assert np.mean(np.array(smallest) <= 0.05) > 0.09
    assert binomtest(int(np.sum(np.array(p) <= 0.5)), 1000, 0.5).pvalue > 0.001


def test_steps_that_explain_more_than_chance_are_counted() -> None:
    null = np.cumsum(np.random.default_rng(1).normal([0.2, 0.1, 0.1, 0.1], 0.01, size=(99, 4)), axis=1)
    three = select(np.cumsum([0.3, 0.2, 0.05, 0.05]), null, 0.05)
    assert three.best == 3
    assert three.p_value == pytest.approx(0.01)
    assert three.null_mean == pytest.approx(null.mean(axis=0))
    # nothing at two, and all at once at four: the steps do not tell, the excess does
    assert select(np.cumsum([0.19, 0.10, 0.3, 0.1]), null, 0.05).best == 4


def test_a_share_that_never_varies_is_no_evidence() -> None:
    assert select(np.array([0.5]), np.full((19, 1), 0.5), 0.05).p_value == 1.0


def test_association_is_adjusted_mutual_information() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the other side of the comparison")
    rng = np.random.default_rng(0)
    for _ in range(5):
        labels, codes = rng.integers(0, 3, 30), rng.integers(0, 8, 30)
        found = associate("group", labels, [str(c) for c in codes])
        assert found is not None
        assert found.adjusted_mutual_information == pytest.approx(
            metrics.adjusted_mutual_info_score(labels, codes), abs=1e-9
        )


def test_publications_that_lie_inside_subgroups_tell_them() -> None:
    labels = np.repeat([0, 1], 12)
    inside = associate("group", labels, [str(i // 3) for i in range(24)])
    across = associate("group", labels, [str(i % 8) for i in range(24)])
    assert inside is not None
    assert across is not None
    assert inside.tells == pytest.approx(1.0)
    assert inside.adjusted_mutual_information < 0.7
    assert abs(across.tells) < 0.35
    assert associate("group", labels, ["one"] * 24) is None
    assert associate("group", labels, [None] * 24) is None
    assert associate("group", labels, [str(i) for i in range(24)]).tells == 0.0  # type: ignore[union-attr]


def test_variance_between_parts() -> None:
    labels = np.array([0, 0, 1, 1])
    assert explained_variance(labels, np.array([1.0, 1.0, 3.0, 3.0])) == pytest.approx(1.0)
    assert explained_variance(labels, np.array([1.0, 3.0, 1.0, 3.0])) == pytest.approx(0.0)
    assert explained_variance(labels, np.ones(4)) == 0.0


def test_rotated_faces_spread_as_far_inside_and_between_publications() -> None:
    rng = np.random.default_rng(0)
    groups = np.array([0] * 5 + [1] * 3 + [2] + [3] * 4)
    # far from the origin all lengths are about the same, and scaling them back to 1 changes next to nothing
    points = np.concatenate(
        [rng.normal(size=(13, 20)) + rng.normal(size=(4, 20))[groups], np.full((13, 1), 1e4)], axis=1
    )
    points /= np.linalg.norm(points, axis=1)[:, None]
    kernel = points @ points.T
    drawn = null_kernel(rng, kernel, groups)
    np.testing.assert_allclose(np.diagonal(drawn), 1.0)
    np.testing.assert_allclose(drawn, drawn.T, atol=1e-12)
    member = np.eye(4)[groups] / np.bincount(groups)

    def spread(of: np.ndarray) -> np.ndarray:
        centre = np.eye(len(of)) - 1 / len(of)
        return np.linalg.eigvalsh(centre @ of @ centre)

    # the publications' means, and the individuals of each: the same spread in as many directions
    np.testing.assert_allclose(spread(member.T @ drawn @ member), spread(member.T @ kernel @ member), atol=1e-10)
    for group in range(4):
        rows = np.ix_(groups == group, groups == group)
        np.testing.assert_allclose(spread(drawn[rows]), spread(kernel[rows]), atol=1e-10)
    assert np.abs(drawn - kernel).max() > 1e-8
