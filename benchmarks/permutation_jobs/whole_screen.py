"""The whole of `phenojax.screen`: similarity, matching, folds, permutations, calibration, terms and tables."""

from __future__ import annotations

import time

import jax
from permutation_jobs.report import Section

import phenojax as pj
from phenojax.fusion.ensemble import score_labellings

GENES, PERMUTATIONS = 500, 1000
BARS = {False: 15.0, True: 8.0}
PROGRAMS_BAR = 12
# With four controls a case and no fewer than 16, samples of 20 to 200 individuals.
SIZES = {"min_size": 4, "max_size": 40, "papers": 6}
SETTINGS = {"min_cases": 4, "min_controls": 16, "controls_per_case": 4, "threads": 1, "permutations": PERMUTATIONS}


def run(rounds: int, quick: bool) -> Section:  # noqa: ARG001
    n_genes = 20 if quick else GENES
    section = Section(
        f"phenojax.screen: {n_genes} genes, half of them without a phenotype, 20 to 200 individuals each, up to "
        f"{PERMUTATIONS} permutations",
        ("test", "bar", "seconds, warm", "the first time", "draws", "exact tests", "programs", "bar"),
    )
    ontology = pj.load_ontology()
    config = pj.SimulationConfig(n_genes=n_genes // 2, n_null_genes=n_genes - n_genes // 2, **SIZES)
    cohort = pj.simulate(ontology, config, seed=1)
    jax.clear_caches()
    found = {}
    for sequential in (False, True):
        before = score_labellings._cache_size()
        seconds = []
        for _ in range(2):
            begin = time.process_time()
            table = pj.screen(cohort, ontology=ontology, sequential=sequential, **SETTINGS).table
            seconds.append(time.process_time() - begin)
        programs = score_labellings._cache_size() - before
        found[sequential] = table.to_pylist()
        name = "stopped early" if sequential else "fixed"
        methods = [row["p_method"] for row in found[sequential]]
        section.add(
            name, section.at_most(f"{name}, seconds", seconds[1], BARS[sequential]), f"{seconds[1]:.1f}",
            f"{seconds[0]:.1f}", f"{sum(row['n_permutations'] or 0 for row in found[sequential]):,}",
            str(methods.count("exact")), str(programs), section.at_most(f"{name}, programs", programs, PROGRAMS_BAR),
        )  # fmt: skip
    pairs = [pair for pair in zip(*found.values(), strict=True) if pair[0]["p_method"] == pair[1]["p_method"]]
    agree = all(fixed["p_value"] == early["p_value"] for fixed, early in pairs)
    if not agree:
        raise SystemExit("the fixed and the sequential test do not agree where the latter did not stop")
    tested = sum(row["auc"] is not None for row in found[False])
    section.notes.append(
        f"{len(cohort):,} individuals; {tested} genes tested; p-values agree where both took the same way."
    )
    return section
