"""Permutations a second of each classifier, and the share of the machine's matrix product that they reach."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from permutation_jobs import peak
from permutation_jobs.report import Section, seconds
from permutation_jobs.samples import FOLDS, PER_CALL, Drawn, draw, padded_labels, prepared, score

from phenojax.fusion.ensemble import Classifier, EnsembleConfig, Prepared
from phenojax.fusion.kernels import centre_kernels, mix_kernels

KERNEL, ENSEMBLE, PROTOTYPE = Classifier.KERNEL, Classifier.ENSEMBLE, Classifier.PROTOTYPE
BARS = {
    (KERNEL, 1, 32): 600_000, (KERNEL, 1, 100): 50_000, (KERNEL, 1, 200): 12_000,
    (KERNEL, 2, 32): 80_000, (KERNEL, 2, 100): 9_000, (KERNEL, 2, 200): 2_500,
    (ENSEMBLE, 1, 100): 5_000, (ENSEMBLE, 2, 100): 5_000,
}  # fmt: skip
SHARE_BAR = 0.5
TOLERANCE = 1e-4


def run(rounds: int, quick: bool) -> Section:
    section = Section(
        f"Permutations a second, {FOLDS} folds, 8 penalties",
        ("classifier", "kernels", "n", "bar", "permutations/s", "useful GFLOP/s", "share of the peak", "preparation"),
    )
    config = EnsembleConfig()
    best = max(peak.gflops(1 if quick else rounds).values())
    for classifier, m in ((KERNEL, 1), (KERNEL, 2), (ENSEMBLE, 1), (ENSEMBLE, 2), (PROTOTYPE, 1)):
        for n in (32, 100, 200):
            drawn = draw(n, n, m, PER_CALL * (1 if quick else 4))
            sample = prepared(drawn, classifier, config)
            calls = padded_labels(drawn, len(sample.valid))
            rate = len(drawn.labels) / seconds(lambda: score(sample, calls, classifier, config), rounds)  # noqa: B023
            prepare = seconds(lambda: prepared(drawn, classifier, config), rounds)  # noqa: B023
            bar = BARS.get((classifier, m, n))
            useful = 1e-9 * rate * products(drawn, sample)
            share = "" if useful == 0 else f"{useful / best:.0%}"
            if (classifier, m, n) == (KERNEL, 1, 100):
                section.at_least("share of the peak at n = 100", useful / best, SHARE_BAR)
            name = f"{classifier}, {m} kernels, n = {n}"
            section.add(
                classifier, "HPO" if m == 1 else "HPO and face, 5 mixes", str(n),
                "" if bar is None else section.at_least(name, rate, bar),
                f"{rate:,.0f}", "" if useful == 0 else f"{useful:.0f}", share, f"{1e3 * prepare:.1f} ms",
            )  # fmt: skip
    section.notes.append(
        f"Useful: the operators' products without padding, 2 x folds x hyperparameters x n x training individuals; the "
        f"peak is {best:.0f} GFLOP/s; asked for at n = 100, HPO: {SHARE_BAR:.0%}."
    )
    section.notes.append("Preparation: the operators of one sample, once for all of its labellings, on the host.")
    section.notes.append(agreement(config))
    return section


def products(drawn: Drawn, sample: Prepared) -> float:
    """Multiplications and additions that one labelling needs."""
    if sample.operators is None:
        return 0.0
    n, h = len(drawn.folds), sample.operators.rows.shape[1]
    return float(sum(2 * h * n * int((drawn.folds != k).sum()) for k in np.unique(drawn.folds)))


def agreement(config: EnsembleConfig) -> str:
    """Scores against those of refitting, for one and two kernels, grouped and not; a difference ends the run."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    from reference.ridge import ridge_score

    worst = 0.0
    for m, n_groups in ((1, 32), (2, 32), (1, 15)):
        drawn = draw(m, 32, m, 1, n_groups)
        sample = prepared(drawn, KERNEL, config)
        found = np.asarray(score(sample, padded_labels(drawn, len(sample.valid)), KERNEL, config)[0][1])
        present = np.ones((m, 32), dtype=bool)
        centred = centre_kernels(drawn.kernels, present, drawn.groups)
        shares = [1.0] if m == 1 else list(config.mixes)
        mixes = np.stack([mix_kernels(centred, present, np.array([a, 1 - a][:m])) for a in shares])
        expected = ridge_score(mixes, drawn.labels[0], drawn.folds, drawn.groups, config.ridge.penalties)
        worst = max(worst, float(np.abs(found[:32] - expected).max()))
    if not worst <= TOLERANCE:
        raise SystemExit(f"the scores differ from those of refitting by up to {worst:g}: a fast wrong answer is none")
    return f"Scores agree with refitting every fold, penalty and left-out group in float64 within {worst:.1e}."
