"""From what a caller of the public functions gives to what the core calls take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float64
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity._scores import HPO3_JIANG_CONRATH, TermMeasure
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.measures import Measure, SetMeasure

TermWeights = Mapping[str, float] | ArrayLike


@overload
def in_parity_mode(measure: Measure | CustomMeasure, ic: object) -> TermMeasure: ...
@overload
def in_parity_mode(measure: Measure | SetMeasure | CustomMeasure, ic: object) -> TermMeasure | SetMeasure: ...
def in_parity_mode(measure: Measure | SetMeasure | CustomMeasure, ic: object) -> TermMeasure | SetMeasure:
    """Under hpo3's information content "jiang_conrath" is hpo3's too."""
    is_hpo3 = isinstance(ic, str) and ic.startswith("hpo3_")
    return HPO3_JIANG_CONRATH if is_hpo3 and measure == Measure.JIANG_CONRATH else measure


def release_or_bundled(ontology: Ontology | None) -> Ontology:
    """Give the release, the bundled one for None.

    Raises:
        ConfigError: it is no `Ontology`, but perhaps the path of one.
    """
    if ontology is None:
        return load_ontology()
    if not isinstance(ontology, Ontology):
        raise ConfigError(f"ontology must be what load_ontology gives, or None for the bundled one, not {ontology!r}")
    return ontology


def as_terms(name: str, terms: Iterable[str]) -> tuple[str, ...]:
    """List terms by their ids or names; whether they exist is not asked.

    Raises:
        ConfigError: a string in place of a list, or something else that is none.
    """
    if isinstance(terms, str):
        raise ConfigError(f"{name} takes a list of terms, not the string {terms!r}; put it in a list")
    if not isinstance(terms, Iterable):
        raise ConfigError(f"{name} takes a list of terms, not {terms!r}")
    return tuple(terms)


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
