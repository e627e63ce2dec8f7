"""The peers' side of similarity_vs_peers.py, run by an interpreter that has hpo3, pyhpo or phenopy.

Usage: set_worker.py PEER. One JSON line in, one JSON line out. The first line names the data:
{"data": FOLDER, "sets": {NAME: [[term id]]}}. Each further line asks for one round of scores:

{"a": NAME, "b": NAME or null, "pairs": [[i, j]] or null, "method": "resnik", "kind": "omim", "combine": "BMA"}
    Without pairs: all of a against all of b; without b too: the upper triangle of a with its diagonal, row by row.
{"terms": [[id, id]], "method": "resnik", "kind": "omim"}
{"save": FILE}
    Writes the scores of the last round as float64.

The answer tells processor and wall seconds of the comparisons alone; sets and pairs are made before the clock starts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from array import array
from pathlib import Path
from typing import Any


class Hpo3:
    """Batches in Rust. hpo3 and pyhpo share the import name pyhpo, never one environment."""

    def __init__(self, data: str) -> None:
        import pyhpo  # type: ignore[import-not-found]
        from pyhpo import helper

        self._ontology = pyhpo.Ontology
        self._ontology(data)
        self._helper = helper
        self._set = pyhpo.HPOSet
        self.version = f"hpo3 {pyhpo.__version__}"

    def term(self, term_id: str) -> Any:
        return self._ontology.get_hpo_object(term_id)

    def term_set(self, terms: list[str]) -> Any:
        return self._set([self.term(term) for term in terms])

    def sets(self, pairs: list[tuple[Any, Any]], method: str, kind: str, combine: str) -> list[float]:
        return self._helper.batch_set_similarity(pairs, kind=kind, method=method, combine=combine)

    def terms(self, pairs: list[tuple[Any, Any]], method: str, kind: str) -> list[float]:
        return self._helper.batch_similarity(pairs, kind=kind, method=method)


class Pyhpo(Hpo3):
    """One pair at a time, in Python."""

    def __init__(self, data: str) -> None:
        import pyhpo

        self._ontology = pyhpo.Ontology
        self._ontology(data_folder=data)
        self._set = pyhpo.HPOSet
        self.version = f"pyhpo {pyhpo.__version__}"

    def sets(self, pairs: list[tuple[Any, Any]], method: str, kind: str, combine: str) -> list[float]:
        return [a.similarity(b, kind=kind, method=method, combine=combine) for a, b in pairs]

    def terms(self, pairs: list[tuple[Any, Any]], method: str, kind: str) -> list[float]:
        return [a.similarity_score(b, kind=kind, method=method) for a, b in pairs]


class Phenopy:
    """One pair at a time, in Python, on pandas frames. Has one information content, which it calls no name."""

    def __init__(self, data: str) -> None:
        # It reads, and otherwise fetches, the release below HOME when it is imported; HOME is a scratch folder here.
        home = Path(os.environ["HOME"]) / ".phenopy" / "data"
        home.mkdir(parents=True, exist_ok=True)
        for name in ("hp.obo", "phenotype.hpoa"):
            if not (home / name).exists():
                (home / name).symlink_to(Path(data) / name)
        from importlib.metadata import version

        from phenopy.build_hpo import generate_annotated_hpo_network  # type: ignore[import-not-found]
        from phenopy.score import Scorer  # type: ignore[import-not-found]

        network, _, _ = generate_annotated_hpo_network(str(home / "hp.obo"), str(home / "phenotype.hpoa"))
        self._scorer = Scorer(network, summarization_method="BMA", scoring_method="Resnik")
        self.version = f"phenopy {version('phenopy')}"

    def term_set(self, terms: list[str]) -> list[str]:
        return terms

    def sets(self, pairs: list[tuple[Any, Any]], method: str, kind: str, combine: str) -> list[float]:
        if (method, combine) != ("resnik", "BMA"):
            raise ValueError(f"set up for resnik and BMA, not {method} and {combine} ({kind})")
        return [float(self._scorer.score_term_sets_basic(a, b)) for a, b in pairs]


PEERS = {"hpo3": Hpo3, "pyhpo": Pyhpo, "phenopy": Phenopy}


def answer(record: object) -> None:
    sys.__stdout__.write(json.dumps(record) + "\n")
    sys.__stdout__.flush()


def pairs_of(sets: dict[str, list[Any]], task: dict[str, Any]) -> list[tuple[Any, Any]]:
    a = sets[task["a"]]
    if task["b"] is None:
        chosen = task["pairs"] or ((i, j) for i in range(len(a)) for j in range(i, len(a)))
        return [(a[i], a[j]) for i, j in chosen]
    b = sets[task["b"]]
    chosen = task["pairs"] or ((i, j) for i in range(len(a)) for j in range(len(b)))
    return [(a[i], b[j]) for i, j in chosen]


def main() -> None:
    sys.stdout = sys.stderr  # phenopy logs there, and the answers must stay alone
    first = json.loads(sys.stdin.readline())
    peer = PEERS[sys.argv[1]](first["data"])
    sets = {name: [peer.term_set(terms) for terms in rows] for name, rows in first["sets"].items()}
    answer({"version": peer.version})
    scores: list[float] = []
    for line in sys.stdin:
        task = json.loads(line)
        if "save" in task:
            with open(task["save"], "wb") as stream:
                array("d", scores).tofile(stream)
            answer({"saved": len(scores)})
            continue
        method, kind = task["method"], task["kind"]
        if "terms" in task:
            pairs = [(peer.term(a), peer.term(b)) for a, b in task["terms"]]
            wall, processor = time.perf_counter(), time.process_time()
            scores = peer.terms(pairs, method, kind)
        else:
            pairs = pairs_of(sets, task)
            wall, processor = time.perf_counter(), time.process_time()
            scores = peer.sets(pairs, method, kind, task["combine"])
        told = {"processor": time.process_time() - processor, "wall": time.perf_counter() - wall}
        answer({**told, "pairs": len(pairs)})


if __name__ == "__main__":
    main()
