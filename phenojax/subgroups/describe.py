"""From a division to tables and sentences: who is where, what is commoner there, and what else could explain it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phenojax.explain import compare_terms, term_counts
from phenojax.screen.describe import DISCLAIMER, VERSIONS_OF
from phenojax.screen.prepare import Prepared, information_source
from phenojax.subgroups.association import Association, associate, explained_variance
from phenojax.subgroups.consensus import COMES_BACK, Consensus
from phenojax.subgroups.results import INDIVIDUALS_SCHEMA, SUBGROUPS_SCHEMA, TERMS_SCHEMA

TERMS_KEPT = 20
# From here on the division is said to go along with something that is no phenotype.
ALARMING_SHARE = 0.5
ALARMING_VARIANCE = 0.25
# Fewer individuals than this are outliers and no subgroup.
SMALLEST_SUBGROUP = 3
COLUMNS = ("sex", "disease", "variant_effect", "variant_class")


def individuals_table(
    prepared: Prepared, rows: NDArray[np.int64], labels: NDArray[np.int64], found: Consensus | None
) -> pa.Table:
    """Who is in which subgroup; `INDIVIDUALS_SCHEMA`."""
    column = prepared.config.group
    groups = prepared.cohort.values(column) if column is not None else (None,) * len(prepared.cohort)
    columns = {
        "id": [prepared.cohort.individuals[row].id for row in rows],
        "group": [groups[row] for row in rows],
        "subgroup": labels + 1,
        "stability": _nullable(None if found is None else found.own, len(rows)),
        "other_subgroup": _nullable(None if found is None else found.other, len(rows)),
        "n_terms": prepared.observed.lengths[rows],
    }
    return _table(columns, INDIVIDUALS_SCHEMA)


def subgroups_table(
    prepared: Prepared, rows: NDArray[np.int64], labels: NDArray[np.int64], found: Consensus | None
) -> pa.Table:
    """Each subgroup in a row; `SUBGROUPS_SCHEMA`."""
    k = int(labels.max()) + 1
    inside = [labels == part for part in range(k)]
    sizes = None
    if prepared.groups is not None:
        codes = prepared.groups[rows]
        sizes = [np.unique(codes[part], return_counts=True)[1] for part in inside]
    own = None if found is None else [_mean(found.own[part]) for part in inside]
    outliers = _outliers(labels)
    columns = {
        "subgroup": np.arange(1, k + 1),
        "n": [int(part.sum()) for part in inside],
        "outliers": outliers,
        "n_groups": [None] * k if sizes is None else [len(s) for s in sizes],
        "largest_group": [None] * k if sizes is None else [s.max() / s.sum() for s in sizes],
        "jaccard": _nullable(None if found is None else np.where(outliers, np.nan, found.jaccard), k),
        "stability": _nullable(None if own is None else np.array(own), k),
        "median_terms": [float(np.median(prepared.observed.lengths[rows][part])) for part in inside],
    }
    return _table(columns, SUBGROUPS_SCHEMA)


def terms_table(prepared: Prepared, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> pa.Table:
    """What is commoner in each subgroup, outliers apart, than in all others together; `TERMS_SCHEMA`."""
    parts = [TERMS_SCHEMA.empty_table()]
    described = prepared.has_terms[rows]
    n_terms, ids = prepared.ontology.n_terms, prepared.ontology.term_ids
    for part in np.flatnonzero(~_outliers(labels)).tolist() if labels.any() else ():
        mine, others = rows[described & (labels == part)], rows[described & (labels != part)]
        if len(mine) == 0 or len(others) == 0:
            continue
        counts = [term_counts(prepared.closures, n_terms, who) for who in (mine, others)]
        found = compare_terms(counts[0], len(mine), counts[1], len(others), n_terms)
        commoner = np.flatnonzero(found.case_count / len(mine) > found.control_count / len(others))[:TERMS_KEPT]
        n = len(commoner)
        terms = found.term_idx[commoner].tolist()
        columns = {
            "subgroup": [part + 1] * n,
            "term_id": [ids[t] for t in terms],
            "label": [prepared.ontology.labels[t] for t in terms],
            "count": found.case_count[commoner],
            "n": [len(mine)] * n,
            "other_count": found.control_count[commoner],
            "other_n": [len(others)] * n,
            "prevalence": found.case_count[commoner] / len(mine),
            "other_prevalence": found.control_count[commoner] / len(others),
            "odds_ratio": found.odds_ratio[commoner],
        }
        parts.append(_table(columns, TERMS_SCHEMA))
    return pa.concat_tables(parts)


def associations(prepared: Prepared, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> list[Association]:
    """How the division goes along with the groups, and with sex, disease and variants where the cohort has them."""
    cohort, names = prepared.cohort, [] if prepared.groups is None else [prepared.config.group or ""]
    names += [name for name in COLUMNS if name in ("sex", "disease") or name in cohort.columns]
    found = []
    for name in dict.fromkeys(names):
        values = cohort.values(name)
        one = associate(name, labels, [values[row] for row in rows])
        if one is not None:
            found.append(one)
    return found


def warnings_of(
    prepared: Prepared,
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    found: Consensus | None,
    with_columns: Sequence[Association],
) -> list[str]:
    """What a reader of a division into several must know; nothing where there is one subgroup."""
    notes: list[str] = []
    if not labels.any():
        return notes
    of_groups = next((a for a in with_columns if a.column == prepared.config.group), None)
    if of_groups is not None and of_groups.tells >= ALARMING_SHARE:
        notes.append(
            f"knowing an individual's {of_groups.column} tells {of_groups.tells:.0%} of its subgroup beyond chance: "
            "what the publications (sites) looked for may be part of the division"
        )
    outliers = _outliers(labels)
    if outliers.any():
        few = ", ".join(str(part + 1) for part in np.flatnonzero(outliers))
        notes.append(f"outliers, no subgroups: {few} (fewer than {SMALLEST_SUBGROUP} individuals each)")
    if prepared.groups is not None:
        notes += _single_groups(prepared.groups[rows], labels)
    share = explained_variance(labels, np.log1p(prepared.observed.lengths[rows].astype(np.float64)))
    if share >= ALARMING_VARIANCE:
        notes.append(
            f"{share:.0%} of the variance of the number of terms lies between the subgroups: they differ in how "
            "thoroughly they were described"
        )
    if found is not None and (found.jaccard[~outliers] < COMES_BACK).any():
        notes.append(f"not every subgroup comes back in resamples (Jaccard index below {COMES_BACK}): see subgroups")
    if found is not None and not found.whole_groups and prepared.groups is not None:
        notes.append("fewer than five groups: stability is that under leaving out individuals, not groups")
    return notes


def _single_groups(groups: NDArray[np.int64], labels: NDArray[np.int64]) -> list[str]:
    """Which subgroups one group describes alone, or that one describes all."""
    if len(np.unique(groups)) == 1:
        return ["the whole gene comes from one group"]
    return [
        f"subgroup {part + 1} comes from one group alone"
        for part in np.flatnonzero(~_outliers(labels)).tolist()
        if len(np.unique(groups[labels == part])) == 1
    ]


def _outliers(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.bincount(labels) < SMALLEST_SUBGROUP


def describe(prepared: Prepared, with_columns: Sequence[Association], notes: Sequence[str]) -> dict[str, Any]:
    """What run.json says of the run itself."""
    ontology = prepared.ontology
    return {
        "kind": "discover",
        "phenojax_version": metadata.version("phenojax"),
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS_OF}},
        "ontology": {"version": ontology.version, "annotation_version": ontology.annotation_version,
                     "source": ontology.source, "licence": ontology.licence, "citation": ontology.citation},
        "information_content": information_source(ontology, prepared.config),
        "cohort": {"source": prepared.cohort.source, "n_individuals": len(prepared.cohort)},
        "faces": None if prepared.faces is None else prepared.faces.about,
        "validation": prepared.validation.to_dict(),
        "associations": [a._asdict() for a in with_columns],
        "notes": [DISCLAIMER, *notes],
    }  # fmt: skip


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _nullable(values: NDArray[np.float64] | None, n: int) -> list[float | None]:
    if values is None:
        return [None] * n
    return [None if np.isnan(value) else float(value) for value in values]


def _table(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in schema}, schema)
