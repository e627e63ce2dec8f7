"""What is measured of held-out faces."""

from __future__ import annotations

import numpy as np
import pytest

from phenojax.face.training import evaluation
from phenojax.face.training.evaluation import validate


def test_faces_that_come_class_by_class_are_all_compared_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first half is told apart by nothing, the second perfectly.
    labels = np.repeat(np.arange(4, dtype=np.int32), 10)
    vectors = np.where(labels[:, None] < 2, np.arange(40)[:, None] % 10, 100 * labels[:, None]).astype(np.float32)
    groups = np.arange(40, dtype=np.int32)
    whole = validate(vectors, labels, groups, vectors[::10])
    monkeypatch.setattr(evaluation, "MAX_FACES", 20)
    some = validate(vectors, labels, groups, vectors[::10])
    assert some.n_pairs == 20 * 19 // 2
    assert some.auc == pytest.approx(whole.auc, abs=0.05)
    assert (some.top1, some.n) == (whole.top1, 40)
