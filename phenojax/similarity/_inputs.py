"""From what a caller of the public functions gives to what the core calls take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float64
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity._scores import HPO3_JIANG_CONRATH, TermMeasure
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike, information_content
from phenojax.similarity.measures import Measure, SetMeasure, as_measure
from phenojax.similarity.term_sets import SetsWithExcluded, TermSets, encode_with_excluded

TermWeights = Mapping[str, float] | ArrayLike


class SimilarityInputs(NamedTuple):
    """Ids and names resolved.

    Attributes:
        ontology: the release.
        ic: float64 ``(n_terms,)``, nats.
        measure: what compares two terms or two sets.
        a: the rows.
        b: the columns, or None.
    """

    ontology: Ontology
    ic: NDArray[np.float64]
    measure: TermMeasure | SetMeasure
    a: SetsWithExcluded
    b: SetsWithExcluded | None

    def core_arguments(self, term_weights: TermWeights | None, excluded_penalty: float) -> dict[str, Any]:
        """What `set_similarity` and `nearest_sets` take by name."""
        weights = None if term_weights is None else weights_by_term(self.ontology, term_weights)
        out: dict[str, Any] = {"measure": self.measure, "excluded_penalty": excluded_penalty}
        if weights is not None:
            out["weights_a"] = weights[self.a.observed.indices]
            out["weights_b"] = None if self.b is None else weights[self.b.observed.indices]
        if excluded_penalty:
            out["excluded_a"] = self.a.excluded
            out["excluded_b"] = None if self.b is None else self.b.excluded
        return out


def similarity_inputs(
    cohort: TermSets,
    other: TermSets | None,
    ontology: Ontology | None,
    measure: str | CustomMeasure,
    ic: IcLike,
    exclude_terms: Iterable[str],
) -> SimilarityInputs:
    """Resolve every id and name.

    Raises:
        ConfigError, OntologyError, CohortError: as `similarity` says.
    """
    found = as_measure(measure)
    release = load_ontology() if ontology is None else ontology
    left_out = exclude_terms if isinstance(exclude_terms, str) else tuple(exclude_terms)
    a = encode_with_excluded("cohort", cohort, release, left_out)
    b = None if other is None else encode_with_excluded("other", other, release, left_out)
    return SimilarityInputs(release, information_content(release, ic), in_parity_mode(found, ic), a, b)


@overload
def in_parity_mode(measure: Measure | CustomMeasure, ic: object) -> TermMeasure: ...
@overload
def in_parity_mode(measure: Measure | SetMeasure | CustomMeasure, ic: object) -> TermMeasure | SetMeasure: ...
def in_parity_mode(measure: Measure | SetMeasure | CustomMeasure, ic: object) -> TermMeasure | SetMeasure:
    """Under hpo3's information content "jiang_conrath" is hpo3's too."""
    is_hpo3 = isinstance(ic, str) and ic.startswith("hpo3_")
    return HPO3_JIANG_CONRATH if is_hpo3 and measure == Measure.JIANG_CONRATH else measure


def weights_by_term(ontology: Ontology, weights: TermWeights) -> NDArray[np.float64]:
    """float64 ``(n_terms,)``; terms that a mapping does not name weigh 1.

    Raises:
        ConfigError, OntologyError: not such weights; an id that the release does not know.
    """
    if not isinstance(weights, Mapping):
        return as_float64("term_weights", weights, (ontology.n_terms,), minimum=0.0)
    out = np.ones(ontology.n_terms)
    given = as_float64("term_weights", list(weights.values()), (len(weights),), minimum=0.0)
    for term_id, weight in zip(weights, given, strict=True):
        if not isinstance(term_id, str):
            raise ConfigError(f"term_weights must map term ids to numbers, not {term_id!r}")
        out[ontology.index(ontology.resolve(term_id))] = weight
    return out
