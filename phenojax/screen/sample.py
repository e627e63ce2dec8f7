"""The test of one labelled sample: out-of-fold scores, how well they separate, and how often chance does as well."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import fusion, stats
from phenojax.fusion import Classifier
from phenojax.screen.config import ScreenConfig
from phenojax.screen.null import Method, NullTest, test_against_null
from phenojax.screen.scorers import KernelScorer, PhenoscoreScorer, Scorer, most_folds

# Up to this many labellings of up to so many individuals are all scored, be it more than were asked for.
ENUMERABLE, ENUMERABLE_SIZE = 20_000, 32


class Sample(NamedTuple):
    """Arrays of one labelled sample; n individuals, m modalities, HPO terms before faces.

    Attributes:
        kernels: float32 ``(m, n, n)``; closure kernel, cosines of the faces; 1 on the diagonal of who has the modality.
        present: bool ``(m, n)``; who has which modality; everybody has one.
        design: labels, groups, and what may be relabelled.
        similarity: float32 ``(n, n)``; set similarity, for `Classifier.PHENOSCORE`; None where terms are not looked at.
        embeddings: float32 ``(n, d)``, for the same; None where faces are not looked at.
    """

    kernels: NDArray[np.float32]
    present: NDArray[np.bool_]
    design: stats.Design
    similarity: NDArray[np.float32] | None = None
    embeddings: NDArray[np.float32] | None = None


class SampleTest(NamedTuple):
    """What was found in one sample; scores, probabilities and folds are ``(n,)``. The rest stands in the results."""

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int64]
    auc: float
    auc_low: float
    auc_high: float
    auc_within: float
    brier: float
    ece: float
    p_value: float
    min_p: float
    p_method: Method
    n_permutations: int
    p_tail: float
    p_tail_fit: float
    p_mmd: float
    power: float
    cases_needed: int | None


def run_sample(sample: Sample, config: ScreenConfig, *purpose: str, stop: threading.Event | None = None) -> SampleTest:
    """Cross-validate the sample and compare what it shows with that of exchangeable relabellings.

    Args:
        sample: at least two groups with a case and two with a control.
        config: `classifier`, `folds`, `permutations`, `sequential` and `seed` are used.
        purpose: names this test's random streams, such as the gene.
        stop: when it is set the test ends with KeyboardInterrupt.

    Raises:
        ValueError: the design leaves fewer than two folds, or no other labelling.
    """
    design, labels = sample.design, sample.design.labels
    folds = _deal(sample, config, *purpose)
    scorer = _scorer(sample, folds, config.classifier, stop)
    scores, probabilities, folds_of_scores, statistic = scorer.observed()
    null = test_against_null(
        scorer.statistic,
        statistic,
        design,
        config.permutations,
        even=scorer.is_even,
        sequential=config.sequential,
        enumerate_up_to=_enumerate_up_to(len(labels), config),
        seed=config.seed,
        purpose=purpose,
    )
    auc = stats.auc(labels, scores)
    sizes = stats.effective_sizes(labels, scores, design.groups)
    low, high = stats.auc_interval(labels, scores, design.groups)
    tail = null.tail if isinstance(null.tail, stats.TailFit) else None
    ece = stats.calibration_error(stats.stream(config.seed, "calibration", *purpose), labels, probabilities, draws=1)
    return SampleTest(
        scores=scores,
        probabilities=probabilities,
        folds=folds_of_scores,
        auc=auc,
        auc_low=low,
        auc_high=high,
        auc_within=stats.auc_within(labels, scores, folds_of_scores),
        brier=stats.balanced_brier(labels, probabilities),
        ece=ece.error,
        p_value=null.p_value,
        min_p=null.min_p,
        p_method=null.method,
        n_permutations=null.n_labellings,
        p_tail=np.nan if tail is None else tail.p,
        p_tail_fit=np.nan if tail is None else tail.fit_p,
        p_mmd=_second_test(sample, null, config, *purpose),
        power=stats.power(auc, *sizes),
        cases_needed=stats.smallest_n(auc, sizes[1] / sizes[0]),
    )


def cross_validated_auc(sample: Sample, config: ScreenConfig, *purpose: str) -> float:
    """The AUC alone, of the folds that `run_sample` deals to the same sample."""
    scorer = _scorer(sample, _deal(sample, config, *purpose), config.classifier)
    return stats.auc(sample.design.labels, scorer.observed().scores)


def _deal(sample: Sample, config: ScreenConfig, *purpose: str) -> NDArray[np.int8]:
    most = most_folds(len(sample.design.labels), len(sample.kernels), config.classifier)
    return stats.deal_folds(stats.stream(config.seed, "folds", *purpose), sample.design, config.folds, most)


def _scorer(
    sample: Sample, folds: NDArray[np.int8], classifier: Classifier, stop: threading.Event | None = None
) -> Scorer:
    if classifier is Classifier.PHENOSCORE:
        return PhenoscoreScorer(sample.similarity, sample.embeddings, sample.design.labels)
    return KernelScorer(sample.kernels, sample.present, sample.design, folds, classifier, stop)


def _enumerate_up_to(n: int, config: ScreenConfig) -> int:
    """How many labellings may be scored though fewer were asked for: none where they cost much."""
    return ENUMERABLE if n <= ENUMERABLE_SIZE and config.classifier is not Classifier.PHENOSCORE else 0


def _second_test(sample: Sample, null: NullTest, config: ScreenConfig, *purpose: str) -> float:
    """P of the kernel's mean discrepancy under the same labellings, or under draws of its own where they stopped."""
    design = sample.design
    centred = fusion.centre_kernels(sample.kernels.astype(np.float64), sample.present, design.groups)
    unit = fusion.kernel_spread(centred, sample.present, design.groups)
    kernel = fusion.mix_kernels(centred / unit[:, None, None], sample.present, np.ones(len(centred)))
    labels = null.labels
    if null.method is Method.STOPPED:
        labels = stats.draw_labels(stats.stream(config.seed, "mmd", *purpose), design, config.permutations)
    values = stats.mmd_statistic(kernel, np.concatenate([design.labels[None, :], labels]), design)
    if null.method is Method.EXACT:
        return stats.exact_p(float(values[0]), values)
    return max(stats.permutation_p(float(values[0]), values[1:]), null.min_p)
