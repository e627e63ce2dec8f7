"""What every job needs, and how a clock is read."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from similarity_jobs.data import Data, ancestors_in_play
from similarity_jobs.limit import ROW_BYTES, Gather, gathered_bytes
from similarity_jobs.peer import Peer, Round
from similarity_jobs.report import Section

from phenojax._csr import Csr

AGREEMENT = 1e-4


@dataclass(frozen=True)
class Context:
    """The data, the peers' interpreters and how often things are repeated."""

    data: Data
    scratch: Path
    gather: Gather
    python: dict[str, str | None]
    peer_rounds: int
    own_rounds: int
    individuals: int
    simulated: int
    seed: int
    cores: list[int]

    @contextmanager
    def peer(self, name: str, sets: dict[str, list[list[str]]]) -> Iterator[Peer]:
        python = self.python[name]
        if python is None:
            raise SystemExit(f"--{name}-python must name an interpreter that has {name}")
        home = self.scratch / name
        home.mkdir(exist_ok=True)
        with Peer(name, python, self.data.folder, sets, home) as peer:
            yield peer

    def limit(self, section: Section, gathers: list[tuple[int, int]], *sets: Csr) -> float:
        """Seconds that (columns, terms) gathers take at the measured bandwidth, which is noted."""
        rows = ancestors_in_play(self.data.ontology, *sets)
        total, bandwidth = sum(gathered_bytes(*each) for each in gathers), self.gather.bytes_per_second(rows)
        section.notes.append(
            f"{total / 2**20:,.0f} MiB are gathered; {bandwidth / 1e9:.0f} GB/s from a table of {rows:,} rows, "
            f"{rows * ROW_BYTES / 2**10:,.0f} KiB"
        )
        return total / bandwidth

    def sample(self, n: int, m: int, size: int) -> list[list[int]]:
        rng = random.Random(self.seed)
        return [[rng.randrange(n), rng.randrange(m)] for _ in range(size)]


def processor_seconds(work: Callable[[], object], rounds: int) -> float:
    """Median of several rounds; the first call is not counted."""
    work()
    seconds = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return statistics.median(seconds)


def median(rounds: list[Round]) -> float:
    return statistics.median(one.processor for one in rounds)


def agreement(found: NDArray[np.float32], peer: NDArray[np.float64], within: float = AGREEMENT) -> float:
    """The largest difference; more than `within` ends the run."""
    difference = float(np.abs(found.astype(np.float64).ravel() - peer).max())
    if not difference <= within:
        raise SystemExit(f"the answers differ by up to {difference:g}: a fast wrong answer is no result")
    return difference
