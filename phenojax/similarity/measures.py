"""The similarities of two terms and of two sets of terms, by name."""

from __future__ import annotations

from enum import StrEnum

from phenojax.errors import ConfigError
from phenojax.similarity.custom import CustomMeasure


class Measure(StrEnum):
    """How alike two terms a and b are.

    ``ic`` is information content in nats, ``mica`` the common ancestor with the most of it (a term is among its own
    ancestors), ``A`` and ``B`` are the ancestors of a and b. Every measure is symmetric, and 0 where a and b have no
    ancestor in common. A term that nobody is annotated with has the largest content there is (see
    `information_content`), so that it is specific, and never like everything. Between 0 and 1 holds wherever
    information content never falls from parent to child, which only the parity modes break.
    """

    RESNIK = "resnik"
    """``ic(mica)``, 0 to the largest content. Resnik, IJCAI 1995."""
    LIN = "lin"
    """``2 ic(mica) / (ic(a) + ic(b))``, 0 to 1; 0 where both say nothing. Lin, ICML 1998."""
    JIANG_CONRATH = "jiang_conrath"
    """``1 / (1 + ic(a) + ic(b) - 2 ic(mica))``, above 0 to 1. Jiang and Conrath, ROCLING 1997, as a similarity."""
    RELEVANCE = "relevance"
    """``lin * (1 - exp(-ic(mica)))``, 0 to below 1. Schlicker et al., BMC Bioinformatics 2006."""
    INFORMATION_COEFFICIENT = "information_coefficient"
    """simIC, ``lin * (1 - 1 / (1 + ic(mica)))``, 0 to below 1. Li et al., arXiv:1001.0958, 2010."""
    GRAPH_IC = "graph_ic"
    """``sum of ic over A and B in common / sum of ic over A or B``, 0 to 1. Deng et al., PLoS ONE 2015."""
    WANG = "wang"
    """Common part of the S-values, which halve less than the way up does: 0.8 a step, the best way counts; 0 to 1.
    Does not use information content. Wang et al., Bioinformatics 2007."""
    AIC = "aic"
    """``2 sum of w over A and B in common / (sum over A + sum over B)`` with ``w(t) = 1 / (1 + exp(-1 / ic(t)))``; 0 to
    1. Song et al., IEEE/ACM TCBB 2014."""
    HRSS = "hrss"
    """``1 / (1 + gamma) * alpha / (alpha + beta)`` with ``alpha = ic(mica)``, ``gamma = ic(a) + ic(b) - 2 ic(mica)`` and
    ``beta`` the mean over a and b of what the most informative leaf below has more; 0 to 1; 0 where it would be 0 / 0.
    Wu et al., PLoS ONE 2013, without its constant for the root, which has an information content of 0 here."""
    JACCARD = "jaccard"
    """Ancestors in common, of all ancestors; 0 to 1. Like the next three without information content."""
    DICE = "dice"
    """``2 |A and B| / (|A| + |B|)``, 0 to 1."""
    OVERLAP = "overlap"
    """``|A and B| / min(|A|, |B|)``, 0 to 1; 1 between a term and its ancestor."""
    COSINE = "cosine"
    """``|A and B| / sqrt(|A| |B|)``, 0 to 1."""


class SetMeasure(StrEnum):
    """How alike two sets are by their closures: the terms and all of their ancestors, each once.

    No term is matched with another, so that no combiner is involved. From 0 to 1; 0 where a closure weighs nothing (an
    empty set), else 1 for a set and itself. A term that nobody is annotated with weighs what its content says.
    """

    SIMGIC = "simgic"
    """Information content in common, of all: ``sum of ic over the intersection / sum over the union``. Pesquita et al.,
    BMC Bioinformatics 2008."""
    SIMUI = "simui"
    """Terms in common, of all: ``|intersection| / |union|``. Gentleman, Bioconductor GOstats."""
    CLOSURE_JACCARD = "closure_jaccard"
    """As simgic, with what a term adds to its parents (`conditional_ic`) in place of its content, so that what a set
    says is counted once along each way up."""
    CLOSURE_COSINE = "closure_cosine"
    """The same weights: ``common / sqrt(sum over one * sum over the other)``; the kernel of the screen."""


AnyMeasure = Measure | SetMeasure | CustomMeasure

ALIASES = {
    "jc": Measure.JIANG_CONRATH,
    "rel": Measure.RELEVANCE,
    "ic": Measure.INFORMATION_COEFFICIENT,
    "simic": Measure.INFORMATION_COEFFICIENT,
    "graphic": Measure.GRAPH_IC,
}
"""Other names in use, those of hpo3 among them."""

MEASURES = (*(m.value for m in Measure), *(m.value for m in SetMeasure))


def as_measure(measure: str | CustomMeasure) -> AnyMeasure:
    """Find a measure by its name or alias.

    Raises:
        ConfigError: there is none of that name; the message lists those there are.
    """
    if isinstance(measure, CustomMeasure):
        return measure
    if isinstance(measure, str):
        if measure in ALIASES:
            return ALIASES[measure]
        for family in (Measure, SetMeasure):
            if measure in family.__members__.values():
                return family(measure)
    raise ConfigError(
        f"measure must be one of {', '.join(MEASURES)}, one of the short names {', '.join(ALIASES)}, or made by "
        f"phenojax.measure, not {measure!r}"
    )


def as_term_measure(measure: str | CustomMeasure) -> Measure | CustomMeasure:
    """Find a measure of two terms.

    Raises:
        ConfigError: there is none of that name.
    """
    found = as_measure(measure)
    if isinstance(found, SetMeasure):
        raise ConfigError(f"{found.value} compares sets, not terms; measure must be one of {', '.join(Measure)}")
    return found
