"""What scores the labellings of one sample: a statistic of each, and scores and probabilities of the observed one."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from phenojax import fusion, stats
from phenojax.fusion import Classifier, EnsembleConfig

# Labellings go to the device so many at a time; fewer are padded, which costs nothing: one program serves all.
LABELLINGS_PER_CALL = 512
CONFIG = EnsembleConfig()
# The operators of a sample are kept to this many bytes, by dealing fewer folds where it is large.
OPERATOR_BYTES = 3 << 25
FEWEST_FOLDS = 3


class Observed(NamedTuple):
    """Of the observed labels: out-of-fold scores and probabilities, ``(n,)``, their folds, and the statistic."""

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    folds: NDArray[np.int64]
    statistic: float


class Scorer(Protocol):
    """Scores any labelling of one sample; its folds do not look at labels, or are part of the statistic.

    Attributes:
        is_even: the statistic is the same with every label turned round.
    """

    is_even: bool

    def statistic(self, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Large where cases and controls differ, float64 ``(p,)``, of labellings ``(p, n)``."""

    def observed(self) -> Observed:
        """Of the observed labels."""


def most_folds(n: int, n_modalities: int, classifier: Classifier) -> int:
    """How many folds the memory allows."""
    if classifier not in (Classifier.ENSEMBLE, Classifier.KERNEL):
        return stats.LEAVE_ONE_GROUP_OUT
    n_hyper = CONFIG.ridge.n_penalties * (1 if n_modalities == 1 else len(CONFIG.mixes))
    return int(np.clip(OPERATOR_BYTES // (4 * n_hyper * n * n), FEWEST_FOLDS, stats.LEAVE_ONE_GROUP_OUT))


class KernelScorer:
    """The classifiers of `phenojax.fusion`: one product a fold for all labellings."""

    is_even = True

    def __init__(
        self,
        kernels: NDArray[np.float32],
        present: NDArray[np.bool_],
        design: stats.Design,
        folds: NDArray[np.int8],
        classifier: Classifier,
        stop: threading.Event | None = None,
    ) -> None:
        self._design, self._folds, self._classifier = design, folds.astype(np.int64), classifier
        self._stop = stop
        self._prepared = fusion.prepare_sample(
            kernels, present, self._folds, design.groups, classifier=classifier, config=CONFIG
        )
        self._on_device: Any = jax.tree.map(jnp.asarray, self._prepared)
        self._scores: NDArray[np.float64] | None = None

    def statistic(self, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The AUC."""
        found = []
        for start in range(0, len(labels), LABELLINGS_PER_CALL):
            if self._stop is not None and self._stop.is_set():
                raise KeyboardInterrupt
            part = labels[start : start + LABELLINGS_PER_CALL]
            found.append(_aucs(self._score(part)[0], len(part)))
        return np.concatenate(found)

    def observed(self) -> Observed:
        """Scores are rounded as they are ranked."""
        labels, n = self._design.labels, len(self._design.labels)
        sums, raw = self._score(labels[None, :])
        scores = np.asarray(np.round(np.asarray(raw[:n], dtype=np.float64), 6), dtype=np.float64)
        training = fusion.training_scores(
            self._prepared, labels, self._folds, self._design.groups, classifier=self._classifier, config=CONFIG
        )
        unit = fusion.score_unit(self._classifier, self._design.n_groups)
        probabilities = fusion.calibrated_probabilities(
            scores, training, labels, self._folds, self._design.groups, unit
        )
        probabilities = np.asarray(np.round(probabilities, 6), dtype=np.float64)
        return Observed(scores, probabilities, self._folds, float(_aucs(sums, 1)[0]))

    def _score(self, labels: NDArray[np.bool_]) -> tuple[fusion.RankSums, NDArray[np.float32]]:
        p, n = labels.shape
        block = np.zeros((LABELLINGS_PER_CALL, len(self._prepared.valid)), dtype=bool)
        block[:p, :n] = labels
        found = fusion.score_labellings(
            self._on_device, jnp.asarray(block), np.int32(p), classifier=self._classifier, config=CONFIG
        )
        sums, scores = jax.device_get(found)
        return sums, scores


def _aucs(sums: fusion.RankSums, p: int) -> NDArray[np.float64]:
    """Of the first ``p`` labellings; the others are padding."""
    wins, n_cases, n_controls = (np.asarray(a, dtype=np.int64)[:p] for a in sums)
    return np.asarray(wins / (2.0 * n_cases * n_controls), dtype=np.float64)


class PhenoscoreScorer:
    """PhenoScore's procedure with its own folds, once for each labelling; the statistic is minus the Brier score."""

    is_even = False

    def __init__(
        self,
        similarity: NDArray[np.float32] | None,
        embeddings: NDArray[np.float32] | None,
        labels: NDArray[np.bool_],
    ) -> None:
        self._similarity, self._embeddings, self._labels = similarity, embeddings, labels

    def statistic(self, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Minus the mean squared error of the probabilities."""
        return -fusion.phenoscore_permutations(self._similarity, labels, self._embeddings).brier

    def observed(self) -> Observed:
        """The score is the probability."""
        found = fusion.phenoscore_probabilities(self._similarity, self._labels, self._embeddings)
        brier = float(np.mean((found - self._labels) ** 2))
        return Observed(np.round(found, 6), np.round(found, 6), fusion.phenoscore_folds(self._labels), -brier)
