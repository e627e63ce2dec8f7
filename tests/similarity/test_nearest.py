"""The most similar sets of each: what sorting the whole matrix would give."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import measures as plain
from reference.random_sets import Case, large_monotone_case, make_graph, monotone_cases, term_rows

from phenojax import _core
from phenojax._csr import csr_from_rows
from phenojax.errors import ConfigError
from phenojax.similarity._core_calls import nearest_sets, set_similarity

TREE = make_graph([[], [0], [1], [1], [0]])
TREE_IC = [0.0, 1.0, 2.0, 2.0, 3.0]


def sorted_rows(matrix: np.ndarray, k: int, itself: bool) -> tuple[np.ndarray, np.ndarray]:
    ids = [plain.nearest(row.tolist(), k, i if itself else None) for i, row in enumerate(matrix)]
    found = np.reshape(np.array(ids, dtype=np.int64), (len(matrix), k))
    return found, np.take_along_axis(matrix, found, axis=1)


def test_by_hand_equals_go_by_their_number() -> None:
    # {2} is as near to {1} as {3} is; the fourth shares the root alone; the last is {2} once more
    sets = csr_from_rows([[2], [3], [1], [4], [2]])
    ids, scores = nearest_sets(TREE, TREE_IC, sets, k=4)
    assert ids.tolist() == [[4, 1, 2, 3], [0, 2, 4, 3], [0, 1, 4, 3], [0, 1, 2, 4], [0, 1, 2, 3]]
    assert scores.tolist() == [[2, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0], [2, 1, 1, 0]]


@pytest.mark.parametrize("combine", plain.COMBINERS)
@settings(max_examples=40)
@given(data=st.data(), case=monotone_cases())
def test_the_nearest_others_are_those_of_the_whole_matrix(data: st.DataObject, case: Case, combine: str) -> None:
    n = len(case.rows)
    if n < 2:
        return
    k = data.draw(st.integers(1, n - 1))
    measure = data.draw(st.sampled_from(["resnik", "lin", "hrss"]))
    matrix = set_similarity(case.ontology, case.ic, case.sets, combine=combine, measure=measure)
    ids, scores = nearest_sets(case.ontology, case.ic, case.sets, k=k, combine=combine, measure=measure)
    assert scores.dtype == np.float32
    wanted_ids, wanted_scores = sorted_rows(matrix, k, itself=True)
    np.testing.assert_array_equal(scores, wanted_scores)
    np.testing.assert_array_equal(ids, wanted_ids)


@given(data=st.data(), case=monotone_cases())
def test_the_nearest_of_other_sets_are_those_of_the_whole_matrix(data: st.DataObject, case: Case) -> None:
    rows = data.draw(term_rows(case.ontology.n_terms))
    if not rows:
        return
    k = data.draw(st.integers(1, len(rows)))
    combine = data.draw(st.sampled_from(plain.COMBINERS))
    others = csr_from_rows(rows)
    matrix = set_similarity(case.ontology, case.ic, case.sets, others, combine)
    ids, scores = nearest_sets(case.ontology, case.ic, case.sets, others, k, combine)
    wanted_ids, wanted_scores = sorted_rows(matrix, k, itself=False)
    np.testing.assert_array_equal(scores, wanted_scores)
    np.testing.assert_array_equal(ids, wanted_ids)


def test_weights_and_exclusions_count_as_they_do_in_the_matrix() -> None:
    case = large_monotone_case(5)
    rng = np.random.default_rng(5)
    more = {
        "weights_a": rng.random(len(case.sets.indices)).astype(np.float32),
        "excluded_a": csr_from_rows([rng.integers(0, case.ontology.n_terms, 6).tolist() for _ in case.rows]),
        "excluded_penalty": 0.6,
    }
    matrix = set_similarity(case.ontology, case.ic, case.sets, **more)
    assert not np.array_equal(matrix, set_similarity(case.ontology, case.ic, case.sets))
    ids, scores = nearest_sets(case.ontology, case.ic, case.sets, k=9, **more)
    wanted_ids, wanted_scores = sorted_rows(matrix, 9, itself=True)
    np.testing.assert_array_equal(ids, wanted_ids)
    np.testing.assert_array_equal(scores, wanted_scores)


def many_sets() -> Case:
    """More than one tile of 8192, over few terms, so that equal scores abound."""
    return large_monotone_case(0, n_terms=60, n_sets=8300)


@pytest.mark.parametrize("itself", [True, False])
def test_tiles_do_not_show(itself: bool) -> None:
    case = many_sets()
    ids, scores = nearest_sets(case.ontology, case.ic, case.sets, None if itself else case.sets, k=12)
    some = np.r_[0:40, 4090:4100, 8180:8200, 8290:8300]
    matrix = set_similarity(case.ontology, case.ic, case.sets.take(some), case.sets)
    if itself:
        matrix[np.arange(len(some)), some] = -1
    order = np.argsort(-matrix, axis=1, kind="stable")[:, :12]
    np.testing.assert_array_equal(ids[some], order)
    np.testing.assert_array_equal(scores[some], np.take_along_axis(matrix, order, axis=1))


@pytest.mark.parametrize("isa", _core.available_isas())
def test_neither_threads_nor_the_instruction_set_change_a_bit(isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = large_monotone_case(6, n_sets=300)

    def compute(threads: int) -> list[bytes]:
        found = nearest_sets(case.ontology, case.ic, case.sets, k=17, measure="lin", threads=threads)
        return [part.tobytes() for part in found]

    monkeypatch.setenv("PHENOJAX_ISA", "baseline")
    alone = compute(1)
    monkeypatch.setenv("PHENOJAX_ISA", isa)
    for threads in (1, 4, 7):
        assert compute(threads) == alone


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_rises_to_the_end(threads: int) -> None:
    case = many_sets()
    told: list[tuple[int, int]] = []
    nearest_sets(
        case.ontology,
        case.ic,
        case.sets,
        k=1,
        threads=threads,
        progress=lambda done, total: told.append((done, total)),
    )
    assert len(told) > 1
    assert len({total for _, total in told}) == 1
    done = [step for step, _ in told]
    assert done == sorted(done)
    assert done[-1] == told[-1][1]


def test_progress_is_a_function() -> None:
    with pytest.raises(ConfigError, match="progress must be a function of two numbers, not 3"):
        nearest_sets(TREE, TREE_IC, csr_from_rows([[1], [2]]), k=1, progress=3)


def test_what_progress_raises_ends_the_search() -> None:
    case = many_sets()

    def refuse(done: int, total: int) -> None:
        raise RuntimeError(f"enough at {done} of {total}")

    with pytest.raises(RuntimeError, match="enough at"):
        nearest_sets(case.ontology, case.ic, case.sets, k=1, progress=refuse)


LONG_SEARCH = """
import sys

