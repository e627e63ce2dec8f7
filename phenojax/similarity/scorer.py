"""One way to score sets against sets, with everything that the scores depend on but the sets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax._validate import as_share
from phenojax.errors import ConfigError
from phenojax.ontology import Ontology
from phenojax.similarity._core_calls import set_similarity
from phenojax.similarity._inputs import TermWeights, in_parity_mode, weights_by_term
from phenojax.similarity._scores import TermMeasure
from phenojax.similarity.closures import closure_set_scores
from phenojax.similarity.combine import Combine, as_combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike, information_content
from phenojax.similarity.measures import SetMeasure, as_measure
from phenojax.similarity.term_sets import TermSets, encode_with_excluded, kept_entries

# Sets compared with each other to read the diagonal: large enough that a call into the core pays, and no larger.
_DIAGONAL_ROWS = 128


class ScoredSets(NamedTuple):
    """Sets of terms, and what else of them a score may depend on.

    Attributes:
        terms: ``n`` sets.
        weights: one for each entry of ``terms.indices``, 0 or more, on top of those by term; None for 1.
        excluded: ``n`` sets of terms that were looked for and not found; None for none.
    """

    terms: Csr
    weights: NDArray[np.float64] | None = None
    excluded: Csr | None = None

    def rows(self, rows: slice) -> ScoredSets:
        """Give consecutive sets; the arrays are views."""
        entries = slice(self.terms.offsets[rows.start], self.terms.offsets[rows.stop])
        return ScoredSets(
            rows_of(self.terms, rows),
            None if self.weights is None else self.weights[entries],
            None if self.excluded is None else rows_of(self.excluded, rows),
        )

    def take(self, rows: NDArray[np.integer]) -> ScoredSets:
        """Give the sets at `rows`, in that order."""
        entry = np.arange(len(self.terms.indices), dtype=np.int32)
        entries = Csr(self.terms.offsets, entry).take(rows)
        return ScoredSets(
            Csr(entries.offsets, self.terms.indices[entries.indices]),
            None if self.weights is None else self.weights[entries.indices],
            None if self.excluded is None else self.excluded.take(rows),
        )

    def without(self, left_out: NDArray[np.bool_] | None) -> ScoredSets:
        """Leave out the terms of a mask by term_idx, also of what was excluded."""
        if left_out is None:
            return self
        kept = ~left_out[self.terms.indices]
        excluded = self.excluded
        return ScoredSets(
            kept_entries(self.terms, kept),
            None if self.weights is None else self.weights[kept],
            None if excluded is None else kept_entries(excluded, ~left_out[excluded.indices]),
        )

    @property
    def key(self) -> tuple[bytes, ...]:
        """What tells these sets from others."""
        parts = (self.terms.offsets, self.terms.indices, self.weights, *(self.excluded or ()))
        return tuple(b"" if part is None else digest(part) for part in parts)


class SetScorer(Protocol):
    """Whatever scores sets against fixed targets, with random individuals to compare with."""

    @property
    def ontology(self) -> Ontology:
        """The release."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the scores of two scorers on one ontology apart."""

    def __call__(self, a: Csr | ScoredSets, b: Csr | ScoredSets | None = None, /) -> NDArray[np.float32]:
        """Score every set of `a` against every set of `b`: float32 ``(n, m)``."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """Similarity with its settings fixed; made by `make_scorer`.

    Attributes:
        ontology: the release.
        ic_values: float64 ``(n_terms,)``, nats.
        measure: how two terms, or two closures, are compared.
        combine: how the best matches become one number; of no use to a measure of closures.
        threads: None for all processors; changes no number.
        term_weights: float64 ``(n_terms,)``, how much each term counts; None for 1.
        excluded_penalty: from 0 to 1.
    """

    ontology: Ontology
    ic_values: NDArray[np.float64]
    measure: TermMeasure | SetMeasure
    combine: Combine
    threads: int | None = None
    term_weights: NDArray[np.float64] | None = None
    excluded_penalty: float = 0.0

    def __call__(self, a: Csr | ScoredSets, b: Csr | ScoredSets | None = None) -> NDArray[np.float32]:
        """Score every set of `a` (rows) against every set of `b`, or of `a` itself."""
        rows = as_scored(a)
        columns = None if b is None else as_scored(b)
        others = None if columns is None else columns.terms
        if isinstance(self.measure, SetMeasure):
            return closure_set_scores(
                self.ontology, self.ic_values, rows.terms, others, measure=self.measure.value, threads=self.threads
            )
        more = self.core_arguments(rows, columns)
        return set_similarity(self.ontology, self.ic_values, rows.terms, others, **more)

    def core_arguments(self, a: ScoredSets, b: ScoredSets | None) -> dict[str, Any]:
        """What `set_similarity` and `nearest_sets` take by name for these sets."""
        out: dict[str, Any] = {"measure": self.measure, "combine": self.combine, "threads": self.threads}
        out["weights_a"] = self._weights(a)
        out["weights_b"] = None if b is None else self._weights(b)
        if self.excluded_penalty:
            out["excluded_penalty"] = self.excluded_penalty
            out["excluded_a"] = a.excluded
            out["excluded_b"] = None if b is None else b.excluded
        return out

    def _weights(self, sets: ScoredSets) -> NDArray[np.float64] | None:
        if self.term_weights is None:
            return sets.weights
        weights = self.term_weights[sets.terms.indices]
        return weights if sets.weights is None else weights * sets.weights

    def self_scores(self, sets: Csr | ScoredSets) -> NDArray[np.float32]:
        """Score each set against itself: float32 ``(n,)``, without the whole matrix, and without the penalty."""
        every = as_scored(sets)._replace(excluded=None)
        out = np.empty(every.terms.n_rows, dtype=np.float32)
        for start in range(0, every.terms.n_rows, _DIAGONAL_ROWS):
            rows = slice(start, min(start + _DIAGONAL_ROWS, every.terms.n_rows))
            out[rows] = np.diagonal(self(every.rows(rows)))
        return out

    @property
    def is_symmetric(self) -> bool:
        """Whether the score of a against b is that of b against a."""
        return isinstance(self.measure, SetMeasure) or self.combine not in (Combine.A_TO_B, Combine.B_TO_A)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells the scores of two scorers on one ontology apart."""
        # a custom measure counts as itself: two of one name may differ
        return (
            self.measure,
            str(self.combine),
            digest(self.ic_values),
            None if self.term_weights is None else digest(self.term_weights),
            self.excluded_penalty,
        )


