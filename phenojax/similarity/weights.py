"""How much the terms of a disease count: by how many of its patients have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr, csr_from_rows
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology
from phenojax.similarity.scorer import ScoredSets

UNSTATED = 0.5
"""The frequency of a term whose annotation gives none: as many with as without. The median of those that OMIM's
annotations give is .56."""


class Frequencies(NamedTuple):
    """What share of the patients of each disease has each of its annotated terms.

    Attributes:
        keys: int64, ``disease_idx * n_terms + term_idx``, ascending, each once.
        values: float64 in [0, 1]; NaN where no row gives one.
    """

    keys: NDArray[np.int64]
    values: NDArray[np.float64]


def stated_frequencies(ontology: Ontology) -> Frequencies:
    """Make one number of all rows of a disease and a term, in the phenotype branch and without those that say NOT.

    Rows that count patients are added up: 1/9 and 3/11 are 4/20. Where none of them does, the mean of what they give
    (a class of frequency is the middle of its range) counts.
    """
    table = ontology.annotation_table
    kept = ~table.negated & (table.aspect == ord(Aspect.PHENOTYPE)) & ontology.phenotype_mask[table.term_idx]
    keys, of_row = np.unique(
        table.disease_idx[kept].astype(np.int64) * ontology.n_terms + table.term_idx[kept], return_inverse=True
    )
    fraction = table.frequency[kept].astype(np.float64)
    told = ~np.isnan(fraction)
    counts = told & (table.frequency_denominator[kept] > 0)

    def total(rows: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of_row[rows], values[rows], len(keys)), dtype=np.float64)

    patients = total(counts, table.frequency_denominator[kept].astype(np.float64))
    having = total(counts, table.frequency_numerator[kept].astype(np.float64))
    n_told, sums = total(told, np.ones(len(fraction))), total(told, fraction)
    values = np.full(len(keys), np.nan)
    np.divide(sums, n_told, out=values, where=n_told > 0)
    np.divide(having, patients, out=values, where=patients > 0)
    return Frequencies(keys, values)


def frequency_weights(ontology: Ontology, disease_ids: Sequence[str], *, unstated: float = UNSTATED) -> ScoredSets:
    """Weigh the terms of diseases by the share of patients that have them.

    Args:
        ontology: a release with annotations.
        disease_ids: such as ``OMIM:154700``.
        unstated: weight of a term whose frequency no row gives, 0 to 1.

    Returns:
        One set for each disease: its most specific annotated phenotypes, and the weight of each, above 0 and at most 1.
        A term that none of the patients has (0/7) is left out, before the most specific are chosen; so is what the
        rows say NOT of. Several rows of one term: `stated_frequencies`.

    Raises:
        ConfigError: `unstated` is not from 0 to 1, or an id is that of a gene.
        OntologyError: the release has no such disease.

    Example:
        >>> import phenojax as pj
        >>> from phenojax.similarity import frequency_weights, set_similarity
        >>> onto = pj.load_ontology()
        >>> marfan = frequency_weights(onto, ["OMIM:154700"])
        >>> ic = pj.information_content(onto)
        >>> scores = set_similarity(onto, ic, marfan.terms, marfan.terms, weights_b=marfan.weights)
        >>> scores.shape
        (1, 1)
    """
    if not 0.0 <= unstated <= 1.0:
        raise ConfigError(f"unstated must be from 0 to 1, not {unstated!r}")
    known = stated_frequencies(ontology)
    diseases = _numbers(ontology, disease_ids)
    if len(diseases) and diseases.min() < 0:
        name = disease_ids[int(diseases.argmin())]
        ontology.annotations(name)  # names what the release has no such disease of
        raise ConfigError(f"frequencies are those of diseases, and {name!r} is a gene")
    has_it = known.values != 0
    keys, values = known.keys[has_it], known.values[has_it]
    sets = ontology.most_specific(_rows_of(keys, diseases, ontology.n_terms))
    wanted = np.repeat(diseases, sets.lengths) * ontology.n_terms + sets.indices
    weights = values[np.searchsorted(keys, wanted)]
    return ScoredSets(sets, np.where(np.isnan(weights), unstated, weights))


def denied_terms(ontology: Ontology, targets: Sequence[str]) -> Csr:
    """Terms that the release says a disease does *not* have, in a row for each target; none for genes."""
    table = ontology.annotation_table
    kept = table.negated & ontology.phenotype_mask[table.term_idx]
    keys = np.unique(table.disease_idx[kept].astype(np.int64) * ontology.n_terms + table.term_idx[kept])
    return _rows_of(keys, _numbers(ontology, targets), ontology.n_terms)


def _numbers(ontology: Ontology, names: Sequence[str]) -> NDArray[np.int64]:
    """disease_idx of each name, -1 of what is no disease."""
    known = {name: number for number, name in enumerate(ontology.diseases())}
    return np.array([known.get(name, -1) for name in names], dtype=np.int64)


def _rows_of(keys: NDArray[np.int64], diseases: NDArray[np.int64], n_terms: int) -> Csr:
    """The terms of ascending keys, in a row for each disease."""
    starts, stops = np.searchsorted(keys, diseases * n_terms), np.searchsorted(keys, (diseases + 1) * n_terms)
    return csr_from_rows([keys[start:stop] % n_terms for start, stop in zip(starts, stops, strict=True)])
