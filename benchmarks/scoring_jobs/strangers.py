"""Who is refused as unlike everybody: true individuals of unseen publications, and nonsense."""

from __future__ import annotations

import numpy as np
import pandas as pd

from phenojax import Cohort, Individual, ScreenResult, score
from phenojax.cohort.encode import encode
from phenojax.ontology import Ontology

N = 300


def refused(table: pd.DataFrame) -> float:
    """Share of the rows that have a score and are out of distribution."""
    scored = table[table.score.notna() & (table.reason.isna() | (table.reason == "out_of_distribution"))]
    return float((scored.reason == "out_of_distribution").mean())


def strangers(cohort: Cohort, ontology: Ontology) -> dict[str, Cohort]:
    """Nonsense by name."""
    rng = np.random.default_rng(0)
    everything = np.flatnonzero(ontology.phenotype_mask)
    used = encode(cohort, ontology).observed.indices

    def drawn(pool: np.ndarray, n: int) -> Cohort:
        sets = [np.unique(rng.choice(pool, n)) for _ in range(N)]
        return Cohort(tuple(
            Individual(f"S{i}", observed=tuple(ontology.term_ids[t] for t in s)) for i, s in enumerate(sets)
        ))  # fmt: skip

    tops = [*ontology.children("HP:0000118")]
    return {
        **{f"{n} random terms of the ontology": drawn(everything, n) for n in (1, 3, 5, 10, 20, 200)},
        **{f"{n} terms drawn from all mentions in the cohort": drawn(used, n) for n in (5, 10, 20, 200)},
        "one term below the root": Cohort(tuple(Individual(t, observed=(t,)) for t in tops)),
    }


def strangers_lines(result: ScreenResult, cohort: Cohort, table: pd.DataFrame, ontology: Ontology) -> list[str]:
    lines = ["| who | refused |", "|---|---|"]
    lines.append(f"| carriers, by the model of their gene | {refused(table[table.carrier]):.3f} |")
    lines.append(f"| everybody, by all models | {refused(table):.3f} |")
    for name, made in strangers(cohort, ontology).items():
        found = score(result, made, ontology=ontology, max_q=1.0).table.to_pandas()
        lines.append(f"| {name} | {refused(found):.3f} |")
    return lines
