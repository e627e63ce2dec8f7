"""The same permutations by PhenoScore's procedure on scikit-learn, in the same process."""

from __future__ import annotations

import time

import numpy as np
from permutation_jobs.report import Section, seconds
from permutation_jobs.samples import PER_CALL, draw, padded_labels, prepared, score

from phenojax.fusion.ensemble import Classifier, EnsembleConfig
from phenojax.fusion.phenoscore import phenoscore_permutations

BARS = {Classifier.KERNEL: 15_000, Classifier.ENSEMBLE: 2_000}
LABELLINGS = 3


def run(rounds: int, quick: bool) -> Section:
    section = Section(
        "Against PhenoScore's procedure, HPO only",
        ("n", "reference, ms a permutation", "classifier", "permutations/s", "bar", "times as fast"),
    )
    config = EnsembleConfig()
    for n in (32, 100) if quick else (16, 32, 100, 200):
        drawn = draw(n, n, 1, PER_CALL)
        similarity = np.ascontiguousarray(drawn.kernels[0])
        few = drawn.labels[: 1 if quick or n > 100 else LABELLINGS]
        begin = time.process_time()
        phenoscore_permutations(similarity, few)
        procedure = (time.process_time() - begin) / len(few)
        for classifier, least in BARS.items():
            sample = prepared(drawn, classifier, config)
            calls = padded_labels(drawn, len(sample.valid))
            rate = len(drawn.labels) / seconds(lambda: score(sample, calls, classifier, config), rounds)  # noqa: B023
            ratio = rate * procedure
            bar = section.at_least(f"{classifier} against the reference", ratio, least) if n == 100 else ""
            section.add(str(n), f"{1e3 * procedure:.0f}", classifier, f"{rate:,.0f}", bar, f"{ratio:,.0f}")
    section.notes.append(
        f"The reference: {LABELLINGS} labellings (one at n = 200), each with its outer 5-fold cross-validation and its "
        "search for C; phenojax.fusion.phenoscore."
    )
    return section
