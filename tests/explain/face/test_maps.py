"""What pixels add to a face's score: three methods, against slow twins and a network that sees one part of the face."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest
from face.embedding.tiny_encoder import SIDE, WIDTH, tiny_encoder
from numpy.typing import NDArray
from reference.face_maps import slow_integrated_gradients, slow_occlusion
from sklearn.linear_model import Ridge

from phenojax.errors import ConfigError
from phenojax.explain.face import integrated_gradients as gradients_module
from phenojax.explain.face.head import FaceScorer, face_scorer, score_chips
from phenojax.explain.face.integrated_gradients import integrated_gradients
from phenojax.explain.face.lime import lime, ridge_weights
from phenojax.explain.face.occlusion import coverage, occlusion

Chip = NDArray[np.uint8]
Method = Callable[[FaceScorer, Chip], NDArray[np.float32]]


def by_gradients(scorer: FaceScorer, chip: Chip) -> NDArray[np.float32]:
    return integrated_gradients(scorer, chip).values


def by_occlusion(scorer: FaceScorer, chip: Chip) -> NDArray[np.float32]:
    return occlusion(scorer, chip, places=14).values


def by_lime(scorer: FaceScorer, chip: Chip) -> NDArray[np.float32]:
    return lime(scorer, chip, rounds=12, masks=100).values


METHODS = pytest.mark.parametrize("method", [by_gradients, by_occlusion, by_lime])


def score_one(scorer: FaceScorer) -> Callable[[jax.Array], jax.Array]:
    return lambda face: score_chips(*scorer, face[None])[0]


def test_the_score_of_a_face_is_the_heads_of_its_unit_embedding(scorer: FaceScorer, chip: Chip) -> None:
    vectors = np.asarray(tiny_encoder().module.apply({"params": scorer.params}, (chip[None] - 127.5) / 128))[0]
    wanted = vectors @ np.asarray(scorer.head.direction) / np.linalg.norm(vectors) + 0.25
    assert occlusion(scorer, chip).score == pytest.approx(wanted, abs=1e-5)
    assert integrated_gradients(scorer, chip).score == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("steps", [1, 7, 8, 20, 64])
def test_gradients_in_batches_are_the_sum_of_single_ones(scorer: FaceScorer, chip: Chip, steps: int) -> None:
    found = integrated_gradients(scorer, chip, steps=steps).values
    wanted = slow_integrated_gradients(score_one(scorer), chip, steps)
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_what_pixels_add_is_the_score_above_the_baseline(scorer: FaceScorer, chip: Chip) -> None:
    coarse, fine = (integrated_gradients(scorer, chip, steps=steps) for steps in (4, 256))
    for found in (coarse, fine):
        total = found.values.sum(dtype=np.float64)
        assert found.gap == pytest.approx(total - (found.score - found.baseline), abs=1e-6)
    assert abs(fine.gap) < 0.01 * abs(fine.score - fine.baseline)
    assert abs(fine.gap) < abs(coarse.gap)


def test_occlusion_is_what_blanking_patch_by_patch_takes_away(scorer: FaceScorer, chip: Chip) -> None:
    found = occlusion(scorer, chip, places=3)
    wanted = slow_occlusion(score_one(scorer), chip, 3)
    np.testing.assert_allclose(found.values, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize(("side", "places"), [(150, 18), (112, 18), (9, 4), (5, 1)])
def test_patches_cover_all_pixels_and_those_inside_alike(side: int, places: int) -> None:
    covered = coverage(side, places).sum(axis=0)
    assert covered.min() >= 1 - 1e-5
    margin = int(np.ceil(side / places / 2))
    np.testing.assert_allclose(covered[margin : side - margin], 2 if places > 1 else 1, rtol=1e-5)


@METHODS
def test_all_that_counts_lies_where_the_encoder_looks(
    method: Method, looks_at_one_part: FaceScorer, seen: NDArray[np.bool_], chip: Chip
) -> None:
    size = np.abs(method(looks_at_one_part, chip))
    inside = size[seen].sum() / size.sum()
    # Gradients know the pixel; patches and cells reach over the edge, and LIME has its sampling error.
    least = {by_gradients: 1 - 1e-5, by_occlusion: 0.4, by_lime: 0.3}[method]
    assert inside >= least
    assert inside >= 3 * seen.mean()


@pytest.mark.parametrize("method", [by_gradients, by_occlusion])
def test_where_mirror_images_count_alike_a_mirrored_face_has_the_mirrored_map(method: Method, chip: Chip) -> None:
    scorer = face_scorer(tiny_encoder(), np.arange(1.0, WIDTH + 1), flip=True)
    values = method(scorer, chip)
    np.testing.assert_allclose(method(scorer, chip[:, ::-1]), values[:, ::-1], atol=1e-5 * np.abs(values).max())


@METHODS
def test_turning_the_model_round_turns_the_signs_round(method: Method, scorer: FaceScorer, chip: Chip) -> None:
    values = method(scorer, chip)
    turned = method(scorer.with_head(-np.asarray(scorer.head.direction)), chip)
    np.testing.assert_allclose(turned, -values, atol=1e-4 * np.abs(values).max())


def test_limes_weights_are_those_of_a_weighted_ridge_regression() -> None:
    rng = np.random.default_rng(2)
    shown = rng.integers(0, 2, (60, 9)).astype(np.float32)
    scores = (shown @ rng.normal(size=9) + rng.normal(size=60)).astype(np.float32)
    distance = 1 - shown.sum(axis=1) / (3 * np.linalg.norm(shown, axis=1))
    peer = Ridge(alpha=1.0).fit(shown, scores, sample_weight=np.exp(-((distance / 0.25) ** 2) / 2))
    np.testing.assert_allclose(np.asarray(ridge_weights(shown, scores)), peer.coef_, atol=1e-4)


def test_lime_says_how_unsure_it_is_and_repeats_itself(scorer: FaceScorer, chip: Chip) -> None:
    done: list[tuple[int, int]] = []
    first = lime(scorer, chip, rounds=4, masks=60, seed=5, progress=lambda n, of: done.append((n, of)))
    again = lime(scorer, chip, rounds=4, masks=60, seed=5)
    other = lime(scorer, chip, rounds=4, masks=60, seed=6)
    long = lime(scorer, chip, rounds=36, masks=60, seed=6)
    np.testing.assert_array_equal(first.values, again.values)
    assert np.abs(other.values - first.values).max() > 0
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert 0 < np.median(long.error) < 0.5 * np.median(first.error)
    assert np.isnan(lime(scorer, chip, rounds=1, masks=60).error).all()


def test_one_program_serves_all_faces_and_models(scorer: FaceScorer, chip: Chip) -> None:
    integrated_gradients(scorer, chip, steps=24)
    before = gradients_module._gradients._cache_size()  # type: ignore[attr-defined]
    integrated_gradients(scorer.with_head(np.ones(WIDTH), 3.0), chip[::-1].copy(), steps=24)
    assert gradients_module._gradients._cache_size() == before  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        (lambda s, c: face_scorer(tiny_encoder(), np.ones(WIDTH + 1)), r"direction must have shape \(8,\)"),
        (lambda s, c: s.with_head(np.full(WIDTH, np.nan)), "must be finite"),
        (lambda s, c: integrated_gradients(s, c[:-1]), r"shape \(112, 112, 3\)"),
        (lambda s, c: occlusion(s, c.astype(float) + 1), "from 0 to 255"),
        (lambda s, c: integrated_gradients(s, c, steps=0), "steps must be a whole number of at least 1"),
        (lambda s, c: occlusion(s, c, places=2.5), "places must be a whole number"),
        (lambda s, c: lime(s, c, masks=1), "masks must be a whole number of at least 2"),
        (lambda s, c: lime(s, c, seed=-1), "seed must be"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    mistake: Callable[[FaceScorer, Chip], object], says: str, scorer: FaceScorer
) -> None:
    chip = np.full((SIDE, SIDE, 3), 255, np.uint8)
    with pytest.raises(ConfigError, match=says):
        mistake(scorer, chip)
