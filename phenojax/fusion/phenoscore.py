"""PhenoScore's published procedure, for parity and as the reference of the benchmarks.

An individual is described by its mean similarity to the training cases and to the training controls, and where there
are faces by its embedding; a support vector machine with Platt's probabilities tells cases from controls in an outer
cross-validation, or where there are fewer than ten individuals a logistic regression leaving one out. Source: Dingemans
et al., Nature Genetics 2023;55:1598-1607, by descriptions and outputs of the method; the authors' code was not read.

It keeps what is known against it (docs/statistics.md): a training individual's similarity to itself counts among its
features, and the inner folds see features that were made with their labels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional, require
from phenojax.fusion.platt_svm import EXTRA, stratified_folds, svm_probabilities

LEAVE_ONE_OUT_BELOW = 10


class PhenoscoreTest(NamedTuple):
    """What the procedure says of ``p`` labellings of ``n`` individuals.

    Attributes:
        probabilities: float64 ``(p, n)``; out of fold.
        brier: float64 ``(p,)``; mean squared error of the probabilities, PhenoScore's statistic: small is good.
    """

    probabilities: NDArray[np.float64]
    brier: NDArray[np.float64]


def phenoscore_permutations(
    similarity: NDArray[np.floating] | None,
    labellings: NDArray[np.bool_],
    embeddings: NDArray[np.floating] | None = None,
    folds: NDArray[np.integer] | None = None,
) -> PhenoscoreTest:
    """Repeat the whole procedure for every one of ``p`` labellings, one after the other.

    Args:
        similarity: ``(n, n)``, or None for faces alone.
        labellings: bool ``(p, n)``; True for a case.
        embeddings: ``(n, d)``, or None for HPO terms alone.
        folds: ``(p, n)``, or None for those of `phenoscore_probabilities`, from each labelling's own labels.

    Raises:
        ValueError: as `phenoscore_probabilities` does.
        MissingExtraError: scikit-learn is not installed.
    """
    probabilities = np.stack(
        [
            phenoscore_probabilities(similarity, labels, embeddings, None if folds is None else folds[row])
            for row, labels in enumerate(labellings)
        ]
    )
    return PhenoscoreTest(probabilities, np.mean((probabilities - labellings) ** 2, axis=1))


def phenoscore_probabilities(
    similarity: NDArray[np.floating] | None,
    labels: NDArray[np.bool_],
    embeddings: NDArray[np.floating] | None = None,
    folds: NDArray[np.integer] | None = None,
) -> NDArray[np.float64]:
    """Out-of-fold probabilities of being a case, float64 ``(n,)``.

    Args:
        similarity: ``(n, n)``, or None for faces alone.
        labels: bool ``(n,)``; True for a case; at least two of either kind.
        embeddings: ``(n, d)``, or None for HPO terms alone.
        folds: ``(n,)``; None for five stratified folds in the order of the rows, which the result depends on, and for
            leaving one out below `LEAVE_ONE_OUT_BELOW` individuals.

    Raises:
        ValueError: nothing to look at, a value that is not finite, or a training set without cases or controls.
        MissingExtraError: scikit-learn is not installed.
    """
    require(*EXTRA)
    if similarity is None and embeddings is None:
        raise ValueError("the procedure needs a similarity matrix, embeddings, or both; both are None")
    for name, values in (("similarity", similarity), ("embeddings", embeddings)):
        if values is not None and not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite; leave out individuals that lack it")
    n = len(labels)
    few = n < LEAVE_ONE_OUT_BELOW
    if folds is None:
        folds = phenoscore_folds(labels)
    classify = _logistic_probabilities if few else svm_probabilities
    probabilities = np.zeros(n)
    for k in np.unique(folds):
        train = folds != k
        if len(np.unique(labels[train])) < 2:
            raise ValueError(f"without fold {k} there are no cases or no controls left to train on; use other folds")
        x = phenoscore_features(similarity, labels, embeddings, train)
        probabilities[~train] = classify(x[train], labels[train], x[~train])
    return probabilities


def phenoscore_folds(labels: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Its own folds ``(n,)``: five stratified ones in the order of the rows, or leaving one out."""
    few = len(labels) < LEAVE_ONE_OUT_BELOW
    return np.asarray(np.arange(len(labels)) if few else stratified_folds(labels), dtype=np.int64)


def phenoscore_features(
    similarity: NDArray[np.floating] | None,
    labels: NDArray[np.bool_],
    embeddings: NDArray[np.floating] | None,
    train: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Describe every individual by a training set: float64 ``(n, f)``.

    The columns are the mean similarity to its cases and to its controls, a training individual's own included, and the
    embedding at unit length, standardised on it.

    Args:
        similarity: ``(n, n)`` or None.
        labels: bool ``(n,)``; looked at where `train` is True.
        embeddings: ``(n, d)`` or None.
        train: bool ``(n,)``.
    """
    columns = []
    if similarity is not None:
        members = np.stack([train & labels, train & ~labels], axis=1).astype(np.float64)
        columns.append(similarity.astype(np.float64) @ members / members.sum(axis=0))
    if embeddings is not None:
        values = embeddings.astype(np.float64)
        length = np.linalg.norm(values, axis=1, keepdims=True)
        values /= np.where(length > 0, length, 1.0)
        spread = values[train].std(axis=0)
        columns.append((values - values[train].mean(axis=0)) / np.where(spread > 0, spread, 1.0))
    return np.concatenate(columns, axis=1)


def _logistic_probabilities(
    train: NDArray[np.float64], labels: NDArray[np.bool_], test: NDArray[np.float64]
) -> NDArray[np.float64]:
    model = optional("sklearn.linear_model", *EXTRA).LogisticRegression()
    model.fit(train, labels)
    return np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)
