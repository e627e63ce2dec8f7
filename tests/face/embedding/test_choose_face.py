"""Of several faces the rule takes one, and the same one always."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from phenojax.face.detectors.detection import Detections
from phenojax.face.embedding.choose_face import choose_face
from phenojax.face.embedding.settings import FaceRule

# On a picture of 100 x 200 pixels: a sure one, a large one at the edge, one in the middle, and a slot not in use that
# would beat them all.
BOXES = [[10, 10, 30, 30], [0, 0, 60, 60], [90, 40, 110, 60], [0, 0, 199, 99]]
SIZE = (100, 200)


def found(boxes: list[list[float]], valid: list[bool]) -> Detections:
    n = len(boxes)
    landmarks = np.arange(n * 10, dtype=np.float32).reshape(1, n, 5, 2)
    return Detections(
        jnp.array([boxes], jnp.float32),
        jnp.linspace(1, 0, n, dtype=jnp.float32)[None],
        jnp.asarray(landmarks),
        jnp.array([valid]),
    )


@pytest.mark.parametrize(("rule", "taken"), [(FaceRule.LARGEST, 1), (FaceRule.CENTRAL, 2), (FaceRule.ONLY, 0)])
def test_each_rule_takes_its_face_with_score_and_landmarks(rule: FaceRule, taken: int) -> None:
    faces = found(BOXES, [True, True, True, False])
    chosen = choose_face(rule, faces, jnp.array([SIZE], jnp.int32))
    assert chosen.n_faces.tolist() == [3]
    assert chosen.boxes[0].tolist() == BOXES[taken]
    assert chosen.scores[0] == faces.scores[0, taken]
    np.testing.assert_array_equal(chosen.landmarks[0], faces.landmarks[0, taken])


@pytest.mark.parametrize("rule", [FaceRule.LARGEST, FaceRule.CENTRAL])
def test_of_equals_the_surer_one_is_taken(rule: FaceRule) -> None:
    mirrored = [[20, 40, 40, 60], [159, 40, 179, 60]]  # both 70 pixels from the middle, 99.5
    chosen = choose_face(rule, found(mirrored, [True, True]), jnp.array([SIZE], jnp.int32))
    assert chosen.boxes[0].tolist() == mirrored[0]


def test_no_face_is_counted_as_none() -> None:
    chosen = choose_face(FaceRule.LARGEST, found(BOXES, [False] * 4), jnp.array([SIZE], jnp.int32))
    assert chosen.n_faces.tolist() == [0]
