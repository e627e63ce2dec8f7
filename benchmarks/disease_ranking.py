"""How often the disease of a published individual is found among all OMIM diseases, and what that owes to its paper.

Usage: python benchmarks/disease_ranking.py COHORT [--out benchmarks/results/disease_ranking.md]

COHORT has a column of disease ids and its publications as groups (phenopacket-store). Each setting is run with
everything that the release knows, and without what it knows from the cohort's own publications alone. Individuals
whose disease is no target then (unknown to the release, or known from these publications alone) are counted, not
ranked. Of several diseases the best counts; ties have their mean rank. The ranks of `rank` are checked against scipy's
on the whole similarity matrix. likelihood_ranking.py says what the likelihood gains, and checks its scores.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import rankdata

from phenojax import load_ontology, rank, read_cohort, similarity
from phenojax.cohort import Cohort
from phenojax.ontology import Ontology
from phenojax.similarity.targets import find_targets

K = 50
LIKELIHOOD = 'method="likelihood"'
# combine, normalize, target_weights
SETTINGS = (
    ("a_to_b", None, None),
    ("a_to_b", "chance", None),
    ("a_to_b", "z", None),
    ("bma", None, None),
    ("bma", None, "frequency"),
    ("bma", "chance", None),
    ("bma", "z", None),
    ("bma", "cosine", None),
    ("bma", "cosine", "frequency"),
    ("funsim_avg", None, None),
    ("funsim_avg", None, "frequency"),
    ("funsim_max", None, None),
    ("funsim_max", None, "frequency"),
    ("b_to_a", None, None),
    ("b_to_a", None, "frequency"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    logging.getLogger("phenojax").setLevel(logging.ERROR)  # publications that no annotation cites: most of them
    cohort, whole = read_cohort(arguments.cohort), load_ontology()
    publications = sorted({group for group in cohort.values("group") if group is not None})
    lines = [f"{datetime.date.today()}; HPO {whole.version}, Resnik, IC of OMIM diseases; {len(cohort):,} individuals"]
    for title, ontology in (
        ("With all annotations", whole),
        ("Without what only the cohort's own publications say", whole.without_references(publications)),
    ):
        ranked = with_a_target(cohort, ontology)
        check(ranked, ontology)
        lines += ["", f"## {title}", "", f"{len(ranked):,} individuals, {n_targets(ontology):,} OMIM diseases", ""]
        lines += [
            "| combine | normalize | target weights | top 1 | top 5 | top 10 | top 50 | MRR (of the top 50) | s |",
            "|---" * 9 + "|",
        ]
        lines += [row(ranked, ontology, *settings) for settings in SETTINGS]
        lines.append(row(ranked, ontology, LIKELIHOOD, None, None))
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(f"# Ranking diseases for published individuals\n\n{text}\n")


def n_targets(ontology: Ontology) -> int:
    return len(find_targets(ontology, "omim").ids)


def with_a_target(cohort: Cohort, ontology: Ontology) -> Cohort:
    targets = set(find_targets(ontology, "omim").ids)
    return cohort.subset([r for r, i in enumerate(cohort) if i.observed and not targets.isdisjoint(i.disease)])


def row(cohort: Cohort, ontology: Ontology, combine: str, normalize: str | None, weights: str | None) -> str:
    start = time.perf_counter()
    best = best_ranks(cohort, ontology, combine, normalize, weights)
    seconds = time.perf_counter() - start
    found = [f"{np.mean(best <= k):.3f}" for k in (1, 5, 10, K)]
    how = f"{combine} | {normalize or ''} | {weights or ''}"
    return f"| {how} | {' | '.join(found)} | {np.mean(1 / best):.3f} | {seconds:.1f} |"


def best_ranks(
    cohort: Cohort, ontology: Ontology, combine: str, normalize: str | None, weights: str | None
) -> NDArray[np.float64]:
    """Each individual's rank of its disease; infinite where it is not among the `K` best."""
    settings = {"combine": combine, "normalize": normalize, "target_weights": weights, "p_values": False}
    if combine == LIKELIHOOD:
        settings = {"method": "likelihood", "p_values": False}
    table = rank(cohort, "omim", K, ontology=ontology, **settings)  # type: ignore[arg-type]
    own = {(individual.id, disease) for individual in cohort for disease in individual.disease}
    best = dict.fromkeys(cohort.ids, np.inf)
    columns = (table[name].to_pylist() for name in ("id", "target", "rank"))
    for individual, target, place in zip(*columns, strict=True):
        if (individual, target) in own:
            best[individual] = min(best[individual], place)
    return np.array(list(best.values()))


def check(cohort: Cohort, ontology: Ontology, n: int = 100) -> None:
    """Compare with scipy's mean ranks on the matrix of some individuals."""
    some = cohort.subset(list(range(0, len(cohort), max(1, len(cohort) // n))))
    targets = find_targets(ontology, "omim")
    scores = np.round(similarity(some, targets.sets, ontology=ontology, combine="bma").astype(np.float64), 5)
    expected = rankdata(-scores, axis=1)
    table = rank(some, "omim", K, ontology=ontology, combine="bma", p_values=False)
    columns = {name: column for column, name in enumerate(targets.ids)}
    rows = {name: r for r, name in enumerate(some.ids)}
    known = table.filter(pc.is_valid(table["target"]))
    where = ([rows[i] for i in known["id"].to_pylist()], [columns[t] for t in known["target"].to_pylist()])
    worst = np.abs(expected[where] - known["rank"].to_numpy()).max()
    if worst > 2:  # a last bit may settle a tie
        raise SystemExit(f"ranks differ from scipy's by up to {worst}")


if __name__ == "__main__":
    main()
