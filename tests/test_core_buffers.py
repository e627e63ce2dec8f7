"""Arrays at the edge of the compiled core: what it refuses, what it hands out, and many threads at once."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.random_sets import large_case, make_graph
from reference.similarity import closure

from phenojax import _core

OFFSETS, INDICES = np.dtype(np.int64), np.dtype(np.int32)
DIAMOND = [[], [0], [0], [1, 2]]

OBO = """format-version: 1.2

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001

[Term]
id: HP:0000002
name: Tall
alt_id: HP:0000020
synonym: "High" EXACT []
is_a: HP:0000118
"""
HPOA = """#version: 2024-03-06
database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration
OMIM:1\tOne\t\tHP:0000002\tPMID:1;PMID:2\tPCS\t\t3/7\tMALE\t\tP\tx
OMIM:2\tTwo\tNOT\tHP:0000118\tPMID:2\tTAS\t\t\t\t\tP\tx
"""
GENES = """ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id
10\tAAA\tHP:0000002\tTall\t-\tOMIM:1
"""


def offsets(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=OFFSETS)


def indices(*values: int) -> NDArray[np.int32]:
    return np.array(values, dtype=INDICES)


def small_release() -> _core.Release:
    return _core.read_release(
        ("hp.obo", OBO.encode()), False, ("phenotype.hpoa", HPOA.encode()), ("genes.txt", GENES.encode())
    )


def misaligned(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same values one byte further on: contiguous, of the right type, and not where the processor wants them."""
    return np.frombuffer(b"\0" + values.tobytes(), dtype=values.dtype, offset=1)


WRONG: dict[str, Callable[[NDArray[np.generic]], object]] = {
    "another width": lambda good: good.astype(np.int16),
    "unsigned": lambda good: good.astype(f"u{good.itemsize}"),
    "floats": lambda good: good.astype(np.float64),
    "objects": lambda good: good.astype(object),
    "another byte order": lambda good: good.astype(good.dtype.newbyteorder()),
    "every second element": lambda good: np.repeat(good, 2)[::2],
    "backwards": lambda good: np.tile(good, 2)[::-1],
    "one element seen many times": lambda good: np.broadcast_to(good[:1], (5,)),
    "misaligned": misaligned,
    "a list": lambda good: good.tolist(),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_array_that_cannot_be_read_in_place_is_a_type_error(wrong: Callable[..., object]) -> None:
    parents = (offsets(0, 0, 1, 2), indices(0, 1))
    graph = _core.OntologyGraph(*parents)
    terms = indices(1, 2)
    calls: list[Callable[[], object]] = [
        lambda: _core.OntologyGraph(wrong(parents[0]), parents[1]),  # type: ignore[arg-type]
        lambda: _core.OntologyGraph(parents[0], wrong(parents[1])),  # type: ignore[arg-type]
        lambda: graph.ancestors(wrong(terms)),  # type: ignore[arg-type]
        lambda: graph.descendants(wrong(terms)),  # type: ignore[arg-type]
        lambda: graph.closures(wrong(offsets(0, 1, 2)), terms),  # type: ignore[arg-type]
        lambda: graph.closures(offsets(0, 1, 2), wrong(terms)),  # type: ignore[arg-type]
        lambda: _core.annotation_counts(graph, wrong(terms), terms, 3),  # type: ignore[arg-type]
        lambda: _core.annotation_counts(graph, terms, wrong(terms), 3),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"incompatible|aligned"):
            call()


@pytest.mark.parametrize("shape", [(), (1, 2), (2, 1), (1, 1, 2)])
def test_more_or_fewer_axes_than_one_are_refused(shape: tuple[int, ...]) -> None:
    graph = make_graph(DIAMOND).graph
    terms = np.zeros(shape, dtype=INDICES)
    with pytest.raises(ValueError, match=f"must have 1 axes, not {len(shape)}"):
        graph.ancestors(terms)
    with pytest.raises(ValueError, match=f"must have 1 axes, not {len(shape)}"):
        graph.closures(offsets(0, terms.size), terms)


ANY_OFFSETS = st.lists(st.integers(-3, 8) | st.integers(-(2**63), 2**63 - 1), max_size=8)
ANY_INDICES = st.lists(st.integers(-3, 8) | st.integers(-(2**31), 2**31 - 1), max_size=8)


def well_formed(offset_list: list[int], index_list: list[int], limit: int) -> bool:
    return (
        offset_list[:1] == [0]
        and offset_list == sorted(offset_list)
        and offset_list[-1] == len(index_list)
        and all(0 <= i < limit for i in index_list)
    )


@given(offset_list=ANY_OFFSETS, index_list=ANY_INDICES)
def test_sets_are_taken_exactly_when_they_are_well_formed(offset_list: list[int], index_list: list[int]) -> None:
    graph = make_graph(DIAMOND).graph
    arrays = offsets(*offset_list), indices(*index_list)
    if well_formed(offset_list, index_list, len(DIAMOND)):
        found = graph.closures(*arrays)
        for r, (begin, end) in enumerate(pairwise(offset_list)):
            row = found[1][found[0][r] : found[0][r + 1]].tolist()
            assert row == sorted(closure(DIAMOND, index_list[begin:end]))
    else:
        with pytest.raises(ValueError, match=r"offsets|index"):
            graph.closures(*arrays)


@given(offset_list=ANY_OFFSETS, index_list=ANY_INDICES)
def test_parents_are_taken_exactly_when_they_are_a_graph_without_cycles(
    offset_list: list[int], index_list: list[int]
) -> None:
    arrays = offsets(*offset_list), indices(*index_list)
    try:
        graph = _core.OntologyGraph(*arrays)
    except _core.CycleError:
        assert well_formed(offset_list, index_list, len(offset_list) - 1)
    except ValueError:
        assert not well_formed(offset_list, index_list, len(offset_list) - 1)
    else:
        assert well_formed(offset_list, index_list, len(offset_list) - 1)
        place = {int(term): at for at, term in enumerate(graph.topological_order)}
        for term in range(graph.n_terms):
            assert all(place[p] < place[term] for p in index_list[offset_list[term] : offset_list[term + 1]])


@given(items=ANY_INDICES, terms=ANY_INDICES, n_items=st.integers(-2, 9))
def test_annotations_are_taken_exactly_when_they_are_in_range(items: list[int], terms: list[int], n_items: int) -> None:
    graph = make_graph(DIAMOND).graph
    good = (
        len(items) == len(terms)
        and n_items >= 0
        and all(0 <= i < n_items for i in items)
        and all(0 <= t < len(DIAMOND) for t in terms)
    )
    if good:
        counts = _core.annotation_counts(graph, indices(*items), indices(*terms), n_items)
        below = [{i for i, t in zip(items, terms, strict=True) if term in closure(DIAMOND, [t])} for term in range(4)]
        assert counts.tolist() == [len(s) for s in below]
    else:
        with pytest.raises(ValueError, match=r"items|terms"):
            _core.annotation_counts(graph, indices(*items), indices(*terms), n_items)


def sparse(path: Path, dtype: np.dtype, length: int) -> np.memmap:
    """An array of zeros that is longer than memory and takes none, in a file without blocks."""
    with path.open("wb") as stream:
        stream.truncate(dtype.itemsize * length)
    return np.memmap(path, dtype=dtype, mode="r", shape=(length,))


def test_more_terms_or_edges_than_an_index_can_count_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape("parents: more than 2^31 - 1 terms")):
        _core.OntologyGraph(sparse(tmp_path / "offsets", OFFSETS, 2**31 + 1), indices())
    with pytest.raises(ValueError, match=re.escape("parents: more than 2^31 - 1 edges")):
        _core.OntologyGraph(offsets(0, 0), sparse(tmp_path / "indices", INDICES, 2**31))


