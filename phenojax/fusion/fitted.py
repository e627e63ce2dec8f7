"""A sample fitted with its labels: the score of a new individual as a linear function of its kernel rows.

With the labels fixed, everything that cross-validation does to whom it holds out is linear in the kernel values between
that individual and the sample: centring, the ridge (its hyperparameters weighed by the training residuals) and the
prototype. What differs between individuals is which modalities they have, their pattern:

    score(x) = intercept + sum over the modalities m of the pattern, over j, of coefficients_mj K_m(x, j).

Centring and units come from the whole sample, as in the cross-validation, so that scores are on its scale.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.calibration import fit_calibration, score_unit
from phenojax.fusion.classifier import Classifier
from phenojax.fusion.ensemble import (
    EnsembleConfig,
    compared_kernels,
    modality_shares,
    prototype_shares,
    prototype_units,
)
from phenojax.fusion.fitted_parts import Part, RidgePart, add_parts, find_origin, fit_prototype
from phenojax.fusion.fitted_ridge import fit_ridge
from phenojax.fusion.kernels import mix_kernels
from phenojax.fusion.prototype import prototype_parts
from phenojax.fusion.ridge_operators import Fold, training_fold
from phenojax.fusion.training_scores import both_classes_elsewhere, prototype_training_scores

Floats = NDArray[np.float64]


class FittedPattern(NamedTuple):
    """The score of individuals who have the same modalities.

    Attributes:
        intercept: all that is constant.
        coefficients: float64 ``(m, n)``; 0 in the rows of modalities that this pattern lacks.
        bases: float64 ``(m,)``; bases_m + coefficients_m . K_m(x, :) is the part of modality m: 0 for who is, in it,
            like the average individual (groups weighing alike). The rest of the intercept belongs to no modality.
    """

    intercept: float
    coefficients: Floats
    bases: Floats


class WithoutGroups(NamedTuple):
    """The same functions where each of k training groups is left out in turn; NaN where one class is left.

    Centring, units and the weights of the hyperparameters stay those of the whole sample.

    Attributes:
        groups: int64 ``(k,)``; which group each leaves out.
        intercepts: float64 ``(k,)``.
        coefficients: float64 ``(k, m, n)``.
    """

    groups: NDArray[np.int64]
    intercepts: Floats
    coefficients: Floats


class FittedSample(NamedTuple):
    """All that is needed to score and calibrate new individuals.

    Attributes:
        patterns: by who has which modality, bool ``(m,)`` as a tuple; one for each but "none".
        training: float64 ``(n,)``; what each training individual scores from the others, its own group left out; NaN
            where nothing can be said, and for who was not trained on.
        slope: log-odds = slope x score + offset, where cases and controls are equally frequent.
        offset: see there.
        covariance: float64 ``(2, 2)``; Laplace's approximation to the posterior of (slope, offset).
        without: of each pattern, without each training group; empty unless asked for.
    """

    patterns: dict[tuple[bool, ...], FittedPattern]
    training: Floats
    slope: float
    offset: float
    covariance: Floats
    without: dict[tuple[bool, ...], WithoutGroups]


def fit_sample(
    kernels: NDArray[np.floating],
    present: NDArray[np.bool_],
    groups: NDArray[np.integer],
    labels: NDArray[np.bool_],
    *,
    classifier: Classifier,
    config: EnsembleConfig,
    training: NDArray[np.bool_] | None = None,
    jackknife: bool = False,
) -> FittedSample:
    """Fit one labelled sample, in float64 on the host.

    Args:
        kernels: ``(m, n, n)``, m one or two; symmetric, positive semidefinite.
        present: bool ``(m, n)``; each individual has a modality.
        groups: ``(n,)``, 0 .. number of groups - 1.
        labels: bool ``(n,)``; True for a case.
        classifier: not `PHENOSCORE`, which is not linear.
        config: how kernels and scores are mixed.
        training: bool ``(n,)``; who is fitted on, whole groups; everybody when not given. The others take part in
            centring and units only, as those whom a fold holds out do.
        jackknife: also without each training group.

    Raises:
        ValueError: PhenoScore's classifier.
    """
    if classifier is Classifier.PHENOSCORE:
        raise ValueError("PhenoScore's classifier is not linear in the kernel rows: there is no model of it")
    kernels = kernels.astype(np.float64)
    training = np.ones(len(labels), bool) if training is None else training
    fold, origin = training_fold(training, groups), find_origin(kernels, present, groups)
    mixes, weights = modality_shares(len(kernels), config), prototype_shares(len(kernels), config)
    scores = np.zeros(len(labels))
    parts: list[Part] = []
    if classifier is not Classifier.PROTOTYPE and 0 < labels[training].sum() < training.sum():
        mixed = np.stack([mix_kernels(origin.centred, present, share) for share in mixes])
        ridge = fit_ridge(mixed, fold, labels, groups, config.ridge, jackknife=jackknife)
        parts.append(RidgePart(ridge, present, mixes))
        scores += ridge.training
        if len(kernels) == 2:
            first = float(ridge.of_mixes @ mixes[:, 0])
            weights = np.array([first, 1.0 - first])
    left_out = _left_out(fold, groups) if jackknife else np.zeros(0, np.int64)
    if classifier is not Classifier.KERNEL:
        share = config.prototype if classifier is Classifier.ENSEMBLE else 1.0
        units = prototype_units(origin.centred, present, groups)
        parts.append(fit_prototype(present, groups, labels, training, units, weights, share, left_out))
        compared = compared_kernels(kernels, origin.centred, present, groups)
        pairs = prototype_parts(compared, present, groups, groups, weights)
        scores += share * prototype_training_scores(pairs, labels, groups, training[None], weights[None])[0]
    known = both_classes_elsewhere(labels, groups, training[None])[0]
    scores = np.where(training & known, scores, np.nan)
    calibration = fit_calibration(scores[None], labels, groups, score_unit(classifier, int(groups.max()) + 1))
    # without its group an individual has no score where one class is left
    nothing_left = [not known[groups == group].any() for group in left_out]
    found, without = {}, {}
    for pattern in patterns_of(len(kernels)):
        intercepts, coefficients, bases = add_parts(np.array(pattern), origin, parts, 1 + len(left_out))
        found[pattern] = FittedPattern(float(intercepts[0]), coefficients[0], bases[0])
        if jackknife:
            intercepts[1:][nothing_left] = coefficients[1:][nothing_left] = np.nan
            without[pattern] = WithoutGroups(left_out, intercepts[1:], coefficients[1:])
    return FittedSample(
        found, scores, float(calibration.slopes[0]), float(calibration.offsets[0]), calibration.covariances[0], without
    )


def patterns_of(m: int) -> list[tuple[bool, ...]]:
    """Who may have which of ``m`` modalities: every combination but "none", all of them first."""
    return [pattern for pattern in product((True, False), repeat=m) if any(pattern)]


def _left_out(fold: Fold, groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """Which group each vector without one lacks, in the order of the fold's blocks."""
    return np.concatenate([groups[fold.inside[members[:, 0]]] for members in fold.blocks]).astype(np.int64)
