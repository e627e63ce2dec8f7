"""A cohort's term ids to the dense indices of one ontology: every id is resolved, and nothing is dropped unseen."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.cohort.model import Cohort
from phenojax.cohort.validation import Finding, Issue, ValidationReport
from phenojax.errors import CohortError, ConfigError, OntologyError
from phenojax.ontology import LookupStatus, Ontology

MAX_UNKNOWN_SHARE = 0.05
# Rows marked at a time: 512 rows x 20,000 terms of scratch stay in 10 MB.
_CHUNK_ROWS = 512
_log = logging.getLogger("phenojax")

_ISSUE_OF_STATUS = {
    LookupStatus.ALTERNATE: Issue.REMAPPED,
    LookupStatus.REPLACED: Issue.REPLACED,
    LookupStatus.OBSOLETE: Issue.OBSOLETE,
    LookupStatus.UNKNOWN: Issue.UNKNOWN,
}


class EncodedCohort(NamedTuple):
    """Term sets of a cohort, one row per individual, ascending and without repeats.

    Attributes:
        observed: the most specific observed terms at or under HP:0000118.
        excluded: the most general excluded terms; none is observed or an ancestor of an observed one.
        report: what was mapped, merged and left out on the way.
    """

    observed: Csr
    excluded: Csr
    report: ValidationReport


class _Resolved(NamedTuple):
    """What an id of the file stands for; `term_idx` is -1 when it is left out."""

    term_idx: int
    issue: Issue | None


def encode(
    cohort: Cohort,
    ontology: Ontology,
    *,
    on_unknown: str = "warn",
    exclude_terms: Iterable[str] = (),
) -> EncodedCohort:
    """Resolve every term id of a cohort against an ontology release.

    Args:
        cohort: from `read_cohort`.
        ontology: the release; its ``phenotype_mask`` says which terms count.
        on_unknown: a well-formed id that the release does not know is left out with one warning on the logger
            ``phenojax`` ("warn"), or is an error ("error").
        exclude_terms: these terms and all their descendants are left out.

    Returns:
        Observed and excluded terms as CSR rows in the order of the cohort, with the report.

    Raises:
        CohortError: a malformed id; more than 5 % of the mentions are unknown to the release; any is, under "error".
        OntologyError: a term of `exclude_terms` is none of the release.
    """
    if on_unknown not in ("warn", "error"):
        raise ConfigError(f"on_unknown is {on_unknown!r}; expected 'warn' or 'error'")
    findings: dict[Issue, list[Finding]] = {issue: [] for issue in Issue}
    resolved = _resolve_all(cohort, ontology, _left_out(ontology, exclude_terms))
    observed = _unique_rows(cohort, ontology, [i.observed for i in cohort], resolved, findings)
    excluded = _unique_rows(cohort, ontology, [i.excluded for i in cohort], resolved, findings)
    n_mentions = sum(len(i.observed) + len(i.excluded) for i in cohort)
    _check_unknown(cohort, ontology, findings, n_mentions, on_unknown)
    observed, excluded = _drop_implied(cohort, ontology, observed, excluded, findings)
    empty = np.flatnonzero(observed.lengths == 0)
    findings[Issue.EMPTY] = [Finding(cohort.individuals[r].id, "") for r in empty]
    report = ValidationReport(
        ontology.version,
        len(cohort),
        n_mentions,
        len(observed.indices),
        len(excluded.indices),
        {issue: tuple(found) for issue, found in findings.items()},
    )
    return EncodedCohort(observed, excluded, report)


def _left_out(ontology: Ontology, exclude_terms: Iterable[str]) -> NDArray[np.bool_]:
    """Mark (n_terms,) what is at or under one of the terms."""
    mask = np.zeros(ontology.n_terms, dtype=np.bool_)
    for term in exclude_terms:
        term_id = ontology.resolve(term)
        mask[ontology.indices([term_id, *ontology.descendants(term_id)])] = True
    return mask


def _resolve_all(cohort: Cohort, ontology: Ontology, left_out: NDArray[np.bool_]) -> dict[str, _Resolved]:
    """Each distinct id of the cohort, looked up once."""
    resolved: dict[str, _Resolved] = {}
    for individual in cohort:
        for term_id in (*individual.observed, *individual.excluded):
            if term_id in resolved:
                continue
            try:
                term_idx, status = ontology.lookup(term_id)
            except OntologyError as error:
                raise CohortError(f"{cohort.source}: individual {individual.id!r}: {error}") from None
            issue = _ISSUE_OF_STATUS.get(status)
            if term_idx >= 0 and left_out[term_idx]:
                term_idx, issue = -1, Issue.LEFT_OUT
            elif term_idx >= 0 and not ontology.phenotype_mask[term_idx]:
                term_idx, issue = -1, Issue.OUTSIDE_BRANCH
            resolved[term_id] = _Resolved(term_idx, issue)
    return resolved


def _unique_rows(
    cohort: Cohort,
    ontology: Ontology,
    rows: Sequence[tuple[str, ...]],
    resolved: dict[str, _Resolved],
    findings: dict[Issue, list[Finding]],
) -> Csr:
    """Map each row to ascending indices, each once; what is mapped, repeated or left out goes into the findings."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    indices: list[int] = []
    for r, (individual, row) in enumerate(zip(cohort, rows, strict=True)):
        kept: set[int] = set()
        for term_id in row:
            term_idx, issue = resolved[term_id]
            if issue is not None:
                new_id = ontology.term_ids[term_idx] if term_idx >= 0 else None
                findings[issue].append(Finding(individual.id, term_id, new_id))
            if term_idx < 0:
                continue
            if term_idx in kept:
                findings[Issue.DUPLICATES].append(Finding(individual.id, term_id, ontology.term_ids[term_idx]))
            kept.add(term_idx)
        indices.extend(sorted(kept))
        offsets[r + 1] = len(indices)
    return Csr(offsets, np.asarray(indices, dtype=np.int32))


