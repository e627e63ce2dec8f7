"""One labelled sample: every classifier finds what is there, not what is not, and ends no run over an odd sample."""

from __future__ import annotations

import threading
from dataclasses import replace
from importlib import import_module
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reference.prototype import prototype_score
from reference.roc import area

from phenojax import stats
from phenojax.fusion import Classifier
from phenojax.screen.config import ScreenConfig
from phenojax.screen.sample import Sample, SampleTest, run_sample

KERNELS = [Classifier.ENSEMBLE, Classifier.KERNEL, Classifier.PROTOTYPE]
MODALITIES = ["hpo", "face", "both"]
CONFIG = ScreenConfig(permutations=199)


def _traits(rng: np.random.Generator, labels: NDArray[np.bool_], effect: float) -> NDArray[np.float32]:
    """Unit vectors that share a little, and cases one direction more."""
    found = rng.normal(size=(len(labels), 10)) + 0.5
    found[:, 0] += effect * labels
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def _sample(modality: str, effect: float, seed: int = 0, n: int = 48, per_group: int = 2) -> Sample:
    """A quarter are cases; groups of two; of both modalities a third lack one."""
    rng = np.random.default_rng(seed)
    groups = np.arange(n) // per_group
    labels = groups % 4 == 0
    traits = np.stack([_traits(rng, labels, effect) for _ in range(2 if modality == "both" else 1)])
    present = np.ones(traits.shape[:2], bool)
    if modality == "both":
        lacks = rng.permutation(n)[: n // 3]
        present[rng.integers(0, 2, len(lacks)), lacks] = False
    traits *= present[:, :, None]
    kernels = traits @ traits.swapaxes(1, 2)
    for kernel, has in zip(kernels, present, strict=True):
        np.fill_diagonal(kernel, has)
    embeddings = None if modality == "hpo" else np.where(present[-1][:, None], traits[-1], np.nan)
    similarity = None if modality == "face" else kernels[0]
    return Sample(kernels, present, stats.make_design(labels, groups), similarity, embeddings)


def _run(sample: Sample, classifier: Classifier = Classifier.ENSEMBLE, **settings: Any) -> SampleTest:
    return run_sample(sample, replace(CONFIG, classifier=classifier, **settings), "gene")


def _assert_same(one: SampleTest, other: SampleTest) -> None:
    for name, value in one._asdict().items():
        np.testing.assert_array_equal(value, getattr(other, name), name)


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("classifier", KERNELS)
def test_what_cases_share_is_found(classifier: Classifier, modality: str) -> None:
    found = _run(_sample(modality, 2.0), classifier)
    assert found.auc > 0.85
    assert found.auc_low > 0.6
    assert found.p_value == found.min_p == 1 / 200
    assert found.p_mmd == 1 / 200
    assert found.brier < 0.2
    assert found.power > 0.9
    assert found.cases_needed is not None
    assert found.cases_needed < 12
    assert ((found.probabilities > 0) & (found.probabilities < 1)).all()


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("classifier", KERNELS)
def test_where_cases_share_nothing_nothing_is_found(classifier: Classifier, modality: str) -> None:
    tests = [_run(_sample(modality, 0.0, seed), classifier) for seed in range(10)]
    # of ten nulls two at most .01 come once in 240 samples of ten
    assert sum(found.p_value <= 0.01 for found in tests) < 2
    assert sum(found.p_mmd <= 0.01 for found in tests) < 2
    assert 0.25 < np.mean([found.p_value for found in tests]) < 0.75
    assert 0.4 < np.mean([found.auc for found in tests]) < 0.6
    # a constant has .25
    assert np.mean([found.brier for found in tests]) < 0.29


@pytest.mark.parametrize("modality", ["hpo", "face"])
def test_phenoscores_procedure_finds_what_is_there(modality: str) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the phenoscore extra")
    found = _run(_sample(modality, 3.0, n=16, per_group=1), Classifier.PHENOSCORE, permutations=1)
    assert found.auc > 0.85
    assert (found.p_value, found.p_method) == (0.5, "draws")
    np.testing.assert_array_equal(found.scores, found.probabilities)


def test_phenoscores_procedure_does_not_find_what_is_not_there() -> None:
    """Of nine individuals, by its logistic regression, which is quicker than its support vector machine."""
    pytest.importorskip("sklearn", reason="scikit-learn is in the phenoscore extra")
    design = stats.make_design(np.arange(9) % 2 == 0)
    p = []
    for seed in range(2):
        sample = _sample("hpo", 0.0, seed, n=9, per_group=1)._replace(design=design)
        p.append(_run(sample, Classifier.PHENOSCORE, permutations=9).p_value)
    assert min(p) > 0.1
    assert np.mean(p) > 0.25


def test_phenoscores_procedure_imputes_nobody() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the phenoscore extra")
    with pytest.raises(ValueError, match="embeddings must be finite; leave out individuals that lack it"):
        _run(_sample("both", 2.0), Classifier.PHENOSCORE)


def test_the_exact_p_of_a_small_sample_is_that_of_every_labelling_scored_by_hand() -> None:
    sample = _sample("hpo", 0.8, seed=1, n=8, per_group=1)
    labels = np.arange(8) < 4
    sample = sample._replace(design=stats.make_design(labels))
    found = _run(sample, Classifier.PROTOTYPE)
    groups, kernel = np.arange(8), sample.kernels[0]
    aucs = []
    for cases in combinations(range(8), 4):
        labelling = np.isin(groups, cases)
        scores = [round(prototype_score(kernel, labelling, groups, groups, i) / _spread(kernel), 6) for i in groups]
        aucs.append(area(labelling.tolist(), scores))
    assert (found.p_method, found.n_permutations) == ("exact", 69)
    assert found.auc == pytest.approx(aucs[0])
    assert found.p_value == np.mean(np.array(aucs) >= aucs[0] - 1e-9)


def _spread(kernel: NDArray[np.float32]) -> float:
    """Root mean square of the centred kernel between individuals."""
    n = len(kernel)
    centre = np.eye(n) - 1 / n
    centred = centre @ kernel.astype(np.float64) @ centre
    return float(np.sqrt((centred[~np.eye(n, dtype=bool)] ** 2).mean()))


@pytest.mark.parametrize("classifier", KERNELS)
def test_a_modality_that_nobody_has_changes_little_and_ends_nothing(classifier: Classifier) -> None:
    one = _sample("hpo", 2.0)
    nobody = np.zeros_like(one.present)
    nothing = np.zeros_like(one.kernels)
    both = one._replace(kernels=np.concatenate([one.kernels, nothing]), present=np.concatenate([one.present, nobody]))
    found, alone = _run(both, classifier), _run(one, classifier)
    assert found.auc == pytest.approx(alone.auc, abs=0.05)
    assert found.p_value == alone.p_value
    if classifier is Classifier.KERNEL:
        np.testing.assert_allclose(found.scores, alone.scores, atol=2e-6)


@pytest.mark.parametrize("classifier", KERNELS)
def test_identical_individuals_say_nothing(classifier: Classifier) -> None:
    sample = _sample("hpo", 0.0)
    found = _run(sample._replace(kernels=np.ones_like(sample.kernels)), classifier)
    assert (found.auc, found.p_value, found.p_mmd) == (0.5, 1.0, 1.0)
    assert (found.auc_low <= 0.5 <= found.auc_high, found.cases_needed) == (True, None)
    np.testing.assert_array_equal(found.scores, 0)
    assert found.brier == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("classifier", KERNELS)
def test_copies_of_one_individual_in_different_groups_end_nothing(classifier: Classifier) -> None:
    """A singular kernel: everybody is there twice."""
    sample = _sample("hpo", 2.0)
    twice = np.tile(np.arange(24), 2)
    found = _run(sample._replace(kernels=sample.kernels[:, twice][:, :, twice]), classifier)
    assert np.isfinite(found.scores).all()
    assert 0 <= found.auc <= 1


@pytest.mark.parametrize("classifier", list(Classifier))
@pytest.mark.parametrize("n_cases", [0, 1, 15, 16])
def test_labels_that_leave_fewer_than_two_of_a_class_are_refused(classifier: Classifier, n_cases: int) -> None:
    sample = _sample("hpo", 0.0, n=16, per_group=1)
    sample = sample._replace(design=stats.make_design(np.arange(16) < n_cases))
    with pytest.raises(ValueError, match="cases and controls must each come from at least two groups"):
        _run(sample, classifier)


def test_two_individuals_are_refused_and_two_and_two_are_tested() -> None:
    sample = _sample("hpo", 0.0, n=4, per_group=1)
    two = Sample(sample.kernels[:, :2, :2], sample.present[:, :2], stats.make_design(np.array([True, False])))
    with pytest.raises(ValueError, match="at least two groups"):
        _run(two)
    for classifier in KERNELS:
        found = _run(sample._replace(design=stats.make_design(np.array([1, 1, 0, 0], bool))), classifier)
        assert (found.p_method, found.n_permutations, found.min_p) == ("exact", 5, 2 / 6)
        assert found.p_value >= 2 / 6
        assert np.isfinite(found.probabilities).all()


def test_two_groups_of_cases_are_enough() -> None:
    """Under some labellings, and with one of two case groups left out, a training set holds one group of a class."""
    sample = _sample("hpo", 2.0, n=32, per_group=4)
    labels = np.arange(32) < 8
    found = _run(sample._replace(design=stats.make_design(labels, np.arange(32) // 4)))
    assert (found.p_method, found.n_permutations) == ("exact", 27)
    assert np.isfinite(found.scores).all()


@pytest.mark.parametrize("classifier", KERNELS)
@pytest.mark.parametrize("modality", ["hpo", "both"])
def test_one_seed_gives_one_test_and_another_draws_anew(classifier: Classifier, modality: str) -> None:
    sample = _sample(modality, 0.4)
    first = _run(sample, classifier)
    _assert_same(first, _run(sample, classifier))
    other = _run(sample, classifier, seed=1)
    assert other.auc == first.auc, "every group is left out in turn: there is one way to deal the folds"
    assert (other.p_value, other.p_mmd) != (first.p_value, first.p_mmd)


def test_the_test_without_a_classifier_does_not_depend_on_the_classifier() -> None:
    sample = _sample("both", 0.6)
    assert len({_run(sample, classifier).p_mmd for classifier in KERNELS}) == 1


def test_a_sample_whose_operators_would_not_fit_is_dealt_to_fewer_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = _sample("both", 2.0)
    monkeypatch.setattr(import_module("phenojax.screen.scorers"), "OPERATOR_BYTES", 10 * 4 * 40 * 48**2)
    found = {classifier: _run(sample, classifier) for classifier in (Classifier.PROTOTYPE, Classifier.KERNEL)}
    assert found[Classifier.PROTOTYPE].folds.max() == 23, "every group is left out"
    # eight penalties and five mixes
    assert found[Classifier.KERNEL].folds.max() == 9
    assert found[Classifier.KERNEL].auc > 0.85


def test_a_test_in_work_ends_when_the_run_is_interrupted() -> None:
    stop = threading.Event()
    sample = _sample("hpo", 2.0)
    assert run_sample(sample, CONFIG, "gene", stop=stop).n_permutations == CONFIG.permutations
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        run_sample(sample, CONFIG, "gene", stop=stop)
