"""Of boxes that overlap, the best one stays."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from phenojax.face.detectors.nms import suppress

BOX = st.tuples(*[st.integers(-5, 30)] * 2, *[st.integers(0, 20)] * 2).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def pixels(box: tuple[int, ...]) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box[0], box[2] + 1) for y in range(box[1], box[3] + 1)}


def greedy(boxes: list[tuple[int, ...]], scores: list[float], k: int, iou: float, covered: float) -> list[int]:
    """By counting pixels."""
    taken: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        mine = pixels(boxes[i])
        others = [pixels(boxes[j]) for j in taken]
        same = [len(mine & o) / len(mine | o) > iou or len(mine & o) > covered * min(len(mine), len(o)) for o in others]
        if not any(same):
            taken.append(i)
    return taken[:k]


@given(
    boxes=st.lists(BOX, min_size=12, max_size=12),
    scores=st.lists(st.integers(0, 5), min_size=12, max_size=12),
    covered=st.sampled_from([1.0, 0.75]),
)
@settings(max_examples=50, deadline=None)
def test_it_takes_what_taking_one_after_the_other_takes(
    boxes: list[tuple[int, ...]], scores: list[int], covered: float
) -> None:
    values = [float(score) for score in scores]
    wanted = greedy(boxes, values, 4, 0.340625, covered)
    chosen, valid = suppress(jnp.array(boxes), jnp.array(values), 4, 0.340625, covered)
    assert np.asarray(chosen)[np.asarray(valid)].tolist() == wanted


def test_what_has_no_score_is_no_box() -> None:
    boxes = jnp.array([[0, 0, 9, 9], [20, 20, 29, 29]])
    chosen, valid = suppress(boxes, jnp.array([-jnp.inf, 0.5]), 3, 0.5)
    assert np.asarray(valid).tolist() == [True, False, False]
    assert int(chosen[0]) == 1
