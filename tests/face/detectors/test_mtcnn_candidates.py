"""Of candidates those stay that overlap no better one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from phenojax.face.detectors.mtcnn_candidates import Candidates, best, corrected, overlapped, shares, squared

N = 200


def random_boxes(n: int) -> np.ndarray:
    random = np.random.default_rng(0)
    corners = random.uniform(0, 40, (n, 2))
    return np.concatenate([corners, corners + random.uniform(5, 30, (n, 2))], axis=1).astype(np.float32)


def share(box: np.ndarray, other: np.ndarray, of_smaller: bool) -> float:
    def area(b: np.ndarray) -> float:
        return float(max(b[2] - b[0], 0) * max(b[3] - b[1], 0))

    common = area(np.concatenate([np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])]))
    return common / (min(area(box), area(other)) if of_smaller else area(box) + area(other) - common)


@pytest.mark.parametrize("of_smaller", [False, True])
@pytest.mark.parametrize("n_used", [0, 1, 64, 65, N])
def test_a_better_one_hides_the_worse_even_if_it_is_hidden_itself(n_used: int, of_smaller: bool) -> None:
    boxes, groups = random_boxes(N), np.arange(N) % 3
    margins = np.where(np.arange(N) < n_used, -np.arange(N, dtype=np.float32), -np.inf)
    candidates = Candidates(jnp.asarray(boxes), jnp.asarray(margins))
    look = jax.jit(overlapped, static_argnames=("limit", "of_smaller"))
    for given in (None, groups):
        found = look(candidates, 0.4, None if given is None else jnp.asarray(given), of_smaller)
        wanted = [
            any(
                share(boxes[i], boxes[j], of_smaller) > 0.4
                for i in range(min(j, n_used))
                if given is None or given[i] == given[j]
            )
            for j in range(n_used)
        ]
        assert np.asarray(found)[:n_used].tolist() == wanted
        assert n_used < 2 or 0 < sum(wanted) < n_used


def test_what_comes_after_does_not_change_what_came_before() -> None:
    boxes, margins = random_boxes(N), -np.arange(N, dtype=np.float32)
    whole = overlapped(Candidates(jnp.asarray(boxes), jnp.asarray(margins)), 0.4)
    fewer = overlapped(Candidates(jnp.asarray(boxes[:50]), jnp.asarray(margins[:50])), 0.4)
    np.testing.assert_array_equal(np.asarray(whole)[:50], np.asarray(fewer))


def test_a_box_of_no_area_overlaps_nothing() -> None:
    boxes = jnp.array([[3.0, 3, 3, 3], [3, 3, 3, 3], [0, 0, 9, 9]])
    assert not bool((shares(boxes, boxes)[:2, :2] > 0).any())


def test_the_best_come_first_and_what_is_not_there_is_not_in_use() -> None:
    boxes = jnp.asarray(random_boxes(4))
    found, chosen = best(boxes, jnp.array([0.5, -1.0, 2.0, 0.5]), 6, threshold=0.0)
    assert int(found.n_used) == 3
    assert np.asarray(chosen)[:3].tolist() == [2, 0, 3]
    np.testing.assert_array_equal(found.boxes[:3], boxes[np.array([2, 0, 3])])


def test_a_box_is_moved_by_shares_of_its_sides_both_ends_counted() -> None:
    moved = corrected(jnp.array([[10.0, 20, 19, 39]]), jnp.array([[0.1, 0.1, -0.2, 0.5]]))
    np.testing.assert_allclose(moved, [[11, 22, 17, 49]], rtol=1e-6)


def test_a_square_has_the_centre_and_the_longer_side_of_its_box() -> None:
    found = squared(jnp.array([[0.0, 0, 10, 30], [5, 5, 25, 15]]))
    np.testing.assert_allclose(found, [[-10, 0, 20, 30], [5, 0, 25, 20]])
