"""The public similarity matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._inputs import TermWeights, as_terms, release_or_bundled
from phenojax.similarity.combine import Combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike
from phenojax.similarity.measures import SetMeasure
from phenojax.similarity.normalize import normalized
from phenojax.similarity.scorer import make_scorer, scored_sets
from phenojax.similarity.term_sets import TermSets

PHENOSCORE_FILTER = ("HP:0000708", "HP:0000271", "HP:0011297", "HP:0031703", "HP:0012372")
"""PhenoScore leaves out these terms and their descendants, which a photograph shows or which are rarely recorded alike:
atypical behaviour, face, digits, ear (its morphology) and eye (its morphology). For ``exclude_terms``."""


def similarity(
    cohort: TermSets,
    other: TermSets | None = None,
    *,
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    combine: str = "bma",
    ic: IcLike = "omim",
    exclude_terms: Iterable[str] = (),
    term_weights: TermWeights | None = None,
    excluded_penalty: float = 0.0,
    normalize: str | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Say how alike individuals, or any sets of terms, are.

    Args:
        cohort: ``n`` sets: a `Cohort` (its observed terms; redundant ancestors and terms outside HP:0000118 are left
            out, as `phenojax.cohort.encode` does), lists of term ids (taken as given, repeats apart), or a `Csr` of
            term_idx.
        other: ``m`` sets; None for `cohort` against itself.
        ontology: the release; None for the bundled one, which is then read anew.
        measure: of two terms (`Measure`: ``"resnik"``, ``"lin"``, ``"jiang_conrath"``, ``"relevance"``,
            ``"information_coefficient"``, ``"graph_ic"``, ``"wang"``, ``"aic"``, ``"hrss"``, ``"jaccard"``, ``"dice"``,
            ``"overlap"``, ``"cosine"``), of two closures (`SetMeasure`: ``"simgic"``, ``"simui"``,
            ``"closure_jaccard"``, ``"closure_cosine"``), or your own (`phenojax.measure`).
        combine: how similarities of terms become one of sets, see `Combine`; a measure of closures has no use for it.
        ic: see `information_content`.
        exclude_terms: these terms and all of their descendants are left out of every set; `PHENOSCORE_FILTER` is
            PhenoScore's choice.
        term_weights: how much each term counts in the averages of `combine`, 0 or more: a mapping from term id, where
            terms that are not named weigh 1, or float64 ``(n_terms,)`` by term_idx.
        excluded_penalty: how much it takes from the similarity of two individuals that one has what was excluded in the
            other: `s` from 0 to 1, and the similarity is multiplied by ``1 - s c`` with `c` the share of the observed
            terms of both that are, or lie below, an excluded term of the other. Only a `Cohort` has excluded terms.
            Mind that what was looked for is a habit of those who publish: two individuals of one publication exclude
            the same terms.
        normalize: what makes the numbers comparable between sets of different sizes, see `Normalize`: None,
            ``"chance"``, ``"z"`` or ``"cosine"``. With any measure, combiner and `term_weights`; chance does not know
            what individuals exclude, so that ``"chance"`` and ``"z"`` take no `excluded_penalty`. ``"cosine"``
            divides before the penalty is taken. The first call with ``"chance"`` or ``"z"`` compares 5,600 random
            individuals, which takes seconds (about 20 with a measure or combiner that needs a matrix of terms); the
            outcome is kept with the ontology.
        seed: of these random individuals.
        threads: None for all processors. The numbers do not depend on it.

    Returns:
        float32 ``(n, m)``, 0 or more (in nats for "resnik", else mostly 0 to 1, see `Measure`); 0 where a set is empty.
        Without `other` and with a symmetric combiner exactly symmetric. The diagonal is not 1 for most: that of
        "resnik" is a set's mean information content; of ``normalize="cosine"`` it is 1. Less than 0 with ``"chance"``
        and ``"z"`` where two sets are less alike than chance makes them.

    Raises:
        ConfigError: an argument is out of its range.
        OntologyError, CohortError: a malformed id; more than 5 % of the mentions are unknown to the release.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> S = pj.similarity([["HP:0001250", "HP:0001263"], ["HP:0011097"]], ontology=onto)
        >>> S.shape
        (2, 2)
    """
    release = release_or_bundled(ontology)
    scorer = make_scorer(release, measure, combine, ic, threads, term_weights, excluded_penalty)
    if isinstance(scorer.measure, SetMeasure) and combine != Combine.BMA:
        raise ConfigError(f"{scorer.measure.value} compares closures: combine has no meaning")
    left_out = as_terms("exclude_terms", exclude_terms)
    a = scored_sets("cohort", cohort, release, left_out)
    b = None if other is None else scored_sets("other", other, release, left_out)
    return normalized(scorer(a, b), normalize, scorer, a, b, seed=seed)
