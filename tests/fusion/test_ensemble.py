"""One program scores every sample of a size, and its numbers do not depend on how the work was cut."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fusion.make_shared import Shared, make_shared
from numpy.typing import NDArray
from reference.ensemble import joined, kernels_of
from reference.prototype import modality_score
from reference.ridge import ridge_score_and_mixes

from phenojax.fusion.ensemble import (
    FOLDS,
    SIZES,
    Classifier,
    EnsembleConfig,
    padded_shape,
    prepare_sample,
    score_labellings,
)
from phenojax.fusion.ranks import RankSums, rank_sums
from phenojax.fusion.ridge import RidgeConfig

CONFIG = EnsembleConfig(RidgeConfig(n_penalties=3), mixes=(0.25, 0.75), prototype=0.4, prototype_mix=0.3)
P = 256
every_classifier = pytest.mark.parametrize("classifier", [Classifier.ENSEMBLE, Classifier.KERNEL, Classifier.PROTOTYPE])


def run(
    sample: Shared, classifier: Classifier, p: int = P, config: EnsembleConfig = CONFIG
) -> tuple[RankSums, NDArray[np.float32]]:
    """Rank sums of all labellings in calls of ``p``, and the scores of the first."""
    prepared = prepare_sample(
        sample.kernels, sample.present, sample.folds, sample.groups, classifier=classifier, config=config
    )
    prepared = jax.tree.map(jnp.asarray, prepared)
    n, n_padded, total = len(sample.folds), len(prepared.valid), len(sample.labels)
    sums, first = [], None
    for start in range(0, total, p):
        block = np.ones((p, n_padded), dtype=bool)
        part = sample.labels[start : start + p]
        block[: len(part), :n] = part
        found, scores = score_labellings(prepared, jnp.asarray(block), len(part), classifier=classifier, config=config)
        sums.append([np.asarray(a)[: len(part)] for a in found])
        first = scores if first is None else first
    return RankSums(*map(np.concatenate, zip(*sums, strict=True))), np.asarray(first)[:n]


def partly(seed: int, **more: int) -> Shared:
    sample = make_shared(seed, m=2, **more)
    lacks = np.random.default_rng(seed).integers(0, 5, len(sample.folds))
    return sample.without(0, lacks == 0).without(1, lacks == 1)


def by_definition(sample: Shared, classifier: Classifier) -> NDArray[np.float64]:
    """Of the first labelling."""
    labels, folds, groups = sample.labels[0], sample.folds, sample.groups
    mixes, mixed, compared = kernels_of(sample.kernels, sample.present, groups, CONFIG)
    ridge, of_mixes = ridge_score_and_mixes(mixed, labels, folds, groups, CONFIG.ridge.penalties)

    def prototype(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        shared = (compared, sample.present, labels, folds, groups)
        return np.array([modality_score(*shared, weights[i], i) for i in range(len(labels))])

    return joined(classifier, CONFIG, mixes, ridge, of_mixes, prototype)


@every_classifier
def test_one_modality_is_scored_as_it_says(classifier: Classifier) -> None:
    sample = make_shared(12)
    np.testing.assert_allclose(run(sample, classifier)[1], by_definition(sample, classifier), atol=1e-5)


@every_classifier
def test_two_modalities_are_mixed_as_it_says(classifier: Classifier) -> None:
    sample = partly(1)
    np.testing.assert_allclose(run(sample, classifier)[1], by_definition(sample, classifier), atol=1e-5)


@every_classifier
def test_the_rank_sums_are_those_of_the_scores(classifier: Classifier) -> None:
    sample = make_shared(2)
    for row in range(len(sample.labels)):
        # the scores that come back are those of the first labelling
        sums, scores = run(sample._replace(labels=np.roll(sample.labels, -row, axis=0)), classifier)
        expected = rank_sums(jnp.asarray(scores)[None], jnp.asarray(sample.labels[[row]]), jnp.ones(24, dtype=bool))
        assert [int(a[0]) for a in sums] == [int(a[0]) for a in expected]


@every_classifier
def test_the_size_of_a_call_does_not_matter(classifier: Classifier) -> None:
    sample = partly(3, p=300)
    together, scores = run(sample, classifier)
    apart, again = run(sample, classifier, p=128)
    np.testing.assert_array_equal(together.twice_wins, apart.twice_wins)
    np.testing.assert_array_equal(scores, again)


@every_classifier
def test_a_labelling_does_not_depend_on_those_beside_it(classifier: Classifier) -> None:
    sample = partly(3, p=150)
    order = np.random.default_rng(1).permutation(150)
    sums, _ = run(sample, classifier)
    again, _ = run(sample._replace(labels=sample.labels[order]), classifier)
    for one, other in zip(sums, again, strict=True):
        np.testing.assert_array_equal(one[order], other)


@every_classifier
def test_compiled_and_step_by_step_the_numbers_are_the_same(classifier: Classifier) -> None:
    sample, config = partly(11, n=20, n_groups=9), dataclasses.replace(CONFIG, ridge=RidgeConfig(n_penalties=1))
    sums, scores = run(sample, classifier, p=5, config=config)
    with jax.disable_jit():
        again, stepwise = run(sample, classifier, p=5, config=config)
    np.testing.assert_allclose(scores, stepwise, rtol=0, atol=1e-6)
    for one, other in zip(sums, again, strict=True):
        np.testing.assert_array_equal(one, other)


@every_classifier
def test_an_individual_does_not_know_its_own_label(classifier: Classifier) -> None:
    sample = partly(9, p=1)
    before = run(sample, classifier)[1]
    for i in range(24):
        after = run(sample.flipped(np.arange(24) == i), classifier)[1]
        np.testing.assert_allclose(after[i], before[i], atol=1e-6)
        assert np.abs(after - before).max() > 1e-4, "it does matter to the others"


@every_classifier
def test_the_order_of_individuals_does_not_matter(classifier: Classifier) -> None:
    sample = partly(4)
    order = np.random.default_rng(0).permutation(24)
    sums, scores = run(sample, classifier)
    again, mixed = run(sample.reordered(order), classifier)
    np.testing.assert_allclose(mixed, scores[order], atol=1e-6)
    np.testing.assert_allclose(again.twice_wins, sums.twice_wins, atol=1)


@every_classifier
def test_who_lacks_a_modality_is_scored_by_the_other_alone(classifier: Classifier) -> None:
    sample = make_shared(5, m=2)
    faceless = np.arange(24) == 3
    scored = run(sample.without(1, faceless), classifier)[1][3]
    kernels = sample.kernels.copy()
    kernels[1, 3] = kernels[1, :, 3] = 0.99  # a face like everybody's
    assert run(sample._replace(kernels=kernels).without(1, faceless), classifier)[1][3] == scored
    assert scored != 0
    assert run(sample, classifier)[1][3] != scored, "its face would have counted"


def alone_and_beside_a_modality_that_nobody_has(
    sample: Shared, classifier: Classifier
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    doubled = sample._replace(kernels=np.repeat(sample.kernels, 2, axis=0), present=np.ones((2, 24), dtype=bool))
    beside = doubled.without(1, np.ones(24, dtype=bool))
    return run(sample, classifier)[1], run(beside, classifier)[1]


def test_a_modality_that_nobody_has_changes_nothing_for_the_ridge() -> None:
    alone, beside = alone_and_beside_a_modality_that_nobody_has(make_shared(6), Classifier.KERNEL)
    np.testing.assert_allclose(beside, alone, atol=1e-5)


def test_a_modality_that_nobody_has_moves_the_prototype_by_the_origin_which_is_the_same_for_a_fold() -> None:
    sample = make_shared(6)
    alone, beside = alone_and_beside_a_modality_that_nobody_has(sample, Classifier.PROTOTYPE)
    for fold in range(3):
        moved = (beside - alone)[sample.folds == fold]
        np.testing.assert_allclose(moved, moved[0], atol=1e-5)
        assert np.ptp(alone[sample.folds == fold]) > 0.1


@pytest.mark.parametrize("m", [1, 2])
def test_the_prototype_has_the_unit_of_its_kernel(m: int) -> None:
    sample = make_shared(8, m=m)
    stretched = sample._replace(kernels=sample.kernels * np.array([40.0, 0.02], np.float32)[:m, None, None])
    for classifier in (Classifier.PROTOTYPE, *([Classifier.ENSEMBLE] if m == 1 else [])):
        np.testing.assert_allclose(run(stretched, classifier)[1], run(sample, classifier)[1], atol=2e-5)


@every_classifier
def test_cases_that_resemble_each_other_win_and_others_do_not(classifier: Classifier) -> None:
    def share_won(signal: float) -> list[float]:
        sums = [run(make_shared(seed, p=1, signal=signal), classifier)[0] for seed in range(6)]
        return [float(s.twice_wins[0] / (2 * s.n_cases[0] * s.n_controls[0])) for s in sums]

    assert np.mean(share_won(2.0)) > 0.9
    assert np.mean(share_won(0.0)) < 0.65


def test_a_padded_shape_holds_its_sample() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        n = int(rng.integers(2, 300))
        k = int(rng.integers(2, min(n, 12) + 1))
        folds = rng.permutation(np.concatenate([np.arange(k), rng.integers(0, k, n - k)]))
        shape = padded_shape(folds)
        assert shape.n >= n
        assert shape.folds >= k
        assert shape.columns >= n - np.bincount(folds).min()
        assert shape.n in SIZES
        assert shape.folds in FOLDS
    assert padded_shape(np.arange(200)).folds == 256
    assert padded_shape(np.arange(2000) % 5).n == 2048


def test_a_screen_of_20_to_200_individuals_takes_at_most_12_programs() -> None:
    rng = np.random.default_rng(0)
    shapes = set()
    for n in [*range(20, 200, 6), 200]:
        n_groups, n_folds = int(rng.integers(n // 3, n + 1)), int(rng.integers(2, 6))
        sample = make_shared(n, n, n_groups, n_folds, p=2)
        shapes.add(padded_shape(sample.folds))
    assert 1 < len(shapes) <= 12


def test_samples_of_one_padded_shape_share_one_program() -> None:
    config = dataclasses.replace(CONFIG, prototype=0.11)  # a config of its own: no program of another test
    samples = [make_shared(n, n, n, n_folds, p=2) for n, n_folds in ((25, 5), (29, 4), (32, 5), (33, 5))]
    shapes = {padded_shape(sample.folds) for sample in samples}
    assert len(shapes) == 2
    before = score_labellings._cache_size()
    for sample in samples:
        run(sample, Classifier.ENSEMBLE, p=8, config=config)
    assert score_labellings._cache_size() - before == len(shapes)
