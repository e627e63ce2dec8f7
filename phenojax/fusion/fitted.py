"""A sample fitted with its labels: the score of a new individual as a linear function of its kernel rows.

With the labels fixed, everything that cross-validation does to whom it holds out is linear in the kernel values between
that individual and the sample: centring, the ridge (its hyperparameters weighed by the training residuals) and the
prototype. What differs between individuals is which modalities they have, their pattern:

    score(x) = intercept + sum over the modalities m of the pattern, over j, of coefficients_mj K_m(x, j).

Centring and units come from the whole sample, as in the cross-validation, so that scores are on its scale.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.fusion.classifier import Classifier
from phenojax.fusion.ensemble import EnsembleConfig

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
    raise NotImplementedError
