"""Which covariate, if any, tells the cases of a sample from its controls without their phenotype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.screen.covariates import GROUP_SIZE, PHOTOGRAPH, TERMS, Covariate

# Both must hold: an AUC so far from one half, and a p-value so small under the design's own relabellings. Where
# matching or strata hold a covariate still, its relabellings hold it too, and it is not named.
ALARMING_AUC = 0.65
ALARMING_P = 0.01
PERMUTATIONS = 499
# Of a column of many values only the commonest can reach that AUC.
MOST_CATEGORIES = 20
_WORDS = {
    TERMS: "the number of terms",
    GROUP_SIZE: "the size of the group",
    PHOTOGRAPH: "whether there is a photograph",
}


class Confounder(NamedTuple):
    """A covariate that predicts the label alone.

    Attributes:
        name: of the covariate, in words.
        auc: at least one half, whichever way it points.
        p_value: under the relabellings of the test.
    """

    name: str
    auc: float
    p_value: float

    def __str__(self) -> str:
        return f"{self.name} alone (AUC {self.auc:.2f})"


def find_confounders(
    covariates: Sequence[Covariate], rows: NDArray[np.int64], design: stats.Design, seed: int, *purpose: str
) -> tuple[Confounder, ...]:
    """List the covariates that predict the label of the individuals at ``rows``, the best predictor first."""
    found = []
    for covariate in covariates:
        features, names = _features(covariate, rows)
        rng = stats.stream(seed, "confounders", covariate.name, *purpose)
        best = stats.best_single_predictor(rng, design, features, PERMUTATIONS, ALARMING_AUC)
        if best is not None and best.p_value <= ALARMING_P:
            found.append(Confounder(names[best.feature], best.auc, best.p_value))
    return tuple(sorted(found, key=lambda confounder: -confounder.auc))


def _features(covariate: Covariate, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], list[str]]:
    """Columns ``(len(rows), f)`` and what each is called: the number or each category, and whether it is known."""
    values = covariate.values[rows]
    unknown = np.isnan(values)
    word = _WORDS.get(covariate.name, covariate.name)
    columns, names = [unknown.astype(np.float64)], [f"whether {word} is known"]
    if not covariate.categories:
        # who has no value stands in the middle of those who have one
        columns.append(np.where(unknown, np.median(values[~unknown]) if not unknown.all() else 0.0, values))
        names.append(word)
        return np.stack(columns, axis=1), names
    codes, count = np.unique(values[~unknown], return_counts=True)
    for code in codes[np.argsort(-count, kind="stable")][:MOST_CATEGORIES]:
        columns.append((values == code).astype(np.float64))
        names.append(word if covariate.name == PHOTOGRAPH else f"{word} ({covariate.categories[int(code)]})")
    return np.stack(columns, axis=1), names
