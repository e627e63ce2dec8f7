"""Which of the individuals that may be a gene's controls are, as the settings say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from phenojax import stats
from phenojax.screen.config import Controls
from phenojax.screen.plan import Plan, draw_controls, match_all, match_controls
from phenojax.screen.prepare import Prepared


def choose_controls(
    prepared: Prepared,
    cases: NDArray[np.int64],
    candidates: NDArray[np.int64],
    kinds: NDArray[np.int64] | None,
    notes: list[str],
    *purpose: str,
) -> Plan:
    """Cases and their controls.

    Args:
        prepared: the cohort.
        cases: int64 cohort rows.
        candidates: int64 cohort rows, ascending.
        kinds: int64 ``(cohort,)``; a control is of its case's kind; None where all are of one.
        notes: what the reader of the row should know is added here.
        purpose: names the random stream, such as the gene.
    """
    config = prepared.config
    rng = stats.stream(config.seed, "controls", *purpose)
    most = max(config.max_individuals - len(cases), len(cases))
    wanted = config.control_draws * max(config.controls_per_case * len(cases), config.min_controls)
    if config.controls is Controls.ALL:
        wanted = len(candidates)
        if wanted > most:
            notes.append(f"{most} of {wanted} possible controls drawn at random")
    elif config.control_draws > 1 and wanted > most:
        notes.append(f"{most} controls instead of {wanted}: max_individuals")
    if not config.covariates:
        return draw_controls(rng, cases, candidates, prepared.groups, min(wanted, most), most)
    if config.controls is Controls.ALL and kinds is None:
        return match_all(rng, cases, candidates, prepared.covariates, most)
    return match_controls(rng, cases, candidates, prepared.covariates, min(wanted, most), kinds)