def test_numbers_beyond_int32_are_refused() -> None:
    graph = make_graph(DIAMOND).graph
    for n_items in (2**31, -(2**31) - 1, 2**70):
        with pytest.raises(TypeError):
            _core.annotation_counts(graph, indices(), indices(), n_items)


def test_nothing_at_all_is_a_graph_and_a_list_of_sets() -> None:
    graph = _core.OntologyGraph(offsets(0), indices())
    assert graph.n_terms == 0
    assert graph.ancestors(indices()).tolist() == []
    assert [a.tolist() for a in graph.closures(offsets(0), indices())] == [[0], []]
    assert [a.tolist() for a in graph.closures(offsets(0, 0, 0), indices())] == [[0, 0, 0], []]
    assert _core.annotation_counts(graph, indices(), indices(), 0).tolist() == []


def test_a_term_given_twice_is_in_its_closure_once() -> None:
    graph = make_graph(DIAMOND).graph
    assert graph.ancestors(indices(3, 3, 1)).tolist() == [0, 1, 2, 3]
    assert graph.closures(offsets(0, 3), indices(1, 1, 0))[1].tolist() == [0, 1]


def arrays_of(owner: object) -> dict[str, NDArray[np.generic]]:
    """Every array that a property of a core object gives."""
    found: dict[str, NDArray[np.generic]] = {}
    for name in dir(type(owner)):
        if not isinstance(getattr(type(owner), name), property):
            continue
        value = getattr(owner, name)
        for i, array in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(array, np.ndarray):
                found[f"{name}[{i}]"] = array
    return found


OWNERS: dict[str, tuple[Callable[[], object], int]] = {
    "graph": (lambda: make_graph(DIAMOND).graph, 5),
    "release": (small_release, 21),
}


@pytest.mark.parametrize(("make", "least"), OWNERS.values(), ids=OWNERS)
def test_arrays_over_core_memory_are_read_only_and_outlive_their_owner(make: Callable[[], object], least: int) -> None:
    owner = make()
    found = arrays_of(owner)
    assert len(found) >= least
    expected = {name: array.copy() for name, array in found.items()}
    for array in found.values():
        assert not array.flags.writeable
        if array.size == 0:
            continue  # numpy's own, and nothing to write to
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            array.flags.writeable = True
    del owner
    gc.collect()
    others = [make() for _ in range(50)]  # would be given the memory, if it had been freed
    for name, array in found.items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)
    del others


def test_answers_are_read_only_and_do_not_change_with_the_next_question() -> None:
    graph = make_graph(DIAMOND).graph
    first = graph.ancestors(indices(3))
    graph.ancestors(indices(1))
    assert first.tolist() == [0, 1, 2, 3]
    assert not first.flags.writeable


def test_many_threads_ask_one_ontology_at_once_and_get_what_one_gets() -> None:
    case = large_case(n_terms=500, n_sets=80)
    graph, sets = case.ontology.graph, case.sets
    items = np.repeat(np.arange(len(case.rows), dtype=INDICES), sets.lengths)
    n_threads = 8
    together = threading.Barrier(n_threads)

    def ask() -> list[bytes]:
        counts = _core.annotation_counts(graph, items, sets.indices, len(case.rows))
        answers = [*graph.closures(*sets), counts, graph.ancestors(sets.indices), graph.descendants(sets.indices[:9])]
        answers += [graph.topological_order, *graph.parents, *graph.children]
        return [answer.tobytes() for answer in answers]

    def ask_at_once() -> list[list[bytes]]:
        together.wait(timeout=60)
        return [ask() for _ in range(5)]

    alone = ask()
    with ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(ask_at_once) for _ in range(n_threads)]
        assert all(answers == alone for future in futures for answers in future.result())
