"""The engine's share of a screen: samples of many sizes, each prepared and permuted."""

from __future__ import annotations

import time

import jax
import numpy as np
from permutation_jobs.report import Section
from permutation_jobs.samples import draw, padded_labels, prepared, score

from phenojax.fusion.ensemble import Classifier, EnsembleConfig, score_labellings

SMALLEST, LARGEST, PERMUTATIONS = 20, 200, 1000
SECONDS_BAR, PROGRAMS_BAR = 15.0, 12


def run(rounds: int, quick: bool) -> Section:  # noqa: ARG001
    n_genes = 20 if quick else 500
    section = Section(
        f"{n_genes} genes of {SMALLEST} to {LARGEST} individuals, {PERMUTATIONS} permutations each, HPO only",
        ("classifier", "bar", "seconds, warm", "of them preparation", "the first time", "programs", "bar"),
    )
    rng = np.random.default_rng(0)
    sizes = rng.integers(SMALLEST, LARGEST + 1, n_genes)
    genes = [draw(i, int(n), 1, PERMUTATIONS + 1, int(rng.integers(n // 3, n + 1))) for i, n in enumerate(sizes)]
    config = EnsembleConfig()
    jax.clear_caches()  # of programs that another job has compiled
    for classifier in (Classifier.KERNEL, Classifier.ENSEMBLE):
        before = score_labellings._cache_size()
        cold, _ = _once(genes, classifier, config)
        warm, preparation = _once(genes, classifier, config)
        programs = score_labellings._cache_size() - before
        section.add(
            classifier, section.at_most(f"{classifier}, seconds", warm, SECONDS_BAR), f"{warm:.1f}",
            f"{preparation:.1f}", f"{cold:.1f}", str(programs),
            section.at_most(f"{classifier}, programs", programs, PROGRAMS_BAR),
        )  # fmt: skip
    section.notes.append("Publications of one to a few individuals; similarity, matching and reports not included.")
    return section


def _once(genes: list, classifier: Classifier, config: EnsembleConfig) -> tuple[float, float]:
    """Processor seconds of all genes, and of their preparation."""
    begin, preparation = time.process_time(), 0.0
    for drawn in genes:
        start = time.process_time()
        sample = prepared(drawn, classifier, config)
        preparation += time.process_time() - start
        jax.block_until_ready(score(sample, padded_labels(drawn, len(sample.valid)), classifier, config))
    return time.process_time() - begin, preparation
