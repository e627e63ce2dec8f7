"""A paper's panel: the terms that its authors looked for in everybody they describe."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort.simulation.config import SimulationConfig
from phenojax.cohort.simulation.vocabulary import Disease, Vocabulary, drawn_frequencies

# A paper takes an imprecise term over from the gene's earlier papers this often, on average; genes differ.
SHARED_WORDING = 0.6
# Authors prefer the terms that everybody uses: the weight of an annotation is frequency x usage to this power.
USAGE_POWER = 1.0
# What strikes the authors of all papers on a gene alike: log-normal, on the same weight.
SALIENCE_LOG_SD = 0.5
# Papers differ in how precise they are: Dirichlet around the configured shares; smaller differs more.
PRECISION_CONCENTRATION = 2.0
_TRIES = 12


class Panel(NamedTuple):
    """Terms, none above another, and how often the disease's patients have each."""

    terms: list[int]
    frequencies: NDArray[np.float64]


class DiseaseProfile:
    """One disease as the papers on one gene see it: its frequencies, and the imprecise words they have in common."""

    def __init__(
        self, rng: np.random.Generator, vocabulary: Vocabulary, config: SimulationConfig, disease: Disease
    ) -> None:
        self._rng = rng
        self._vocabulary = vocabulary
        self._annotated = frozenset(disease.terms)
        self._above_annotated = frozenset(a for term in disease.terms for a in vocabulary.ancestors(term))
        self._branches = frozenset(b for term in disease.terms for b in vocabulary.branches(term))
        self.disease = disease
        self._frequencies = drawn_frequencies(rng, disease)
        salience = np.exp(SALIENCE_LOG_SD * rng.standard_normal(len(disease.terms)))
        self._weights = self._frequencies * vocabulary.usage[disease.terms] ** USAGE_POWER * salience
        self._shared = rng.beta(0.5 * SHARED_WORDING, 0.5 * (1 - SHARED_WORDING))
        self._wording: dict[tuple[int, int], int] = {}
        panel_unrelated = max(0.0, config.unrelated - config.noise)
        shares = np.array([config.exact, config.same_branch, panel_unrelated, config.ancestor, config.descendant])
        self._shares = shares / shares.sum()
        self._make = (self._same_branch, self._unrelated, self._ancestor, self._descendant)

    def panel(self, size: int) -> Panel:
        """Draw `size` terms (fewer when the surroundings are used up): by frequency, then made imprecise."""
        rng = self._rng
        n = len(self._frequencies)
        # Without replacement, weighted by frequency; large panels go round again with imprecise terms.
        order = np.argsort(rng.exponential(size=n) / self._weights)
        taken: set[int] = set()
        above: set[int] = set()
        terms: list[int] = []
        frequencies: list[float] = []
        of_paper = rng.dirichlet(PRECISION_CONCENTRATION * self._shares + 1e-9)
        kinds = np.minimum(np.searchsorted(np.cumsum(of_paper), rng.random(3 * size)), 4).tolist()
        exact_next = 0
        for kind in kinds:
            if len(terms) == size:
                break
            for _ in range(_TRIES):
                if kind == 0 and exact_next == n:
                    break
                # Exact terms come in order, each once, so that their share does not sink with the panel's size.
                base = int(order[exact_next if kind == 0 else int(rng.random() ** 2 * n)])
                exact_next += kind == 0
                term = self._worded(kind, base) if kind else self.disease.terms[base]
                if term >= 0 and self._accept(term, taken, above):
                    terms.append(term)
                    frequencies.append(float(self._frequencies[base]))
                    break
        return Panel(terms, np.array(frequencies))

    def noise(self, n: int) -> list[int]:
        """Draw `n` terms that have nothing to do with the disease."""
        return [term for term in (self._unrelated(-1) for _ in range(n)) if term >= 0]

    def _accept(self, term: int, taken: set[int], above: set[int]) -> bool:
        """Whether the term is new, and neither above nor below one already taken; takes it if so."""
        ancestors = self._vocabulary.ancestors(term)
        if term in taken or term in above or not ancestors.isdisjoint(taken):
            return False
        taken.add(term)
        above |= ancestors
        return True

    def _worded(self, kind: int, base: int) -> int:
        """Word an annotation imprecisely, as an earlier paper did or anew; -1 when there is no such term."""
        key = (kind, base)
        if key in self._wording and self._rng.random() < self._shared:
            return self._wording[key]
        term = self._make[kind - 1](self.disease.terms[base])
        self._wording.setdefault(key, term)
        return term

    def _pick(self, weighted: tuple[NDArray[np.int32], NDArray[np.float64]]) -> int:
        terms, cumulated = weighted
        return int(terms[np.searchsorted(cumulated, self._rng.random() * cumulated[-1], side="right")])

    def _lies_apart(self, term: int) -> bool:
        """Neither annotated nor above nor below an annotation."""
        return (
            term not in self._annotated
            and term not in self._above_annotated
            and self._annotated.isdisjoint(self._vocabulary.ancestors(term))
        )

    def _same_branch(self, base: int) -> int:
        near = self._vocabulary.near(base)
        if len(near[0]) == 0:
            return -1
        return next((t for t in (self._pick(near) for _ in range(_TRIES)) if self._lies_apart(t)), -1)

    def _unrelated(self, _base: int) -> int:
        everywhere = self._vocabulary.everywhere
        drawn = (self._pick(everywhere) for _ in range(2 * _TRIES))
        return next((t for t in drawn if self._branches.isdisjoint(self._vocabulary.branches(t))), -1)

    def _ancestor(self, base: int) -> int:
        above = sorted(a for a in self._vocabulary.ancestors(base) if a not in self._annotated)
        return above[int(self._rng.random() * len(above))] if above else -1

    def _descendant(self, base: int) -> int:
        below = [t for t in self._vocabulary.below(base).tolist() if t not in self._annotated]
        below = [t for t in below if t not in self._above_annotated]
        return below[int(self._rng.random() * len(below))] if below else -1
