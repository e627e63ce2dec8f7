"""An interval for the AUC from redrawing whole groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bootstrap_interval(
    rng: np.random.Generator,
    labels: NDArray[np.bool_],
    scores: NDArray[np.floating],
    groups: NDArray[np.integer],
    draws: int = 2000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of the AUC; groups are redrawn with replacement, their members stay together.

    Groups of cases, groups of controls and mixed groups are redrawn each among themselves, as many as there are, so
    that every draw has both classes. It takes no account of the fit: the scores are those of the sample. Its width
    is 0 at AUC = 1, and it is too narrow with few groups; `auc_interval` is neither.

    Args:
        rng: source of the draws.
        labels: bool ``(n,)``.
        scores: ``(n,)``.
        groups: ``(n,)``; ``np.arange(n)`` where everybody is independent.
        draws: number of redrawn samples.
        level: coverage that is aimed at.

    Returns:
        Low and high; NaN where a class has fewer than two groups, since nothing can be redrawn.
    """
    group = np.unique(groups, return_inverse=True)[1]
    if min(len(np.unique(group[labels])), len(np.unique(group[~labels]))) < 2:
        return float("nan"), float("nan")
    areas = weighted_auc(labels, scores, redraw_groups(rng, labels, group, draws)[:, group])
    low, high = np.quantile(areas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def redraw_groups(
    rng: np.random.Generator, labels: NDArray[np.bool_], groups: NDArray[np.integer], draws: int
) -> NDArray[np.int64]:
    """How often each group is in each redrawn sample, int64 ``(draws, n_groups)``; groups are 0 .. n_groups - 1."""
    n_groups = int(groups.max()) + 1
    n_cases = np.bincount(groups, weights=labels, minlength=n_groups)
    size = np.bincount(groups, minlength=n_groups)
    kind = np.where(n_cases == 0, 0, np.where(n_cases == size, 1, 2))
    counts = np.zeros((draws, n_groups), dtype=np.int64)
    for one in np.unique(kind):
        of_kind = np.flatnonzero(kind == one)
        counts[:, of_kind] = rng.multinomial(len(of_kind), np.full(len(of_kind), 1 / len(of_kind)), size=draws)
    return counts


def weighted_auc(
    labels: NDArray[np.bool_], scores: NDArray[np.floating], weights: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The AUC, float64 ``(draws,)``, of samples that hold individual i ``weights[:, i]`` times; ``(draws, n)``."""
    order = np.argsort(scores[~labels])
    controls, cases = scores[~labels][order], scores[labels]
    # the controls' weight below each place in their order
    below = np.zeros((len(weights), len(controls) + 1))
    np.cumsum(weights[:, ~labels][:, order], axis=1, out=below[:, 1:])
    outscored = below[:, np.searchsorted(controls, cases, "left")] + below[:, np.searchsorted(controls, cases, "right")]
    of_case = weights[:, labels]
    return np.asarray((of_case * outscored).sum(axis=1) / (2 * of_case.sum(axis=1) * below[:, -1]))
