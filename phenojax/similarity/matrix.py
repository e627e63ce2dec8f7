"""The public similarity matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity._core_calls import set_similarity
from phenojax.similarity.information_content import IcLike, information_content
from phenojax.similarity.term_sets import TermSets, encode_sets

PHENOSCORE_FILTER = ("HP:0000708", "HP:0000271", "HP:0011297", "HP:0031703", "HP:0012372")
"""PhenoScore leaves out these terms and their descendants, which a photograph shows or which are rarely recorded alike:
atypical behaviour, face, digits, ear (its morphology) and eye (its morphology). For ``exclude_terms``."""


def similarity(
    cohort: TermSets,
    other: TermSets | None = None,
    *,
    ontology: Ontology | None = None,
    measure: str = "resnik",
    combine: str = "bma",
    ic: IcLike = "omim",
    exclude_terms: Iterable[str] = (),
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Say how alike individuals, or any sets of terms, are.

    Args:
        cohort: ``n`` sets: a `Cohort` (its observed terms; redundant ancestors and terms outside HP:0000118 are left
            out, as `phenojax.cohort.encode` does), lists of term ids (taken as given, repeats apart), or a `Csr` of
            term_idx.
        other: ``m`` sets; None for `cohort` against itself.
        ontology: the release; None for the bundled one, which is then read anew.
        measure: similarity of two terms. ``"resnik"``: information content of their most informative common ancestor.
        combine: ``"bma"``, ``"funsim_avg"``, ``"funsim_max"``, ``"a_to_b"`` or ``"b_to_a"``, see `Combine`.
        ic: see `information_content`.
        exclude_terms: these terms and all of their descendants are left out of every set; `PHENOSCORE_FILTER` is
            PhenoScore's choice.
        threads: None for all processors. The numbers do not depend on it.

    Returns:
        float32 ``(n, m)`` in nats, 0 or more; 0 where a set is empty. Without `other` and with a symmetric combiner
        exactly symmetric. The diagonal is a set's mean information content, not 1.

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
    if ontology is None:
        ontology = load_ontology()
    left_out = tuple(exclude_terms) if not isinstance(exclude_terms, str) else exclude_terms
    a = encode_sets("cohort", cohort, ontology, left_out)
    b = None if other is None else encode_sets("other", other, ontology, left_out)
    return set_similarity(ontology, information_content(ontology, ic), a, b, combine, measure=measure, threads=threads)
