"""The measured limit: how many bytes a second this core gathers from a table as large as that of the best matches."""

from __future__ import annotations

import ctypes
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np

from phenojax import _core

SOURCE = Path(__file__).with_name("gather.cpp")
ROW_BYTES = 64
LANES = 16
FLAGS = {"baseline": [], "avx2": ["-mavx2"], "avx512": ["-mavx512f", "-mprefer-vector-width=512"]}


class Gather:
    """Compiled for the instruction set that phenojax uses here."""

    def __init__(self, scratch: Path) -> None:
        compiler = shutil.which(os.environ.get("CXX", "c++"))
        if compiler is None:
            raise SystemExit("the measured limit needs a C++ compiler: set CXX")
        library = scratch / "gather.so"
        flags = ["-O3", "-shared", "-fPIC", "-Wno-psabi", *FLAGS[_core.active_isa()]]
        subprocess.run([compiler, *flags, "-o", str(library), str(SOURCE)], check=True)
        self._function = ctypes.CDLL(str(library)).gather
        self._function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p]
        self._function.restype = None

    def bytes_per_second(self, rows: int, repeats: int = 7) -> float:
        """Of random rows out of a table of so many; the median of several rounds of about 50 ms."""
        table, out = _aligned(rows * LANES), _aligned(LANES)
        table[:] = 1
        places = np.random.default_rng(0).integers(0, rows, 1_000_000, dtype=np.int32)
        self._run(table, places, out)
        if out.sum() != len(places) * LANES:
            raise SystemExit("the gather does not add up")
        seconds = []
        for _ in range(repeats):
            begin = time.process_time()
            for _ in range(5):
                self._run(table, places, out)
            seconds.append((time.process_time() - begin) / 5)
        return len(places) * ROW_BYTES / statistics.median(seconds)

    def _run(self, table: np.ndarray, places: np.ndarray, out: np.ndarray) -> None:
        self._function(table.ctypes.data, places.ctypes.data, len(places), out.ctypes.data)


def _aligned(n: int) -> np.ndarray:
    raw = np.zeros(n + LANES, dtype=np.float32)
    start = (-raw.ctypes.data % ROW_BYTES) // raw.itemsize
    return raw[start : start + n]


def gathered_bytes(columns: int, terms: int) -> int:
    """One row is read per term and per 16 columns."""
    return -(-columns // LANES) * terms * ROW_BYTES
