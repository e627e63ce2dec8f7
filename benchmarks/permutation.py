"""Cross-validated permutations a second, against the machine's matrix product and against PhenoScore's procedure.

python benchmarks/permutation.py [--job NAME ...] [--quick] [--rounds 7] [--out benchmarks/results/permutation.md]

Needs scikit-learn for the reference. One core: processor time of one process that may use one, so that neighbours on
the machine count little; compilation left out; medians. The engine's scores are compared with refitting, and the
reference's time is taken, in the same process.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

JOBS = ("peak", "rates", "reference", "genes", "screen", "ranks")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", nargs="+", choices=JOBS, default=JOBS, metavar="NAME", help=", ".join(JOBS))
    parser.add_argument("--quick", action="store_true", help="few labellings and genes: shows only that it works")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # before the libraries count the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    # only now may JAX and NumPy be imported
    from permutation_jobs import genes, peak, ranks, rates, reference, whole_screen
    from permutation_jobs.report import Section, page

    jobs: dict[str, Callable[..., Section]] = {
        "peak": peak.run,
        "rates": rates.run,
        "reference": reference.run,
        "genes": genes.run,
        "screen": whole_screen.run,
        "ranks": ranks.run,
    }
    sections = []
    for name in given.job:
        sections.append(jobs[name](rounds=given.rounds, quick=given.quick))
        print(sections[-1].text(), flush=True)
    text = page(sections)
    print(text.splitlines()[-1])
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    return 0 if all(section.met() for section in sections) or given.quick else 1


if __name__ == "__main__":
    sys.exit(main())