from reference.random_sets import large_monotone_case
from phenojax.similarity._core_calls import nearest_sets

case = large_monotone_case(0, n_terms=3000, n_sets=2000)
sets = case.sets.take([i % 2000 for i in range(100_000)])
sys.stdout.write("ready\\n")
sys.stdout.flush()
try:
    nearest_sets(case.ontology, case.ic, sets, k=10, threads=2)
except KeyboardInterrupt:
    sys.stdout.write("interrupted\\n")
"""


@pytest.fixture
def _ctrl_c_is_heard() -> Iterator[None]:
    """A background job is started with Ctrl-C ignored, and its children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_is_heard")
def test_ctrl_c_ends_a_long_search_at_once(pytestconfig: pytest.Config) -> None:
    environment = {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath / "tests")}
    with subprocess.Popen(
        [sys.executable, "-c", LONG_SEARCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        # The whole search takes many minutes. How soon it stops is measured in benchmarks/similarity_vs_peers.py.
        told, err = process.communicate(timeout=60)
    assert told == "interrupted\n", err


@pytest.mark.parametrize(("k", "others"), [(2, False), (3, False), (10**12, False), (3, True), (4, True)])
def test_more_than_there_are_is_all_there_are(k: int, others: bool) -> None:
    sets = csr_from_rows([[1], [2], [3]])
    ids, scores = nearest_sets(TREE, TREE_IC, sets, sets if others else None, k=k)
    assert ids.shape == scores.shape == (3, 3 if others else 2)
    assert ids[0].tolist() == ([0, 1, 2] if others else [1, 2])


@pytest.mark.parametrize(("n", "m", "shape"), [(0, None, (0, 0)), (1, None, (1, 0)), (2, 0, (2, 0)), (0, 3, (0, 3))])
def test_nothing_is_near_where_nothing_is(n: int, m: int | None, shape: tuple[int, int]) -> None:
    b = None if m is None else csr_from_rows([[1]] * m)
    ids, scores = nearest_sets(TREE, TREE_IC, csr_from_rows([[1]] * n), b, k=5)
    assert ids.shape == scores.shape == shape


@pytest.mark.parametrize("k", [0, -1, 2.5, True, "3"])
def test_a_k_that_cannot_be_is_refused(k: object) -> None:
    with pytest.raises(ConfigError, match=r"k must be a positive integer"):
        nearest_sets(TREE, TREE_IC, csr_from_rows([[1], [2], [3]]), k=k)
