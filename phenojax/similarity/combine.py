"""How the similarities of the terms of two sets become one number."""

from __future__ import annotations

from enum import StrEnum

from phenojax.errors import ConfigError


class Combine(StrEnum):
    """How the similarities of the terms of two sets, a (the row) and b (the column), become one number.

    The best match of a term is the largest similarity it has to a term of the other set. With weights, "mean" and
    "sum" are weighted, and "terms in a" is the sum of its weights; a mean over terms that weigh nothing is 0. The last
    two take no notice of weights. A set without terms has 0 with everything.
    """

    BMA = "bma"
    """(sum over a + sum over b) / (terms in a + terms in b) of the best matches: phenopy, PhenoScore, hpo3 "BMA"."""
    FUNSIM_AVG = "funsim_avg"
    """Mean of the two directed means."""
    FUNSIM_MAX = "funsim_max"
    """The larger directed mean."""
    A_TO_B = "a_to_b"
    """Mean over the terms of a of their best match in b."""
    B_TO_A = "b_to_a"
    """Mean over the terms of b of their best match in a."""
    MEAN = "mean"
    """Mean over all pairs of terms."""
    MAX = "max"
    """The most similar pair of terms."""
    HAUSDORFF = "hausdorff"
    """The worst of all best matches, of both sets: the Hausdorff distance turned into a similarity."""


def as_combine(combine: str) -> Combine:
    """Find a combiner by its name.

    Raises:
        ConfigError: there is none of that name.
    """
    try:
        return Combine(combine)
    except ValueError:
        raise ConfigError(f"combine must be one of {', '.join(Combine)}, not {combine!r}") from None
