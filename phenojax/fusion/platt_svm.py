"""A support vector machine with a radial kernel and Platt's probabilities; an inner cross-validation chooses C."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from phenojax._extras import Extra, optional
from phenojax.fusion.platt import fit_sigmoid

EXTRA: tuple[Extra, str] = ("phenoscore", "the model 'phenoscore'")
N_FOLDS = 5
PENALTIES = tuple(10.0**exponent for exponent in range(-5, 6))
# Mean Brier scores that differ by less than this are ties, of which the smallest C is taken.
BRIER_GRID = 1e-9


def stratified_folds(labels: NDArray[np.bool_], n_folds: int = N_FOLDS) -> NDArray[np.int8]:
    """Deal ``(n,)`` labels into folds in the order of the rows, as scikit-learn's unshuffled `StratifiedKFold` does.

    A fold's share of each class is that of every `n_folds`-th row once the rows are sorted by class, the class of the
    first row first; each class fills its folds one after the other.
    """
    second_class = labels != labels[0]
    share = np.stack([np.bincount(np.sort(second_class)[k::n_folds], minlength=2) for k in range(n_folds)])
    folds = np.zeros(len(labels), dtype=np.int8)
    for column in (0, 1):
        folds[second_class == bool(column)] = np.repeat(np.arange(n_folds), share[:, column])
    return folds


def svm_probabilities(
    train: NDArray[np.float64], labels: NDArray[np.bool_], test: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probabilities of being a case for ``test`` (m, f), float64 ``(m,)``, after training on ``train`` (n, f).

    C is that of `PENALTIES` whose Brier score, averaged over five inner folds, is the lowest.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    inner = stratified_folds(labels)
    by_fold = []
    # scikit-learn would look at every matrix and setting again, for a fifth of the time
    with optional("sklearn", *EXTRA).config_context(assume_finite=True, skip_parameter_validation=True):
        for k in np.unique(inner):
            held_out = inner == k
            machine = RadialMachine(train[~held_out], labels[~held_out], train[held_out])
            found = np.stack([machine.probabilities(penalty) for penalty in PENALTIES])
            by_fold.append(np.mean((found - labels[held_out]) ** 2, axis=1))
        brier = np.mean(by_fold, axis=0)
        best = PENALTIES[int(np.argmin(np.round(brier / BRIER_GRID)))]
        return RadialMachine(train, labels, test).probabilities(best)


class RadialMachine:
    """The kernels of one training set and of those to be scored, for every C alike.

    The width is scikit-learn's "scale", 1 / (f variance of the training values), of the whole training set also where
    Platt's folds leave a part of it out.
    """

    def __init__(self, train: NDArray[np.float64], labels: NDArray[np.bool_], test: NDArray[np.float64]) -> None:
        variance = float(train.var())
        gamma = 1.0 / (train.shape[1] * variance) if variance > 0 else 1.0
        self.labels = labels
        self.among = np.exp(-gamma * cdist(train, train, "sqeuclidean"))
        self.to_test = np.exp(-gamma * cdist(test, train, "sqeuclidean"))
        self.folds = stratified_folds(labels)
        self.machine = optional("sklearn.svm", *EXTRA).SVC

    def probabilities(self, penalty: float) -> NDArray[np.float64]:
        """Platt's sigmoid is fitted to decision values out of five folds, and put on those of the machine itself."""
        out_of_fold = np.zeros(len(self.labels))
        for k in np.unique(self.folds):
            rest, here = np.flatnonzero(self.folds != k), np.flatnonzero(self.folds == k)
            out_of_fold[here] = self.decisions(rest, self.among[here], penalty)
        decisions = self.decisions(np.arange(len(self.labels)), self.to_test, penalty)
        return fit_sigmoid(out_of_fold, self.labels).probabilities(decisions)

    def decisions(self, train: NDArray[np.intp], to_all: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
        """Decision values ``(m,)``, positive for a case; after one class alone +1 or -1, as in LIBSVM."""
        labels = self.labels[train]
        if labels.all() or not labels.any():
            return np.full(len(to_all), 1.0 if labels[0] else -1.0)
        machine = self.machine(C=penalty, kernel="precomputed").fit(self.among[np.ix_(train, train)], labels)
        decisions: NDArray[np.float64] = to_all[:, train[machine.support_]] @ machine.dual_coef_[0]
        return decisions + float(machine.intercept_[0])
