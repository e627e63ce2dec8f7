"""Jobs (d), (e) and (f): many individuals, their memory, their threads and Ctrl-C."""

from __future__ import annotations

import signal
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from similarity_jobs.context import Context
from similarity_jobs.data import random_individuals, save_sets, simulated_individuals
from similarity_jobs.lines import LineProcess
from similarity_jobs.report import Bar, Row, Section

from phenojax._csr import Csr

WORKER = Path(__file__).with_name("own_worker.py")
MIB = 2**20
REPEATS = 5


class Own(LineProcess):
    """phenojax in a process of its own (own_worker.py)."""

    def __init__(self, context: Context, sets: Csr, cores: list[int], name: str = "own") -> None:
        super().__init__([sys.executable, str(WORKER)], context.scratch / f"{name}.log")
        path = context.scratch / f"{name}.npz"
        save_sets(path, sets)
        self.ask({"data": str(context.data.folder), "sets": str(path), "cores": cores})

    def __enter__(self) -> Own:
        return self

    def matrix(self, threads: int, repeats: int = REPEATS) -> dict[str, Any]:
        return self.ask({"do": "matrix", "threads": threads, "repeats": repeats})


def whole_matrix(context: Context) -> Section:
    """(d) All pairs of 10,000, for published-like individuals and for those of (a)."""
    n = context.individuals
    pairs = n * (n + 1) // 2
    section = Section(f"The whole matrix of {n:,} individuals, Resnik, bma, omim, one core")
    kinds = {
        "simulated": simulated_individuals(context.data.ontology, n, context.seed),
        "5 to 25 random terms": random_individuals(context.data.ontology, n, context.seed),
    }
    for name, sets in kinds.items():
        with Own(context, sets, context.cores[:1]) as own:
            told = own.matrix(1)
        seconds = statistics.median(told["processor"])
        limit = context.limit(section, [(n, len(sets.indices))], sets)
        section.rows.append(Row(f"phenojax, {name} ({sets.lengths.mean():.1f} terms)", seconds, pairs, None, limit))
        found = f"{name}: {seconds / pairs * 1e9:.2f} ns ({seconds / n / n * 1e9:.2f} ns per number written)"
        section.bars.append(Bar("At most 5 ns a pair", found, seconds <= 5e-9 * pairs))
        more = max(told["more"] - told["output"], 0) / MIB
        told_memory = f"{name}: output {told['output'] / MIB:,.0f} MiB and {more:,.0f} MiB more; whole process"
        section.bars.append(
            Bar(
                "Memory at most the output and 200 MB",
                f"{told_memory} {told['peak'] / MIB:,.0f} MiB",
                more < 200e6 / MIB,
            )
        )
        section.notes.append(f"{name}: {statistics.median(told['wall']):.2f} s by the clock on the wall")
    return section


def nearest(context: Context) -> Section:
    """(e) The nearest ten of each of 100,000."""
    n = context.simulated
    sets = simulated_individuals(context.data.ontology, n, context.seed)
    section = Section(f"nearest(k=10) of {n:,} simulated individuals against {n:,}, Resnik, bma, omim, one core")
    with Own(context, sets, context.cores[:1]) as own:
        told = own.ask({"do": "nearest", "threads": 1, "k": 10})
    if told["wrong_rows"]:
        raise SystemExit(f"{told['wrong_rows']} rows are not what sorting the whole row gives")
    limit = context.limit(section, [(n, len(sets.indices))], sets)
    each = told["processor"] / n / n * 1e9
    section.rows.append(Row(f"phenojax ({sets.lengths.mean():.1f} terms)", told["processor"], n * n, None, limit))
    section.bars.append(
        Bar("At most 5 ns a pair", f"{each:.2f} ns for each of {n:,} x {n:,}; {2 * each:.2f} ns for i < j", each <= 5)
    )
    found = f"whole process {told['peak'] / MIB:,.0f} MiB, the search {told['more'] / MIB:,.0f} MiB"
    section.bars.append(Bar("Peak under 2 GB", found, told["peak"] < 2e9))
    section.bars.append(
        Bar("Progress", f"{told['calls']} calls, at most {told['longest_gap']:.2f} s apart", told["calls"] > 10)
    )
    late = [_interrupt(context, sets, threads, wait) for threads in (1, 2) for wait in (0.3, 1.1, 2.7)]
    section.bars.append(Bar("Ctrl-C within 0.2 s", f"at most {max(late):.3f} s in {len(late)} tries", max(late) <= 0.2))
    section.notes.append("Some rows were computed whole and sorted: the same")
    return section


def _interrupt(context: Context, sets: Csr, threads: int, wait: float) -> float:
    """Seconds from the signal to the KeyboardInterrupt."""
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a background job would pass on that it is ignored
    try:
        with Own(context, sets, context.cores[:threads]) as own:
            own.send({"do": "nearest until interrupted", "threads": threads, "k": 10})
            own.receive()
            time.sleep(wait)
            sent = time.monotonic()
            own.process.send_signal(signal.SIGINT)
            stopped = own.receive()["stopped"]
    finally:
        signal.signal(signal.SIGINT, before)
    if stopped is None:
        raise SystemExit("the search ended before Ctrl-C came: give it more individuals")
    return float(stopped - sent)


def threads(context: Context) -> Section:
    """(f) Two threads against one, and what two processes reach."""
    n = context.individuals
    sets = simulated_individuals(context.data.ontology, n, context.seed)
    pairs = n * (n + 1) // 2
    section = Section(f"Threads on the matrix of (d), {n:,} simulated individuals, seconds by the clock on the wall")
    if len(context.cores) < 2:
        section.notes.append("Not measured: this process may use one core only")
        return section
    two_cores = context.cores[:2]
    walls: dict[int, list[float]] = {1: [], 2: []}
    digests = set()
    with Own(context, sets, two_cores) as own:
        own.matrix(2, 1)
        for _ in range(REPEATS):
            for count in walls:
                walls[count] += own.matrix(count, 1)["wall"]
        for count in (1, 4, 7):
            digests.add(own.matrix(count, 1)["digest"])
    if len(digests) != 1:
        raise SystemExit("1, 4 and 7 threads do not give the same bits")
    together = _side_by_side(context, sets, two_cores)
    one, two = (statistics.median(walls[count]) for count in (1, 2))
    alone, both = together
    section.rows += [
        Row("one thread", one, pairs),
        Row("two threads", two, pairs),
        Row("one process alone", alone, pairs),
        Row("each of two independent processes at once", both, pairs),
    ]
    limit = 2 * alone / both
    found = f"{one / two:.2f} times; two independent processes on the same cores reach {limit:.2f} times"
    section.bars.append(Bar("Two threads at least 1.8 times as fast as one", found, one / two >= 1.8))
    section.bars.append(Bar("Bit-equal for 1, 4 and 7 threads", "the same digest", True))
    return section


def _side_by_side(context: Context, sets: Csr, cores: list[int]) -> tuple[float, float]:
    """Seconds of one matrix: by one process alone, and by each of two at once."""
    with ExitStack() as stack:
        both = [stack.enter_context(Own(context, sets, [core], f"own-{core}")) for core in cores]
        both[0].matrix(1, 1)
        alone = statistics.median(both[0].matrix(1)["wall"])
        for own in both:
            own.send({"do": "matrix", "threads": 1, "repeats": REPEATS})
        walls = [wall for own in both for wall in own.receive()["wall"]]
    return alone, statistics.median(walls)
