"""Rank sums are AUCs in whole numbers, and one program serves every sample of a bucket."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_sample import FOLDS, make_sample
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from phenojax.fusion import Model, prototype_scores, rank_sums, score_labellings
from phenojax.fusion.ranks import _by_pairs, _by_sorting
from phenojax.screen.config import ScreenConfig
from phenojax.screen.sample import BUCKETS, Sample, bucket, run_sample

N = 24
count = jax.jit(rank_sums)
by_pairs, by_sorting = jax.jit(_by_pairs), jax.jit(_by_sorting)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([3, 50, 10**6]), st.floats(0.1, 0.9))
def test_rank_sums_are_the_auc_of_scikit_learn(seed: int, n_values: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    scores = (rng.integers(-n_values, n_values, (4, N)) * 1e-6).astype(np.float32)
    labels, valid = rng.random((4, N)) < share, rng.random(N) < 0.8
    valid[:2], labels[:, 0], labels[:, 1] = True, True, False
    found = count(jnp.asarray(scores), jnp.asarray(labels), jnp.asarray(valid))
    pairs = np.asarray(found.n_cases) * np.asarray(found.n_controls)
    np.testing.assert_array_equal(found.n_cases, (labels & valid).sum(axis=1))
    np.testing.assert_array_equal(found.n_controls, (~labels & valid).sum(axis=1))
    grid = np.round(scores.astype(np.float64) / 1e-6)
    expected = [roc_auc_score(y[valid], s[valid]) for y, s in zip(labels, grid, strict=True)]
    np.testing.assert_allclose(np.asarray(found.twice_wins) / (2 * pairs), expected, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([2, 50, 10**6]))
def test_comparing_pairs_and_sorting_count_the_same(seed: int, n_values: int) -> None:
    rng = np.random.default_rng(seed)
    grid = jnp.asarray(rng.integers(-n_values, n_values, (N, 4)), jnp.int32)
    case, valid = jnp.asarray(rng.random((N, 4)) < 0.4), jnp.asarray(rng.random((N, 1)) < 0.8)
    arguments = (grid, case & valid, ~case & valid)
    np.testing.assert_array_equal(by_pairs(*arguments), by_sorting(*arguments))


def _twice_wins(scores: list[float], labels: list[int]) -> int:
    y = jnp.asarray([labels], dtype=bool)
    found = count(jnp.asarray([scores], dtype=jnp.float32), y, jnp.ones(len(labels), dtype=bool))
    return int(found.twice_wins[0])


def test_scores_closer_than_the_grid_are_ties() -> None:
    assert _twice_wins([0.5, 0.5 + 2e-7], [1, 0]) == 1
    assert _twice_wins([0.5, 0.5 + 2e-7], [0, 1]) == 1
    assert _twice_wins([0.5, 0.500002], [1, 0]) == 0
    assert _twice_wins([0.5, 0.500002], [0, 1]) == 2


def test_scores_off_the_grid_are_clipped_and_not_wrapped() -> None:
    assert _twice_wins([1e9, 0.0, -1e9], [1, 0, 0]) == 4
    assert _twice_wins([1e9, 2e9, -1e9], [1, 0, 0]) == 3


@pytest.mark.parametrize("model", list(Model))
def test_the_scores_that_come_back_are_those_of_the_first_labelling(model: Model) -> None:
    sample = make_sample(1)
    matrix = sample.kernel if model is Model.PROTOTYPE else sample.similarity
    present = np.ones((1, len(matrix)), bool)
    arrays = [jnp.asarray(a) for a in (matrix[None], present, sample.labels, sample.folds, sample.groups, sample.valid)]
    sums, scores = score_labellings(*arrays, model=model, n_folds=FOLDS)
    assert scores.shape == sample.valid.shape
    wins = rank_sums(scores[None, :], arrays[2][:1], arrays[5]).twice_wins
    assert int(sums.twice_wins[0]) == int(wins[0])
    if model is Model.PROTOTYPE:
        np.testing.assert_allclose(scores, prototype_scores(*arrays, FOLDS)[0], atol=1e-6)


def test_a_bucket_holds_its_sample_and_there_are_few_of_them() -> None:
    sizes = [bucket(n) for n in range(1, 3000)]
    assert all(size >= n for n, size in enumerate(sizes, 1))
    assert sizes == sorted(sizes)
    assert set(sizes) == {*BUCKETS, 1536, 2048, 2560, 3072}
    assert [bucket(n) for n in (1, 32, 33, 1024, 1025)] == [32, 32, 64, 1024, 1536]


def _run(n: int, config: ScreenConfig) -> None:
    drawn = make_sample(n, n=n)
    present = np.ones((1, n), bool)
    labels, groups = drawn.labels[0], drawn.groups.astype(np.int64)
    run_sample(Sample(drawn.kernel[None], present, drawn.similarity, labels, groups), config, str(n))


def test_samples_of_one_bucket_share_one_program() -> None:
    config = ScreenConfig(permutations=20, folds=7)
    before = score_labellings._cache_size()
    for n in (97, 110, 128):
        _run(n, config)
    assert score_labellings._cache_size() == before + 1
    _run(129, config)
    assert score_labellings._cache_size() == before + 2
