"""Rank sums are AUCs in whole numbers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from phenojax.fusion import rank_sums
from phenojax.fusion.ranks import _by_pairs, _by_sorting

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
