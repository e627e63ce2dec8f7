"""Which terms are commoner in some individuals than in their cohort: the hypergeometric test, term by term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import hypergeom

from phenojax._csr import Csr
from phenojax.cohort import Cohort
from phenojax.cohort.encode import encode
from phenojax.errors import ConfigError
from phenojax.ontology import PHENOTYPIC_ABNORMALITY, Ontology, load_ontology
from phenojax.stats import benjamini_hochberg

ENRICHMENT_SCHEMA = pa.schema(
    [
        ("term_id", pa.string()),
        ("label", pa.string()),
        ("count", pa.int64()),
        ("n", pa.int64()),
        ("total_count", pa.int64()),
        ("total_n", pa.int64()),
        ("expected", pa.float64()),
        ("fold_enrichment", pa.float64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
        ("n_groups", pa.int64()),
    ]
)


def enrichment(
    cohort: Cohort,
    individuals: Sequence[str] | NDArray[np.bool_],
    *,
    ontology: Ontology | None = None,
    min_count: int = 2,
    collapse: bool = True,
    exclude_terms: Iterable[str] = (),
    group: str | None = "group",
) -> pa.Table:
    """Test every term for being commoner in some individuals than among all of the cohort.

    An individual has a term when it or a descendant was observed; what was not recorded counts as absent. Of N
    individuals K have a term; of the n chosen ones k. The p-value is the chance of k or more when n of the N are drawn
    at random (hypergeometric, the one-sided Fisher's exact test). Individuals without any observed term are left out.

    **Read with care.** Terms are nested: an enriched term makes its ancestors enriched, so that neighbouring rows are
    one finding and not several. Benjamini-Hochberg holds under such positive dependence, yet its q-values count rows,
    not findings. The p-values take individuals as independent; those of one publication, family or site are not (they
    were asked the same questions), which makes p too small: see in ``n_groups`` how many publications a count comes
    from, and use `screen` or `compare` for a test that keeps them together.

    Args:
        cohort: who was looked at.
        individuals: ids of the chosen ones, or a boolean ``(len(cohort),)``.
        ontology: the release; None for the bundled one, which is then read anew.
        min_count: terms that fewer individuals of the whole cohort have are not tested. It looks at everybody alike,
            so the p-values of the others stay as good as they were.
        collapse: leave out a term whose carriers are exactly those of one of its children: the same test again.
        exclude_terms: these terms and all of their descendants are left out of every individual.
        group: column of what may confound, for ``n_groups``; an individual without a value is a group of its own. None
            leaves the column empty.

    Returns:
        A pyarrow Table, the smallest p-value first: ``term_id``, ``label``, ``count`` (k), ``n``, ``total_count``
        (K), ``total_n`` (N), ``expected`` (n K / N), ``fold_enrichment`` (k over it), ``p_value``, ``q_value``
        (Benjamini-Hochberg over all rows), ``n_groups`` (distinct groups of the k). Terms that nobody or everybody has,
        and HP:0000118 itself, are not in it.

    Raises:
        ConfigError: `individuals` are not of the cohort, or none or all of those with a term; another argument is
            out of its range.
        CohortError: the cohort has no such column; a malformed id; more than 5 % of the mentions are unknown.
        OntologyError: a term of `exclude_terms` is none of the release.

    Example:
        >>> import phenojax as pj
        >>> onto = pj.load_ontology()
        >>> cohort = pj.simulate(onto, pj.SimulationConfig(n_genes=6), seed=1)
        >>> gene = cohort.individuals[0].gene
        >>> table = pj.enrichment(cohort, [i.id for i in cohort if i.gene == gene], ontology=onto)
        >>> table.column_names[:3]
        ['term_id', 'label', 'count']
    """
    if isinstance(min_count, bool) or not isinstance(min_count, int | np.integer) or min_count < 1:
        raise ConfigError(f"min_count must be an integer of 1 or more, not {min_count!r}")
    chosen = _mask(cohort, individuals)
    if ontology is None:
        ontology = load_ontology()
    groups = _groups(cohort, group)
    observed = encode(cohort, ontology, exclude_terms=exclude_terms).observed
    described = observed.lengths > 0
    n, total_n = int((chosen & described).sum()), int(described.sum())
    if n in (0, total_n):
        raise ConfigError(
            f"individuals must be some, but not all, of the {total_n} individuals with an observed term; they are {n}"
        )
    closures = Csr(*ontology.graph.closures(*observed))
    carriers = np.repeat(np.arange(len(cohort)), closures.lengths)
    totals = np.bincount(closures.indices, minlength=ontology.n_terms)
    tested = _tested(ontology, totals, total_n, min_count, collapse)
    ours = chosen[carriers]
    counts = np.bincount(closures.indices[ours], minlength=ontology.n_terms)[tested]
    totals = totals[tested]

    p = np.minimum(hypergeom.sf(counts - 1, total_n, totals, n), 1.0)
    expected = n * totals / total_n
    fold = counts / expected
    n_groups = None
    if groups is not None:
        pairs = np.unique(groups[carriers[ours]] * ontology.n_terms + closures.indices[ours])
        n_groups = np.bincount(pairs % ontology.n_terms, minlength=ontology.n_terms)[tested]

    order = np.lexsort((tested, -fold, p))
    terms = tested[order].tolist()
    return pa.table(
        {
            "term_id": [ontology.term_ids[t] for t in terms],
            "label": [ontology.labels[t] for t in terms],
            "count": counts[order],
            "n": np.full(len(terms), n),
            "total_count": totals[order],
            "total_n": np.full(len(terms), total_n),
            "expected": expected[order],
            "fold_enrichment": fold[order],
            "p_value": p[order],
            "q_value": benjamini_hochberg(p)[order],
            "n_groups": pa.nulls(len(terms), pa.int64()) if n_groups is None else n_groups[order],
        },
        schema=ENRICHMENT_SCHEMA,
    )


def _mask(cohort: Cohort, individuals: Sequence[str] | NDArray[np.bool_]) -> NDArray[np.bool_]:
    if isinstance(individuals, str):
        raise ConfigError(f"individuals takes a list of ids, not the string {individuals!r}; put it in a list")
    given = np.asarray(individuals if isinstance(individuals, np.ndarray) else list(individuals))
    if given.dtype == np.bool_:
        if given.shape != (len(cohort),):
            raise ConfigError(f"individuals as booleans must have shape ({len(cohort)},), not {given.shape}")
        return given
    row = {individual.id: r for r, individual in enumerate(cohort)}
    ids = given.tolist()
    unknown = [i for i in ids if i not in row]
    if unknown:
        raise ConfigError(f"individuals names {unknown[0]!r}, which is no id of {cohort.source}")
    mask = np.zeros(len(cohort), dtype=np.bool_)
    mask[[row[i] for i in ids]] = True
    return mask


def _groups(cohort: Cohort, group: str | None) -> NDArray[np.int64] | None:
    """A number for each group; who has none gets one of their own."""
    if group is None:
        return None
    known: dict[str, int] = {}
    return np.array(
        [
            len(cohort) + r if value is None else known.setdefault(value, len(known))
            for r, value in enumerate(cohort.values(group))
        ],
        dtype=np.int64,
    )


def _tested(
    ontology: Ontology, totals: NDArray[np.int64], total_n: int, min_count: int, collapse: bool
) -> NDArray[np.int64]:
    """The term_idx worth a test: nothing here looks at who was chosen."""
    kept = ontology.phenotype_mask & (totals >= min_count) & (totals < total_n)
    kept[ontology.index(PHENOTYPIC_ABNORMALITY)] = False
    if collapse:
        offsets, children = ontology.graph.children
        # Carriers of a child are carriers of the term, so that as many are the same.
        parents = np.repeat(np.arange(ontology.n_terms), np.diff(offsets))
        kept[parents[totals[children] == totals[parents]]] = False
    return np.flatnonzero(kept)
