"""The public similarity of terms."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phenojax.ontology import Ontology
from phenojax.similarity._core_calls import term_matrix
from phenojax.similarity._inputs import as_terms, in_parity_mode, release_or_bundled
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike, information_content
from phenojax.similarity.measures import as_term_measure


def term_similarity(
    terms: Iterable[str] | None = None,
    other: Iterable[str] | None = None,
    *,
    ontology: Ontology | None = None,
    measure: str | CustomMeasure = "resnik",
    ic: IcLike = "omim",
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Say how alike terms are: every one of a list with every one of another.

    Args:
        terms: ``n`` term ids or names; None for all terms at or under HP:0000118, ascending by id, which takes 1.4 GB.
        other: ``m`` terms; None for `terms` against themselves.
        ontology: the release; None for the bundled one, which is then read anew.
        measure: one of `Measure`, or your own (`phenojax.measure`).
        ic: see `information_content`.
        threads: None for all processors; the numbers do not depend on it.

    Returns:
        float32 ``(n, m)``, 0 or more; 0 where no ancestor is common. Without `other` exactly symmetric.

    Raises:
        ConfigError, OntologyError: an argument is out of its range; an id or a name is unknown.

    Example:
        >>> import phenojax as pj
        >>> float(pj.term_similarity(["Seizure"], ["HP:0001250"], measure="lin")[0, 0])
        1.0
    """
    found = as_term_measure(measure)
    release = release_or_bundled(ontology)
    rows = (
        np.flatnonzero(release.phenotype_mask).astype(np.int32) if terms is None else _indices("terms", terms, release)
    )
    columns = rows if other is None else _indices("other", other, release)
    values = information_content(release, ic)
    return term_matrix(release, values, rows, columns, measure=in_parity_mode(found, ic), threads=threads)


def _indices(name: str, terms: Iterable[str], ontology: Ontology) -> NDArray[np.int32]:
    return np.array([ontology.index(ontology.resolve(term)) for term in as_terms(name, terms)], dtype=np.int32)
