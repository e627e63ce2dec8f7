"""The hpo3 side of similarity_vs_hpo3.py, run by an interpreter that has hpo3: one JSON line in, one JSON line out.

First line: {"data": folder, "sets": [[term id]], "kind": "omim", "combine": "BMA"}. After it each line asks for one
round, timed in processor seconds; "values" asks for the scores of the last round, as the upper triangle with the
diagonal, row by row.
"""

from __future__ import annotations

import json
import sys
import time

import pyhpo  # type: ignore[import-not-found]
from pyhpo import HPOSet, Ontology, helper


def answer(record: object) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def main() -> None:
    task = json.loads(sys.stdin.readline())
    Ontology(task["data"])
    sets = [HPOSet([Ontology.get_hpo_object(term) for term in row]) for row in task["sets"]]
    pairs = [(sets[i], sets[j]) for i in range(len(sets)) for j in range(i, len(sets))]
    answer({"version": pyhpo.__version__, "pairs": len(pairs)})
    scores: list[float] = []
    for line in sys.stdin:
        if line.strip() == "values":
            answer(scores)
            continue
        begin = time.process_time()
        scores = helper.batch_set_similarity(pairs, kind=task["kind"], method="resnik", combine=task["combine"])
        answer(time.process_time() - begin)


if __name__ == "__main__":
    main()
