"""PhenoScore's features one number at a time, and its machine from scikit-learn's own parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def features_of(
    i: int, similarity: Floats, labels: NDArray[np.bool_], embeddings: Floats, train: list[int]
) -> list[float]:
    """The mean similarity to training cases, to training controls, and the embedding as a row of numbers."""
    row = []
    for of in (True, False):
        members = [j for j in train if labels[j] == of]
        row.append(sum(float(similarity[i, j]) for j in members) / len(members))
    unit = [[float(v) / math.sqrt(sum(float(w) ** 2 for w in vector)) for v in vector] for vector in embeddings]
    for column in range(embeddings.shape[1]):
        values = [unit[j][column] for j in train]
        mean = sum(values) / len(values)
        spread = math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))
        row.append((unit[i][column] - mean) / spread)
    return row


def by_grid_search(train: Floats, labels: NDArray[np.bool_], test: Floats) -> Floats:
    """The machine that scikit-learn's search finds, with its own calibration in the place of Platt's."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    machine: Any = CalibratedClassifierCV(SVC(), ensemble=False, cv=5)
    penalties = {"estimator__C": [10.0**e for e in range(-5, 6)]}
    search = GridSearchCV(machine, penalties, scoring="neg_brier_score", cv=5).fit(train, labels)
    return np.asarray(search.predict_proba(test)[:, 1])
