"""phenojax in a process of its own, where its memory, its threads and Ctrl-C can be told from everything else.

One JSON line in, one JSON line out. The first: {"data": FOLDER, "sets": FILE, "cores": [core]}. Then:

{"do": "matrix", "threads": 1, "repeats": 3}    the sets against themselves, as a whole matrix
{"do": "nearest", "threads": 1, "k": 10}        the nearest others of each, without one; some rows are checked
{"do": "nearest until interrupted", "threads": 2, "k": 10}
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import phenojax as pj
from phenojax._csr import Csr, csr_from_rows
from phenojax.ontology import Ontology, load_ontology

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from similarity_jobs.data import FILES, load_sets

CHECKED_ROWS = 64


def answer(record: object) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


class Memory:
    """How much more was resident at the worst moment than before; Linux only."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # forgets the peak so far
        self._before = self._read("VmRSS")

    def peak(self) -> dict[str, int]:
        peak = self._read("VmHWM")
        return {"peak": peak, "more": peak - self._before}

    @staticmethod
    def _read(name: str) -> int:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def matrix(ontology: Ontology, sets: Csr, threads: int, repeats: int) -> dict[str, Any]:
    told: dict[str, Any] = {"wall": [], "processor": []}
    memory = Memory()
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        found = pj.similarity(sets, ontology=ontology, threads=threads)
        told["processor"].append(time.process_time() - processor)
        told["wall"].append(time.perf_counter() - wall)
        told["output"] = found.nbytes
        digest = hashlib.blake2b(found).hexdigest() if not told.get("digest") else told["digest"]
        told["digest"] = digest
        del found
    return {**told, **memory.peak()}


def nearest(ontology: Ontology, sets: Csr, threads: int, k: int) -> dict[str, Any]:
    calls: list[float] = []
    memory = Memory()
    wall, processor = time.perf_counter(), time.process_time()
    ids, scores = pj.nearest(
        sets, k=k, ontology=ontology, threads=threads, progress=lambda *_: calls.append(time.perf_counter())
    )
    told = {"processor": time.process_time() - processor, "wall": time.perf_counter() - wall, **memory.peak()}
    gaps = np.diff([wall, *calls])
    return {
        **told,
        "calls": len(calls),
        "longest_gap": float(gaps.max()),
        "wrong_rows": wrong_rows(ontology, sets, np.asarray(ids), np.asarray(scores)),
    }


def wrong_rows(ontology: Ontology, sets: Csr, ids: np.ndarray, scores: np.ndarray) -> int:
    """How many of some rows are not what sorting the whole row gives."""
    chosen = np.linspace(0, sets.n_rows - 1, CHECKED_ROWS).astype(int)
    rows = pj.similarity(sets.take(chosen), sets, ontology=ontology, threads=1)
    wrong = 0
    for row, itself in zip(rows, chosen, strict=True):
        row[itself] = -1
        best = np.argsort(-row, kind="stable")[: ids.shape[1]]
        wrong += not (np.array_equal(ids[itself], best) and np.array_equal(scores[itself], row[best]))
    return wrong


def interrupted(ontology: Ontology, sets: Csr, threads: int, k: int) -> dict[str, Any]:
    told: list[int] = []

    def begun(*_: int) -> None:
        if not told:
            answer({"begun": True})
        told.append(1)

    try:
        pj.nearest(sets, k=k, ontology=ontology, threads=threads, progress=begun)
    except KeyboardInterrupt:
        return {"stopped": time.monotonic()}
    return {"stopped": None}


def main() -> None:
    first = json.loads(sys.stdin.readline())
    if first["cores"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, first["cores"])
    folder = Path(first["data"])
    ontology = load_ontology(folder / FILES[0], annotations=folder / FILES[1], genes=folder / FILES[2])
    sets = load_sets(Path(first["sets"]))
    pj.similarity(csr_from_rows([[0]]), ontology=ontology)  # counts the annotations
    answer({"ready": sets.n_rows})
    jobs = {"matrix": matrix, "nearest": nearest, "nearest until interrupted": interrupted}
    for line in sys.stdin:
        task = json.loads(line)
        answer(jobs[task.pop("do")](ontology, sets, **task))


if __name__ == "__main__":
    main()
