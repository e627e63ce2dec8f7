"""What was found in a cohort when its terms were resolved: counted and listed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class Issue(StrEnum):
    """Why a term (or an individual) is listed in a report."""

    REMAPPED = "remapped"
    REPLACED = "replaced"
    OBSOLETE = "obsolete"
    UNKNOWN = "unknown"
    OUTSIDE_BRANCH = "outside_branch"
    LEFT_OUT = "left_out"
    DUPLICATES = "duplicates"
    OBSERVED_AND_EXCLUDED = "observed_and_excluded"
    REDUNDANT_ANCESTORS = "redundant_ancestors"
    REDUNDANT_DESCENDANTS = "redundant_descendants"
    EMPTY = "empty"


MEANINGS: dict[Issue, str] = {
    Issue.REMAPPED: "alternate ids, mapped to the current one",
    Issue.REPLACED: "obsolete ids, mapped to their replacement",
    Issue.OBSOLETE: "obsolete ids without a replacement, left out",
    Issue.UNKNOWN: "ids that the release does not know, left out",
    Issue.OUTSIDE_BRANCH: "terms outside HP:0000118 (Phenotypic abnormality), left out",
    Issue.LEFT_OUT: "terms left out on request",
    Issue.DUPLICATES: "repeats of a term in one individual, kept once",
    Issue.OBSERVED_AND_EXCLUDED: "excluded terms that are observed (or have an observed descendant), kept as observed",
    Issue.REDUNDANT_ANCESTORS: "observed terms with a more specific observed term, left to that one",
    Issue.REDUNDANT_DESCENDANTS: "excluded terms with a more general excluded term, left to that one",
    Issue.EMPTY: "individuals without any observed term",
}


class Finding(NamedTuple):
    """One thing found.

    Attributes:
        individual: the individual's id.
        term_id: as the file writes it; "" for an individual without terms.
        new_id: the current id that it stands for; None when left out.
    """

    individual: str
    term_id: str
    new_id: str | None = None


@dataclass(frozen=True)
class ValidationReport:
    """What resolving a cohort against one ontology release found.

    Attributes:
        release: the ontology's version.
        n_individuals: in the cohort.
        n_mentions: term mentions in the cohort, observed and excluded, as its file lists them.
        n_observed: observed terms left after resolving.
        n_excluded: excluded terms left after resolving.
        findings: by issue, in the order of the cohort; every issue is there.
    """

    release: str
    n_individuals: int
    n_mentions: int
    n_observed: int
    n_excluded: int
    findings: dict[Issue, tuple[Finding, ...]]

    def count(self, issue: Issue) -> int:
        """How often an issue was found."""
        return len(self.findings[issue])

    @property
    def counts(self) -> dict[str, int]:
        """How often each issue was found."""
        return {issue.value: len(found) for issue, found in self.findings.items()}

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON takes it: findings are lists of [individual, term id, current id or None]."""
        return {
            "release": self.release,
            "n_individuals": self.n_individuals,
            "n_mentions": self.n_mentions,
            "n_observed": self.n_observed,
            "n_excluded": self.n_excluded,
            "counts": self.counts,
            "findings": {issue.value: [list(finding) for finding in found] for issue, found in self.findings.items()},
        }

    def summary(self) -> tuple[str, ...]:
        """One line for the cohort and one for each issue that was found."""
        head = (
            f"{self.n_individuals:,} individuals, {self.n_mentions:,} term mentions; in HPO {self.release}: "
            f"{self.n_observed:,} observed and {self.n_excluded:,} excluded terms"
        )
        return (head, *(self._line(issue) for issue, found in self.findings.items() if found))

    def _line(self, issue: Issue) -> str:
        found = self.findings[issue]
        individuals = len({finding.individual for finding in found})
        if issue is Issue.EMPTY:
            return f"{issue}: {individuals:,} {MEANINGS[issue]}"
        terms = len({finding.term_id for finding in found})
        return f"{issue}: {len(found):,} ({terms:,} ids, {individuals:,} individuals): {MEANINGS[issue]}"
