"""Arrays at the edge of the core's matrices: taken exactly when well formed, and many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.random_sets import large_case, make_graph

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.similarity import Combine, nearest_sets, set_similarity

DIAMOND = [[], [0], [0], [1, 2]]
GRAPH = make_graph(DIAMOND).graph
IC = np.array([0.0, 1.0, 2.0, 3.0])
OFFSETS = np.array([0, 2, 3], dtype=np.int64)
INDICES = np.array([1, 2, 3], dtype=np.int32)
WEIGHTS = np.ones(3, dtype=np.float32)
SETS = (OFFSETS, INDICES, WEIGHTS)
CSR = (OFFSETS, INDICES)
TABLE = np.ones((4, 4), dtype=np.float32)
EXCLUSIONS = (CSR, CSR, CSR, CSR, 0.5)

# Every call that takes arrays, with arguments that are good.
CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "set_similarity": (_core.set_similarity, (GRAPH, (IC, "lin", 0), SETS, SETS, "bma", EXCLUSIONS, 2)),
    "by a term matrix": (_core.set_similarity, (GRAPH, TABLE, SETS, SETS, "mean", None, 1)),
    "nearest_sets": (_core.nearest_sets, (GRAPH, (IC, "resnik", 0), SETS, SETS, 1, "bma", EXCLUSIONS, 2, None)),
    "term_matrix": (_core.term_matrix, (GRAPH, (IC, "hrss", 0), INDICES, INDICES, 1)),
    "closure_overlap": (_core.closure_overlap, (GRAPH, IC, CSR, CSR, "jaccard", 1)),
    "term_overlap": (_core.term_overlap, (GRAPH, IC, INDICES, INDICES, "dice", 1)),
    "graph_ic": (_core.graph_ic, (GRAPH, IC, INDICES, INDICES, 1)),
    "wang": (_core.wang, (GRAPH, 0.8, INDICES, INDICES, 1)),
    "matched_terms": (_core.matched_terms, (GRAPH, IC, *CSR, *CSR, np.array([0, 1]), np.array([1, 1]), 1)),
    "never_falls": (_core.never_falls, (GRAPH, IC)),
}
WRONG: dict[str, Callable[[Any], object]] = {
    "another type": lambda good: good.astype(np.int16),
    "another byte order": lambda good: good.astype(good.dtype.newbyteorder()),
    "not contiguous": lambda good: np.repeat(good, 2, axis=-1)[..., ::2],
    "misaligned": lambda good: np.frombuffer(b"\0" + good.tobytes(), good.dtype, offset=1).reshape(good.shape),
    "a list": lambda good: good.tolist(),
}


def replaced(value: Any, change: Callable[[Any], object]) -> Iterator[Any]:
    """The argument with one of its arrays changed, for each array that it is or holds."""
    if isinstance(value, np.ndarray):
        yield change(value)
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            for other in replaced(part, change):
                yield (*value[:i], other, *value[i + 1 :])


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("call", "good"), CALLS.values(), ids=CALLS)
def test_an_array_that_cannot_be_read_in_place_is_a_type_error(
    call: Callable[..., Any], good: tuple[Any, ...], change: Callable[[Any], object]
) -> None:
    call(*good)
    tried = 0
    for arguments in replaced(good, change):
        with pytest.raises(TypeError, match=r"incompatible|aligned"):
            call(*arguments)
        tried += 1
    assert tried > 0


@pytest.mark.parametrize(("call", "good"), CALLS.values(), ids=CALLS)
def test_another_number_of_axes_is_refused(call: Callable[..., Any], good: tuple[Any, ...]) -> None:
    for arguments in replaced(good, lambda array: array.reshape(1, *array.shape)):
        with pytest.raises(ValueError, match="axes"):
            call(*arguments)


offset_lists = st.lists(st.integers(-3, 6) | st.integers(-(2**63), 2**63 - 1), max_size=6)
index_lists = st.lists(st.integers(-2, 5) | st.integers(-(2**31), 2**31 - 1), max_size=6)


def well_formed(offsets: list[int], indices: list[int]) -> bool:
    in_order = offsets[:1] == [0] and offsets == sorted(offsets) and offsets[-1] == len(indices)
    return in_order and all(0 <= i < len(DIAMOND) for i in indices)


@given(offsets=offset_lists, indices=index_lists, other=st.booleans())
def test_sets_are_taken_exactly_when_they_are_well_formed(offsets: list[int], indices: list[int], other: bool) -> None:
    given_sets = (np.array(offsets, dtype=np.int64), np.array(indices, dtype=np.int32))
    weighed = (*given_sets, None)
    sides = ((*CSR, None), weighed) if other else (weighed, None)
    calls = (
        lambda: _core.set_similarity(GRAPH, (IC, "lin", 0), *sides, "bma", None, 1),
        lambda: _core.set_similarity(GRAPH, TABLE, *sides, "mean", None, 1),
        lambda: _core.nearest_sets(GRAPH, (IC, "resnik", 0), *sides, 0, "max", None, 1, None)[1],
        lambda: _core.closure_overlap(
            GRAPH, IC, CSR if other else given_sets, given_sets if other else None, "dice", 1
        ),
    )
    for call in calls:
        if well_formed(offsets, indices):
            assert call().shape[0] == (2 if other else len(offsets) - 1)
        else:
            with pytest.raises(ValueError, match=r"offsets|index"):
                call()


@given(a=index_lists, b=index_lists)
def test_terms_are_taken_exactly_when_they_are_in_range(a: list[int], b: list[int]) -> None:
    terms = np.array(a, dtype=np.int32), np.array(b, dtype=np.int32)
    calls = (
        lambda: _core.term_matrix(GRAPH, (IC, "hrss", 0), *terms, 1),
        lambda: _core.term_overlap(GRAPH, IC, *terms, "cosine", 1),
        lambda: _core.graph_ic(GRAPH, IC, *terms, 1),
        lambda: _core.wang(GRAPH, 0.8, *terms, 1),
    )
    for call in calls:
        if all(0 <= t < len(DIAMOND) for t in a + b):
            assert call().shape == (len(a), len(b))
        else:
            with pytest.raises(ValueError, match="index"):
                call()


@pytest.mark.parametrize(
    "change",
    [
        {1: (IC[:3].copy(), "lin", 0)},
        {1: (np.full(4, np.nan), "lin", 0)},
        {1: (-IC, "lin", 0)},
        {1: (IC, "nonsense", 0)},
        {1: (IC, "custom", 0)},
        {1: TABLE[:2].copy()},
        {2: (OFFSETS, INDICES, WEIGHTS[:2].copy())},
        {2: (OFFSETS, INDICES, -WEIGHTS)},
        {2: (OFFSETS, INDICES, np.full(3, np.inf, dtype=np.float32))},
        {4: "nonsense"},
        {5: (CSR, CSR, None, None, 0.5)},
        {5: (CSR, CSR, CSR, CSR, 1.5)},
        {5: (CSR, CSR, CSR, (OFFSETS[:2].copy(), INDICES[:2].copy()), 0.5)},
        {6: 0},
        {6: -1},
    ],
)
def test_values_that_make_no_sense_are_refused(change: dict[int, Any]) -> None:
    good = CALLS["set_similarity"][1]
    arguments = [change.get(i, value) for i, value in enumerate(good)]
    with pytest.raises(ValueError, match=r"must|has|index|belong|custom"):
        _core.set_similarity(*arguments)


def test_a_matrix_larger_than_memory_is_a_memory_error_and_no_crash() -> None:
    none = (np.zeros(2**22 + 1, dtype=np.int64), INDICES[:0])
    with pytest.raises(MemoryError):
        _core.set_similarity(GRAPH, (IC, "resnik", 0), (*none, None), None, "bma", None, 1)
    with pytest.raises(MemoryError):
        _core.nearest_sets(GRAPH, (IC, "resnik", 0), SETS, None, 2**50, "bma", None, 1, None)


@pytest.mark.parametrize("combine", [c.value for c in Combine])
def test_nothing_one_and_twice_the_same_are_defined(combine: str) -> None:
    graph = make_graph(DIAMOND)
    nothing, empty, one = csr_from_rows([]), csr_from_rows([[], []]), csr_from_rows([[3]])
    assert set_similarity(graph, IC, nothing, combine=combine).shape == (0, 0)
    assert set_similarity(graph, IC, nothing, one, combine).shape == (0, 1)
    assert set_similarity(graph, IC, one, nothing, combine).shape == (1, 0)
    np.testing.assert_array_equal(set_similarity(graph, IC, empty, combine=combine), np.zeros((2, 2)))
    np.testing.assert_array_equal(set_similarity(graph, IC, one, combine=combine), [[3.0]])
    np.testing.assert_array_equal(set_similarity(graph, IC, one, csr_from_rows([[3, 3]]), combine), [[3.0]])
    ids, scores = nearest_sets(graph, IC, one, combine=combine)
    assert ids.shape == scores.shape == (1, 0)
    assert nearest_sets(graph, IC, nothing, one, combine=combine)[0].shape == (0, 1)


def test_many_threads_ask_one_ontology_at_once_and_get_what_one_gets() -> None:
    case = large_case(n_terms=400, n_sets=50)
    graph, sets = case.ontology.graph, (*case.sets, None)
    ic = np.maximum.accumulate(case.ic)  # parents have smaller numbers, so that it never falls
    n_threads = 8
    together = threading.Barrier(n_threads)

    def ask(threads: int) -> list[bytes]:
        answers = [
            _core.set_similarity(graph, (ic, "lin", 0), sets, None, "bma", None, threads),
            _core.set_similarity(graph, (ic, "resnik", 0), sets, sets, "funsim_max", None, threads),
            *_core.nearest_sets(graph, (ic, "resnik", 0), sets, None, 7, "bma", None, threads, None),
            _core.term_matrix(graph, (ic, "relevance", 0), case.sets.indices, case.sets.indices, threads),
            _core.closure_overlap(graph, ic, case.sets, None, "jaccard", threads),
            _core.wang(graph, 0.8, case.sets.indices, case.sets.indices, threads),
        ]
        return [answer.tobytes() for answer in answers]

    def ask_at_once(number: int) -> list[list[bytes]]:
        together.wait(timeout=60)
        return [ask(1 + (number + turn) % 3) for turn in range(3)]

    alone = ask(1)
    with ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(ask_at_once, number) for number in range(n_threads)]
        assert all(answers == alone for future in futures for answers in future.result())
