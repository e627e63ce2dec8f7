"""The classifiers by name."""

from __future__ import annotations

from enum import StrEnum


class Classifier(StrEnum):
    """What scores an individual.

    Attributes:
        ENSEMBLE: kernel ridge regression and prototype together.
        KERNEL: kernel ridge regression, averaged over penalties and shares of the modalities.
        PROTOTYPE: nearness to the cases minus nearness to the controls; nothing is fitted.
        PHENOSCORE: PhenoScore's published procedure on scikit-learn, for comparison.
    """

    ENSEMBLE = "ensemble"
    KERNEL = "kernel"
    PROTOTYPE = "prototype"
    PHENOSCORE = "phenoscore"