def _check_unknown(
    cohort: Cohort,
    ontology: Ontology,
    findings: dict[Issue, list[Finding]],
    n_mentions: int,
    on_unknown: str,
) -> None:
    unknown, obsolete = findings[Issue.UNKNOWN], findings[Issue.OBSOLETE]
    if not unknown and not obsolete:
        return
    ids = sorted({finding.term_id for finding in unknown})
    told = (
        f"{cohort.source}: {len(unknown):,} of {n_mentions:,} term mentions ({len(ids)} ids, "
        f"{len({finding.individual for finding in unknown}):,} individuals) are unknown to HPO release "
        f"{ontology.version}"
    )
    if unknown and on_unknown == "error":
        first = unknown[0]
        raise CohortError(
            f"{told}; the first is {first.term_id} of individual {first.individual!r}; use a newer release"
        )
    if len(unknown) > MAX_UNKNOWN_SHARE * n_mentions:
        raise CohortError(
            f"{told}: more than {MAX_UNKNOWN_SHARE:.0%}, such as {', '.join(ids[:3])}; "
            "load the release that the cohort was coded with"
        )
    if unknown:
        _log.warning("%s and left out, such as %s; the report lists them", told, ", ".join(ids[:3]))
    if obsolete:
        _log.warning(
            "%s: %d mentions of obsolete terms without a replacement in HPO release %s are left out; see the report",
            cohort.source,
            len(obsolete),
            ontology.version,
        )


def _drop_implied(
    cohort: Cohort, ontology: Ontology, observed: Csr, excluded: Csr, findings: dict[Issue, list[Finding]]
) -> tuple[Csr, Csr]:
    """Drop observed terms above another, excluded terms that are observed, and excluded terms below another.

    Rows are marked in a (rows, n_terms) scratch, so that the cost is the size of the closures, without any sorting.
    """
    above = _ProperAncestors(ontology)
    keep_observed = np.ones(len(observed.indices), dtype=np.bool_)
    keep_excluded = np.ones(len(excluded.indices), dtype=np.bool_)
    contradicted = np.zeros(len(excluded.indices), dtype=np.bool_)
    for start in range(0, len(cohort), _CHUNK_ROWS):
        stop = min(start + _CHUNK_ROWS, len(cohort))
        o, o_row, o_term = _flat(observed, start, stop)
        e, e_row, e_term = _flat(excluded, start, stop)

        implied = np.zeros((stop - start, ontology.n_terms), dtype=np.bool_)
        owner, ancestor = above.of(o_term)
        implied[o_row[owner], ancestor] = True
        keep_observed[o] = ~implied[o_row, o_term]
        implied[o_row, o_term] = True
        contradicted[e] = implied[e_row, e_term]

        ruled_out = np.zeros_like(implied)
        standing = ~contradicted[e]
        ruled_out[e_row[standing], e_term[standing]] = True
        owner, ancestor = above.of(e_term)
        below = np.zeros(len(e_term), dtype=np.bool_)
        below[owner[ruled_out[e_row[owner], ancestor]]] = True
        keep_excluded[e] = standing & ~below

    redundant = ~keep_excluded & ~contradicted
    _list(cohort, ontology, observed, ~keep_observed, findings[Issue.REDUNDANT_ANCESTORS])
    _list(cohort, ontology, excluded, contradicted, findings[Issue.OBSERVED_AND_EXCLUDED])
    _list(cohort, ontology, excluded, redundant, findings[Issue.REDUNDANT_DESCENDANTS])
    return _kept(observed, keep_observed), _kept(excluded, keep_excluded)


class _ProperAncestors:
    """The ancestors of each term, without the term itself, for many terms at once."""

    def __init__(self, ontology: Ontology) -> None:
        offsets, indices = ontology.graph.closures(*ontology.graph.parents)
        self._offsets: NDArray[np.int64] = offsets
        self._indices: NDArray[np.int32] = indices

    def of(self, terms: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(position in `terms`, ancestor) pairs."""
        starts = self._offsets[terms]
        lengths = self._offsets[terms + 1] - starts
        owner = np.repeat(np.arange(len(terms)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return owner, self._indices[starts[owner] + within]


def _flat(csr: Csr, start: int, stop: int) -> tuple[slice, NDArray[np.int64], NDArray[np.int32]]:
    """Give the slice of `indices` that rows [start, stop) take, the row of each relative to `start`, and the terms."""
    where = slice(int(csr.offsets[start]), int(csr.offsets[stop]))
    rows = np.repeat(np.arange(stop - start), np.diff(csr.offsets[start : stop + 1]))
    return where, rows, csr.indices[where]


def _list(cohort: Cohort, ontology: Ontology, csr: Csr, marked: NDArray[np.bool_], found: list[Finding]) -> None:
    rows = np.repeat(np.arange(csr.n_rows), csr.lengths)[marked]
    for row, term in zip(rows.tolist(), csr.indices[marked].tolist(), strict=True):
        found.append(Finding(cohort.individuals[row].id, ontology.term_ids[term]))


def _kept(csr: Csr, keep: NDArray[np.bool_]) -> Csr:
    kept_before = np.zeros(len(keep) + 1, dtype=np.int64)
    np.cumsum(keep, out=kept_before[1:])
    return Csr(kept_before[csr.offsets], csr.indices[keep])