def make_scorer(
    ontology: Ontology,
    measure: str | CustomMeasure,
    combine: str,
    ic: IcLike,
    threads: int | None,
    term_weights: TermWeights | None = None,
    excluded_penalty: float = 0.0,
) -> Scorer:
    """Check the settings, and compute the information content.

    Raises:
        ConfigError: an unknown measure, combiner or source of information content; weights or a penalty out of their
            range, or for a measure that has none.
    """
    found, combiner = in_parity_mode(as_measure(measure), ic), as_combine(combine)
    penalty = as_share("excluded_penalty", excluded_penalty)
    if isinstance(found, SetMeasure) and (term_weights is not None or penalty):
        raise ConfigError(f"{found.value} compares closures: term_weights and excluded_penalty have no meaning")
    weights = None if term_weights is None else weights_by_term(ontology, term_weights)
    return Scorer(ontology, information_content(ontology, ic), found, combiner, threads, weights, penalty)


def scored_sets(name: str, sets: TermSets, ontology: Ontology, exclude_terms: Iterable[str] = ()) -> ScoredSets:
    """Encode what a caller calls sets of terms, with the excluded ones of a `Cohort`.

    Raises:
        ConfigError, OntologyError, CohortError: as `encode_sets` says.
    """
    observed, excluded = encode_with_excluded(name, sets, ontology, exclude_terms)
    return ScoredSets(observed, excluded=excluded)


def as_scored(sets: Csr | ScoredSets) -> ScoredSets:
    """Take sets without anything else as they are."""
    return ScoredSets(sets) if isinstance(sets, Csr) else sets


def rows_of(sets: Csr, rows: slice) -> Csr:
    """Give the sets of consecutive rows; the indices are a view."""
    offsets = sets.offsets[rows.start : rows.stop + 1]
    return Csr(offsets - offsets[0], sets.indices[offsets[0] : offsets[-1]])


def digest(values: NDArray[np.generic]) -> bytes:
    """Tell arrays apart by their bytes."""
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16).digest()
