"""The test of one labelled sample: out-of-fold scores, their AUC, and how often chance does as well."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.fusion import Model, calibrated_probabilities, score_labellings, standardised
from phenojax.screen.config import ScreenConfig

# Labellings go to the device at most this many at a time, and sample sizes are padded to these: few programs, each
# compiled once.
LABELLINGS_PER_CALL = 512
BUCKETS = (32, 64, 96, 128, 192, 256, 384, 512, 768, 1024)


class Sample(NamedTuple):
    """Arrays of one labelled sample; n individuals, m modalities, HPO terms before faces.

    Attributes:
        kernels: float32 ``(m, n, n)``; closure kernel, cosines of the faces; 1 on the diagonal of who has the modality.
        present: bool ``(m, n)``; who has which modality; everybody has one.
        similarity: float32 ``(n, n)``; set similarity; None where terms are not looked at.
        labels: bool ``(n,)``; True for a case.
        groups: ``(n,)`` codes, or None for an ungrouped test.
        matched_sets: ``(n,)`` codes; a case and its matched controls share one; None when nobody was matched.
        strata: ``(n,)`` codes; labels swap inside a stratum only; None for one stratum.
    """

    kernels: NDArray[np.float32]
    present: NDArray[np.bool_]
    similarity: NDArray[np.float32] | None
    labels: NDArray[np.bool_]
    groups: NDArray[np.int64] | None
    matched_sets: NDArray[np.int64] | None = None
    strata: NDArray[np.int64] | None = None


class SampleTest(NamedTuple):
    """What was found in one sample; scores, probabilities and folds are ``(n,)``."""

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int8]
    auc: float
    auc_low: float
    auc_high: float
    auc_within: float
    brier: float
    p_value: float
    min_p: float
    null_aucs: NDArray[np.float64]


def run_sample(sample: Sample, config: ScreenConfig, *purpose: str) -> SampleTest:
    """Cross-validate the sample and compare its AUC with that of exchangeable relabellings.

    Args:
        sample: at least two groups with a case and two with a control.
        config: `model`, `folds`, `permutations` and `seed` are used.
        purpose: names this test's random streams, such as the gene.

    Raises:
        ValueError: the design leaves fewer than two folds.
    """
    design = stats.make_design(sample.labels, sample.groups, sample.matched_sets, sample.strata)
    k = stats.n_folds(design, config.folds)
    if k < 2:
        raise ValueError("cases and controls must each come from at least two groups")
    drawn = stats.draw_labels(stats.stream(config.seed, "labels", *purpose), design, config.permutations)
    labels = np.concatenate([sample.labels[None, :], drawn])
    folds = stats.draw_folds(stats.stream(config.seed, "folds", *purpose), design, labels, k)

    matrices = _compared_by(sample, config.model)
    aucs, scores = _score(sample, matrices, design, labels, folds, config)
    probabilities = _calibrate(sample, matrices, design, folds[0], scores, config)
    min_p = stats.smallest_p(stats.count_labellings(design), config.permutations)
    low, high = stats.auc_interval(sample.labels, scores, design.groups)
    return SampleTest(
        scores=scores,
        probabilities=probabilities,
        folds=folds[0],
        auc=float(aucs[0]),
        auc_low=low,
        auc_high=high,
        auc_within=stats.auc_within(sample.labels, scores, folds[0]),
        brier=stats.balanced_brier(sample.labels, probabilities),
        # draws with replacement can fall below what so few labellings allow
        p_value=max(stats.permutation_p(float(aucs[0]), aucs[1:]), min_p),
        min_p=min_p,
        null_aucs=aucs[1:],
    )


def bucket(n: int) -> int:
    """The padded size of a sample of ``n``: the next of `BUCKETS`, beyond them the next multiple of 512."""
    return next((size for size in BUCKETS if size >= n), -(-n // 512) * 512)


def _compared_by(sample: Sample, model: Model) -> NDArray[np.float32]:
    """What the model compares individuals by, float32 ``(m, n, n)``.

    Closure kernels alone are on one scale in every cohort already; how far cosines of faces scatter is the encoder's.
    """
    if model is Model.SIMILARITY:
        if sample.similarity is None:
            return sample.kernels
        return np.concatenate([sample.similarity[None], sample.kernels[1:]])
    if len(sample.kernels) == 1 and sample.similarity is not None:
        return sample.kernels
    return standardised(sample.kernels, sample.present)


def _score(
    sample: Sample,
    matrices: NDArray[np.float32],
    design: stats.Design,
    labels: NDArray[np.bool_],
    folds: NDArray[np.int8],
    config: ScreenConfig,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AUC of every labelling and the scores of the first; scores rounded as they are ranked."""
    n, size = len(sample.labels), bucket(len(sample.labels))
    on_device, present = jnp.asarray(_padded(matrices, size, 1)), jnp.asarray(_padded(sample.present, size, 1))
    groups, valid = jnp.asarray(_padded(design.groups, size)), jnp.arange(size) < n
    wins, products, first = [], [], None
    per_call = min(LABELLINGS_PER_CALL, len(labels))
    for start in range(0, len(labels), per_call):
        part = slice(start, start + per_call)
        block = np.zeros((2, per_call, size), dtype=np.int8)
        block[0, : len(labels[part]), :n] = labels[part]
        block[1, : len(folds[part]), :n] = folds[part]
        sums, scores = score_labellings(
            on_device, present, jnp.asarray(block[0], dtype=bool), jnp.asarray(block[1]), groups, valid,
            model=config.model, n_folds=config.folds,
        )  # fmt: skip
        first = scores if first is None else first
        found = jax.device_get(sums)
        wins.append(found.twice_wins[: len(labels[part])])
        products.append(found.n_cases.astype(np.int64)[: len(labels[part])] * found.n_controls[: len(labels[part])])
    aucs = np.concatenate(wins) / (2.0 * np.concatenate(products))
    return aucs, np.round(np.asarray(first, dtype=np.float64)[:n], 6)


def _calibrate(
    sample: Sample,
    matrices: NDArray[np.float32],
    design: stats.Design,
    folds: NDArray[np.int8],
    scores: NDArray[np.float64],
    config: ScreenConfig,
) -> NDArray[np.float64]:
    if config.model is Model.SIMILARITY:
        return 1.0 / (1.0 + np.exp(-scores))
    n, size = len(sample.labels), bucket(len(sample.labels))
    # the mean similarity of terms says nothing of those who have none
    by_terms = sample.similarity if len(sample.kernels) == 1 else None
    probabilities = calibrated_probabilities(
        jnp.asarray(_padded(matrices, size, 1)),
        jnp.asarray(_padded(sample.present, size, 1)),
        [] if by_terms is None else [jnp.asarray(_padded(by_terms, size))],
        jnp.asarray(_padded(sample.labels, size)),
        jnp.asarray(_padded(folds, size)),
        jnp.asarray(_padded(design.groups, size)),
        jnp.arange(size) < n,
        n_folds=config.folds,
    )
    return np.round(np.asarray(probabilities, dtype=np.float64)[:n], 6)


def _padded(array: NDArray[Any], size: int, leading: int = 0) -> NDArray[Any]:
    """All axes but the ``leading`` ones with zeros up to ``size``."""
    return np.pad(array, [(0, 0 if axis < leading else size - length) for axis, length in enumerate(array.shape)])
