"""Similarity that does not grow with the number of terms."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.errors import ConfigError
from phenojax.similarity.null import Chance, chance
from phenojax.similarity.scorer import ScoredSets, Scorer, as_scored


class Normalize(StrEnum):
    """How a score is made comparable between sets of different sizes."""

    CHANCE = "chance"
    """S - mean(n_a, n_b): what is left of it beyond what chance gives two sets of these sizes. In nats, may be < 0."""
    Z = "z"
    """(S - mean(n_a, n_b)) / sd(n_a, n_b): the same in standard deviations of chance."""
    COSINE = "cosine"
    """S_ab / sqrt(S_aa S_bb): 1 for a set with itself; 0 where either is 0. Corrects for how specific the terms are,
    not for how many there are."""


class Normalizer:
    """Normalises scores against fixed sets.

    Chance is that of random individuals with random diseases (`random_sets`, `chance`); a score with an empty set
    is 0, and so is a z-score where chance has no spread.

    Args:
        scorer: what the scores were made by.
        normalize: a `Normalize`; None leaves scores as they are.
        b: the sets of the columns; None when columns are the rows again.
        seed: of the random sets.

    Raises:
        ConfigError: an unknown name, or chance of a release without disease annotations, of a score with a penalty for
            excluded terms, or of sets whose weights are not those of the terms alone: random individuals exclude
            nothing, and have no such weights.
    """

    def __init__(self, scorer: Scorer, normalize: str | None, b: Csr | ScoredSets | None, seed: int = 0) -> None:
        try:
            self._how = None if normalize is None else Normalize(normalize)
        except ValueError:
            raise ConfigError(f"normalize must be None or one of {', '.join(Normalize)}, not {normalize!r}") from None
        self._scorer = scorer
        self._b = None if b is None else as_scored(b)
        self._chance = self._chance_of(scorer, seed) if self._how in (Normalize.CHANCE, Normalize.Z) else None
        if self._how is Normalize.COSINE and b is not None:
            self._self_b = scorer.self_scores(b)

    def _chance_of(self, scorer: Scorer, seed: int) -> Chance:
        for given, what in (
            (scorer.excluded_penalty > 0, "excluded_penalty: random individuals exclude nothing"),
            (self._b is not None and self._b.weights is not None, "target_weights: random individuals have none"),
        ):
            if given:
                raise ConfigError(f'normalize="{self._how}" takes no {what}; use "cosine" or None')
        return chance(scorer, seed)

    def __call__(self, scores: NDArray[np.float32], a: Csr | ScoredSets) -> NDArray[np.float32]:
        """Normalise, in place, the scores ``(n, m)`` of `a` against the fixed sets; returns them."""
        if self._how is Normalize.COSINE:
            self_a = self._scorer.self_scores(a)
            self._by_cosine(scores, self_a, self_a if self._b is None else self._self_b)
        elif self._chance is not None:
            rows = as_scored(a).terms
            columns = rows if self._b is None else self._b.terms
            self._by_chance(scores, self._chance, rows.lengths, columns.lengths)
        return scores

    @staticmethod
    def _by_cosine(scores: NDArray[np.float32], self_a: NDArray[np.float32], self_b: NDArray[np.float32]) -> None:
        for row, own in zip(scores, self_a, strict=True):
            size = np.sqrt(own * self_b)
            np.divide(row, size, out=row, where=size > 0)
            row[size <= 0] = 0

    def _by_chance(
        self,
        scores: NDArray[np.float32],
        by_chance: Chance,
        sizes_a: NDArray[np.int64],
        sizes_b: NDArray[np.int64],
    ) -> None:
        known_a, of_row = np.unique(sizes_a, return_inverse=True)
        known_b, of_column = np.unique(sizes_b, return_inverse=True)
        mean, sd = by_chance.at(known_a, known_b)
        if self._b is None and self._scorer.is_symmetric:  # to the last bit
            mean, sd = (mean + mean.T) / 2, (sd + sd.T) / 2
        slope = (
            np.divide(1, sd, out=np.zeros_like(sd), where=sd > 1e-9) if self._how is Normalize.Z else np.ones_like(sd)
        )
        slope[known_a == 0] = 0
        slope[:, known_b == 0] = 0
        shift32, slope32 = mean.astype(np.float32), slope.astype(np.float32)
        for row, size in enumerate(of_row):
            scores[row] -= shift32[size, of_column]
            scores[row] *= slope32[size, of_column]


def normalized(
    scores: NDArray[np.float32],
    normalize: str | None,
    scorer: Scorer,
    a: Csr | ScoredSets,
    b: Csr | ScoredSets | None = None,
    *,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Normalise, in place, the scores ``(n, m)`` of `a` against `b` (None: against itself); see `Normalizer`."""
    return Normalizer(scorer, normalize, b, seed)(scores, a)
