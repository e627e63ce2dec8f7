"""The deletion test of faces: blanking the patches that a map calls important takes the score away first."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.explain.deletion import deletion_curve, deletion_scores
from phenojax.explain.face.head import FaceScorer
from phenojax.explain.face.integrated_gradients import integrated_gradients
from phenojax.explain.face.occlusion import occlusion
from phenojax.explain.face.patches import kept_patches_score, patch_numbers, patch_values


def test_a_face_without_patches_scores_like_the_baseline_and_a_whole_one_like_itself(
    scorer: FaceScorer, chip: NDArray[np.uint8]
) -> None:
    found = integrated_gradients(scorer, chip)
    scores = kept_patches_score(scorer, chip, 5)(np.repeat([[False], [True]], 25, axis=1))
    np.testing.assert_allclose(scores, [found.baseline, found.score], atol=1e-5)


def test_each_row_of_what_is_kept_has_its_own_score(scorer: FaceScorer, chip: NDArray[np.uint8]) -> None:
    score = kept_patches_score(scorer, chip, 4)
    kept = np.random.default_rng(0).random((70, 16)) < 0.5
    np.testing.assert_allclose(score(kept)[[0, 66]], np.concatenate([score(kept[:1]), score(kept[66:67])]), atol=1e-6)
    blanked = chip.astype(np.float64)
    blanked[np.isin(patch_numbers(len(chip), 4), np.flatnonzero(~kept[0]))] = chip.mean(axis=(0, 1))
    assert score(kept[:1])[0] == pytest.approx(occlusion(scorer, blanked).score, abs=1e-5)


def test_values_of_patches_add_up_to_those_of_pixels() -> None:
    values = np.random.default_rng(1).normal(size=(23, 23))
    found = patch_values(values, 4)
    assert found.sum() == pytest.approx(values.sum())
    assert found[0] == pytest.approx(values[:6, :6].sum())
    with pytest.raises(ConfigError, match="square map of at least 4 pixels"):
        patch_values(values[:3, :3], 4)


def test_blanking_what_a_map_calls_important_moves_the_score_more_than_chance(
    looks_at_one_part: FaceScorer, chip: NDArray[np.uint8]
) -> None:
    removed = np.arange(0, 50, 7)
    for values in (integrated_gradients(looks_at_one_part, chip).values, occlusion(looks_at_one_part, chip).values):
        score = kept_patches_score(looks_at_one_part, chip, 7)
        scores = deletion_scores(score, patch_values(values, 7), removed, draws=60)
        curve = deletion_curve(scores.guided[None], scores.random[None], removed)
        assert curve.area > 0
        assert curve.p_value < 0.1
