"""Random graphs and term sets for hypothesis, and for the tests that need larger ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from phenojax import _core
from phenojax._csr import Csr, csr_from_rows


class RandomGraph(NamedTuple):
    """A graph as lists and as the core has it; stands for an ontology wherever only the graph is asked for."""

    parents: list[list[int]]
    graph: _core.OntologyGraph

    @property
    def n_terms(self) -> int:
        return len(self.parents)


class Case(NamedTuple):
    ontology: RandomGraph
    ic: NDArray[np.float64]
    rows: list[list[int]]

    @property
    def sets(self) -> Csr:
        return csr_from_rows(self.rows)


def make_graph(parents: list[list[int]]) -> RandomGraph:
    return RandomGraph(parents, _core.OntologyGraph(*csr_from_rows(parents)))


@st.composite
def graphs(draw: st.DrawFn, max_terms: int = 20) -> RandomGraph:
    """A DAG whose indices say nothing of its order, with several roots and up to five parents a term."""
    n = draw(st.integers(1, max_terms))
    names = draw(st.permutations(range(n)))
    parents: list[list[int]] = [[] for _ in range(n)]
    for i in range(1, n):
        parents[names[i]] = draw(st.lists(st.sampled_from(names[:i]), max_size=5, unique=True))
    return make_graph(parents)


def values(n: int) -> st.SearchStrategy[NDArray[np.float64]]:
    return st.lists(st.floats(0, 12, width=32, allow_subnormal=False), min_size=n, max_size=n).map(
        lambda v: np.array(v, dtype=np.float64)
    )


def coarse_values(n: int) -> st.SearchStrategy[NDArray[np.float64]]:
    """Multiples of 1/64: where a child may have less than its parent, no quotient runs out of bounds."""
    return st.lists(st.integers(0, 12 * 64), min_size=n, max_size=n).map(lambda v: np.array(v) / 64)


def never_falling(parents: list[list[int]], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Information content as it should be: a term has what the largest of its parents has, and its own step more."""
    ic: dict[int, np.float32] = {}
    while len(ic) < len(parents):
        for term in set(range(len(parents))) - set(ic):
            if all(parent in ic for parent in parents[term]):
                above = max((ic[parent] for parent in parents[term]), default=np.float32(0))
                ic[term] = np.float32(above + np.float32(steps[term]))
    return np.array([ic[term] for term in range(len(parents))], dtype=np.float64)


def term_rows(n_terms: int, max_rows: int = 20) -> st.SearchStrategy[list[list[int]]]:
    """Sets as they may come: empty ones, repeated terms, a term beside its ancestor, more than one block of 16."""
    return st.lists(st.lists(st.integers(0, n_terms - 1), max_size=6), max_size=max_rows)


@st.composite
def cases(draw: st.DrawFn, max_rows: int = 20) -> Case:
    graph = draw(graphs())
    return Case(graph, draw(values(graph.n_terms)), draw(term_rows(graph.n_terms, max_rows)))


@st.composite
def monotone_cases(draw: st.DrawFn, max_rows: int = 20) -> Case:
    """No term has less information content than a parent of it; equal ones and zeros occur."""
    graph = draw(graphs())
    # Steps below 1e-6 nats would be one disease among a million: quotients of such numbers tell nothing.
    step = st.one_of(st.just(0.0), st.floats(2**-20, 2, width=32))
    steps = draw(st.lists(step, min_size=graph.n_terms, max_size=graph.n_terms))
    ic = never_falling(graph.parents, np.array(steps))
    return Case(graph, ic, draw(term_rows(graph.n_terms, max_rows)))


def large_case(seed: int = 0, n_terms: int = 2000, n_sets: int = 150) -> Case:
    rng = np.random.default_rng(seed)
    above = (
        [] if t == 0 else sorted(set(rng.integers(0, t, size=rng.integers(1, 5)).tolist())) for t in range(n_terms)
    )
    rows = [rng.integers(0, n_terms, size=rng.integers(0, 25)).tolist() for _ in range(n_sets)]
    return Case(make_graph(list(above)), rng.random(n_terms) * 9, rows)


def large_monotone_case(seed: int = 0, n_terms: int = 1000, n_sets: int = 100) -> Case:
    case = large_case(seed, n_terms, n_sets)
    ic = never_falling(case.ontology.parents, np.random.default_rng(seed).random(n_terms) / 4)
    return case._replace(ic=ic)
