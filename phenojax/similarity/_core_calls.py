"""Checked calls into the compiled core: arrays in, arrays out, no term ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax import _core
from phenojax._csr import Csr
from phenojax._validate import as_csr, as_float64, as_thread_count
from phenojax.errors import ConfigError


class HasGraph(Protocol):
    """An ontology, or whatever else has an is_a graph."""

    @property
    def graph(self) -> _core.OntologyGraph:
        """The is_a edges over term_idx."""


class Combine(StrEnum):
    """How the best matches of the terms of two sets, a (the row) and b (the column), become one number."""

    BMA = "bma"
    """(sum over a + sum over b) / (terms in a + terms in b): phenopy, PhenoScore, hpo3 "BMA"."""
    FUNSIM_AVG = "funsim_avg"
    """Mean of the two directed means."""
    FUNSIM_MAX = "funsim_max"
    """The larger directed mean."""
    A_TO_B = "a_to_b"
    """Mean over the terms of a of their best match in b."""
    B_TO_A = "b_to_a"
    """Mean over the terms of b of their best match in a."""


def set_similarity(
    ontology: HasGraph,
    ic_values: ArrayLike,
    a: Csr,
    b: Csr | None = None,
    combine: str = "bma",
    *,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Exact Resnik similarity between sets of terms given by index.

    The similarity of two terms is the information content of their most informative common ancestor (a term is an
    ancestor of itself; 0 where nothing is common). For each term of one set the best match in the other is found, and
    `combine` makes one number of them.

    Args:
        ontology: anything with a ``graph``.
        ic_values: float64 ``(n_terms,)``, nats, finite and not negative.
        a: ``n`` sets of term_idx, taken as given: a term that stands twice counts twice.
        b: ``m`` sets; None for `a` against itself.
        combine: one of `Combine`.
        threads: None for all processors. The numbers do not depend on it, nor on the instruction set.

    Returns:
        float32 ``(n, m)``, in ``[0, max(ic_values)]``; 0 where a set is empty. Without `b` and with a symmetric
        combiner exactly symmetric.

    Raises:
        ConfigError: an argument has a wrong shape or value.

    Source: Resnik, IJCAI 1995; best-match averages: Azuaje et al., 2005; funsim: Schlicker et al., BMC Bioinformatics
        2006.
    """
    try:
        combiner = Combine(combine)
    except ValueError:
        raise ConfigError(f"combine must be one of {', '.join(Combine)}, not {combine!r}") from None
    graph = ontology.graph
    ic = as_float64("ic", ic_values, (graph.n_terms,), minimum=0.0)
    sets_a = as_csr("a", a, graph.n_terms)
    b_offsets, b_indices = (None, None) if b is None else as_csr("b", b, graph.n_terms)
    threads = as_thread_count(threads)
    with _core_errors():
        return _core.set_similarity(
            graph, ic, sets_a.offsets, sets_a.indices, b_offsets, b_indices, combiner.value, threads
        )


@contextmanager
def _core_errors() -> Iterator[None]:
    """Everything is checked before the core is called; what is left is the PHENOJAX_ISA variable."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(str(error)) from None
