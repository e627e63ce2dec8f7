"""One way to score sets against sets, with everything that the scores depend on but the sets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax.ontology import Ontology
from phenojax.similarity._core_calls import set_similarity
from phenojax.similarity._inputs import in_parity_mode
from phenojax.similarity._scores import TermMeasure
from phenojax.similarity.combine import Combine, as_combine
from phenojax.similarity.custom import CustomMeasure
from phenojax.similarity.information_content import IcLike, information_content
from phenojax.similarity.measures import as_term_measure

# Sets compared with each other to read the diagonal: large enough that a call into the core pays, and no larger.
_DIAGONAL_ROWS = 128


@dataclass(frozen=True, eq=False)
class Scorer:
    """Similarity with its settings fixed; made by `make_scorer`.

    Attributes:
        ontology: the release.
        ic_values: float64 ``(n_terms,)``, nats.
        measure: how two terms are compared.
        combine: how the best matches become one number.
        threads: None for all processors; changes no number.
    """

    ontology: Ontology
    ic_values: NDArray[np.float64]
    measure: TermMeasure
    combine: Combine
    threads: int | None = None

    def __call__(self, a: Csr, b: Csr | None = None) -> NDArray[np.float32]:
        """Score every set of `a` (rows) against every set of `b`, or of `a` itself."""
        return set_similarity(
            self.ontology, self.ic_values, a, b, self.combine, measure=self.measure, threads=self.threads
        )

    def self_scores(self, sets: Csr) -> NDArray[np.float32]:
        """Score each set against itself: float32 ``(n,)``, without the whole matrix."""
        out = np.empty(sets.n_rows, dtype=np.float32)
        for start in range(0, sets.n_rows, _DIAGONAL_ROWS):
            rows = slice(start, min(start + _DIAGONAL_ROWS, sets.n_rows))
            out[rows] = np.diagonal(self(rows_of(sets, rows)))
        return out

    @property
    def is_symmetric(self) -> bool:
        """Whether the score of a against b is that of b against a."""
        return self.combine not in (Combine.A_TO_B, Combine.B_TO_A)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells the scores of two scorers on one ontology apart."""
        # a custom measure counts as itself: two of one name may differ
        return (self.measure, str(self.combine), hashlib.blake2b(self.ic_values.tobytes(), digest_size=16).digest())


def make_scorer(
    ontology: Ontology, measure: str | CustomMeasure, combine: str, ic: IcLike, threads: int | None
) -> Scorer:
    """Check the settings, and compute the information content.

    Raises:
        ConfigError: an unknown measure, combiner or source of information content.
    """
    found = in_parity_mode(as_term_measure(measure), ic)
    return Scorer(ontology, information_content(ontology, ic), found, as_combine(combine), threads)


def rows_of(sets: Csr, rows: slice) -> Csr:
    """Give the sets of consecutive rows; the indices are a view."""
    offsets = sets.offsets[rows.start : rows.stop + 1]
    return Csr(offsets - offsets[0], sets.indices[offsets[0] : offsets[-1]])
