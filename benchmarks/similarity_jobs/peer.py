"""A peer in its own process and environment, on the same core."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from similarity_jobs.lines import LineProcess

WORKER = Path(__file__).parent.parent / "peers" / "set_worker.py"


class Round(NamedTuple):
    """Seconds of one round of comparisons, and how many there were."""

    processor: float
    wall: float
    pairs: int


class Peer(LineProcess):
    """Speaks with peers/set_worker.py."""

    def __init__(self, name: str, python: str, data: Path, sets: dict[str, list[list[str]]], scratch: Path) -> None:
        one_core = {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": "", "HOME": str(scratch)}
        super().__init__([python, str(WORKER), name], scratch / f"{name}.log", one_core)
        self._scores = scratch / f"{name}.f64"
        self.version: str = self.ask({"data": str(data), "sets": sets})["version"]

    def __enter__(self) -> Peer:
        return self

    def sets(
        self,
        a: str,
        b: str | None = None,
        pairs: list[list[int]] | None = None,
        method: str = "resnik",
    ) -> Round:
        """One round of bma, information content by OMIM diseases."""
        task = {"a": a, "b": b, "pairs": pairs, "method": method, "kind": "omim", "combine": "BMA"}
        return Round(**self.ask(task))

    def terms(self, pairs: list[list[str]], method: str = "resnik") -> Round:
        return Round(**self.ask({"terms": pairs, "method": method, "kind": "omim"}))

    def scores(self) -> NDArray[np.float64]:
        """Those of the last round."""
        self.ask({"save": str(self._scores)})
        return np.fromfile(self._scores, dtype=np.float64)
