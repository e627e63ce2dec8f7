"""Does an explanation name what the score rests on? Take away what it calls important, and see how the score falls.

The curve that results is compared with that of taking away the same number at random (the deletion test of Petsiuk, Das
and Saenko, BMVC 2018, after Samek et al., IEEE TNNLS 2017). It tells whether the explanation is true to the model, not
whether the model is true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phenojax._csr import Csr
from phenojax._validate import as_float64, as_int32, as_share
from phenojax.errors import ConfigError
from phenojax.similarity import HasGraph
from phenojax.stats import permutation_p, stream

ScoreKept = Callable[[NDArray[np.bool_]], ArrayLike]
"""Scores of one individual after removals: takes bool ``(rows, items)``, True for what is kept, gives ``(rows,)``."""


class DeletionScores(NamedTuple):
    """Scores of one individual after its items (terms, patches of a photograph) were taken away.

    Attributes:
        guided: float64 ``(steps,)``, the most important ones first.
        random: float64 ``(draws, steps)``, as many in a random order, one for each draw.
    """

    guided: NDArray[np.float64]
    random: NDArray[np.float64]


class DeletionCurve(NamedTuple):
    """What removals do to the score, over individuals.

    Attributes:
        at: float64 ``(steps,)``, how much was removed, as the caller counts it.
        guided: float64 ``(steps,)``, mean score after removing the most important.
        random: float64 ``(steps,)``, mean score after removing at random.
        random_low: float64 ``(steps,)``, between this and `random_high` are 95 % of the draws' means over individuals.
        random_high: float64 ``(steps,)``.
        areas: float64 ``(n,)``, of each individual the mean gap between its random and its guided curve over `at`, in
            units of the score; above 0 where the explanation finds what the score rests on.
        area: their mean.
        area_low: of the 95 % interval of `area`, from redrawing individuals, or whole groups; NaN with fewer than two.
        area_high: the same.
        p_value: of the hypothesis that the order is as good as a random one: the share of the draws, and of the guided
            curve itself, whose mean area under the curve is as small.
        n_draws: random orders of each individual.
    """

    at: NDArray[np.float64]
    guided: NDArray[np.float64]
    random: NDArray[np.float64]
    random_low: NDArray[np.float64]
    random_high: NDArray[np.float64]
    areas: NDArray[np.float64]
    area: float
    area_low: float
    area_high: float
    p_value: float
    n_draws: int


def deletion_scores(
    score: ScoreKept,
    importance: ArrayLike,
    removed: ArrayLike,
    *,
    draws: int = 100,
    seed: int = 0,
    purpose: str = "",
    batch: int | None = None,
) -> DeletionScores:
    """Score one individual after removing its most important items, and after removing as many at random.

    Args:
        score: gives the score of each row of what is kept, bool ``(rows, items)``; called with all rows at once, or
            with `batch` at a time.
        importance: float64 ``(items,)``; the largest are removed first, equals in their order. Signed contributions
            remove what speaks for the score first; give ``-importance`` and ``-score`` to ask what speaks against.
        removed: int ``(steps,)``, from 0 to the number of items: how many are gone at each step.
        draws: random orders.
        seed: of the orders.
        purpose: tells the draws of individuals apart, such as an individual's id.
        batch: rows for one call of `score`; None for all, which are ``(1 + draws) * steps``.

    Raises:
        ConfigError: an argument has a wrong shape or value, or `score` gives another number of scores, or NaN.
    """
    ranked = as_float64("importance", importance, (None,))
    items = len(ranked)
    gone = as_int32("removed", removed, (None,), minimum=0, limit=items + 1)
    for name, value in (("draws", draws), *((("batch", batch),) if batch is not None else ())):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ConfigError(f"{name} must be a positive integer, not {value!r}")
    rng = stream(seed, "deletion", purpose)
    place = np.empty((1 + draws, items), dtype=np.int64)  # of each item in each order, the guided one first
    place[0, np.argsort(-ranked, kind="stable")] = np.arange(items)
    place[1:] = rng.permuted(np.broadcast_to(np.arange(items), (draws, items)), axis=1)
    kept = (place[:, None, :] >= gone[None, :, None]).reshape(-1, items)
    scores = np.empty(len(kept))
    step = max(len(kept), 1) if batch is None else batch
    for start in range(0, len(kept), step):
        rows = kept[start : start + step]
        scores[start : start + step] = as_float64("what score gives", score(rows), (len(rows),))
    by_order = scores.reshape(1 + draws, len(gone))
    return DeletionScores(by_order[0], by_order[1:])


def deletion_curve(
    guided: ArrayLike,
    random: ArrayLike,
    at: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> DeletionCurve:
    """Sum up the deletion curves of many individuals, with what chance does.

    Args:
        guided: float64 ``(n, steps)``: of each individual the scores of `deletion_scores`. Scores of different models
            should be in one unit.
        random: float64 ``(n, draws, steps)``.
        at: float64 ``(steps,)``, rising: what was removed at each step, as a number or a share of the items.
        groups: integers ``(n,)``: individuals of one group (publication, gene) are redrawn together; None where
            everybody is independent.
        level: coverage of the interval of `area` and of the band.
        resamples: redrawn samples for the interval.
        seed: of these.

    Raises:
        ConfigError: an argument has a wrong shape or value; no individual; fewer than two steps.
    """
    steps = as_float64("at", at, (None,))
    if len(steps) < 2 or not (np.diff(steps) > 0).all():
        raise ConfigError("at must have two or more rising steps")
    own = as_float64("guided", guided, (None, len(steps)))
    if len(own) == 0:
        raise ConfigError("guided must have a row for one individual or more, and has none")
    drawn = as_float64("random", random, (len(own), None, len(steps)))
    if drawn.shape[1] == 0:
        raise ConfigError("random must have one draw or more, and has none")
    share = as_share("level", level)
    width = steps[-1] - steps[0]
    under_own = np.trapezoid(own, steps, axis=1) / width
    under_drawn = np.trapezoid(drawn, steps, axis=2) / width
    areas = under_drawn.mean(axis=1) - under_own
    low, high = _interval(areas, groups, share, resamples, seed)
    mean_of_draw = drawn.mean(axis=0)
    tails = [(1 - share) / 2, (1 + share) / 2]
    band = np.quantile(mean_of_draw, tails, axis=0)
    return DeletionCurve(
        at=steps,
        guided=own.mean(axis=0),
        random=mean_of_draw.mean(axis=0),
        random_low=band[0],
        random_high=band[1],
        areas=areas,
        area=float(areas.mean()),
        area_low=low,
        area_high=high,
        p_value=permutation_p(-float(under_own.mean()), -under_drawn.mean(axis=0)),
        n_draws=drawn.shape[1],
    )


def kept_terms_score(
    ontology: HasGraph, weights: ArrayLike, values: ArrayLike, terms: ArrayLike, *, empty: float = 0.0
) -> ScoreKept:
    """Give, for `deletion_scores`, the score of one individual with some of its terms: that of `term_contributions`.

    Args:
        ontology: anything with a ``graph``.
        weights: float64 ``(n_terms,)``, 0 or more.
        values: float64 ``(n_terms,)``.
        terms: int32 ``(items,)`` of term_idx.
        empty: the score of no terms, and of terms that weigh nothing.

    Raises:
        ConfigError: an argument has a wrong shape or value.
    """
    graph = ontology.graph
    weight = as_float64("weights", weights, (graph.n_terms,), minimum=0.0)
    value = as_float64("values", values, (graph.n_terms,))
    own = as_int32("terms", terms, (None,), minimum=0, limit=graph.n_terms)
    of_term = Csr(*graph.closures(np.arange(len(own) + 1), own))
    closure, place = np.unique(of_term.indices, return_inverse=True)
    brings = np.zeros((len(own), len(closure)), dtype=np.float32)
    brings[np.repeat(np.arange(len(own)), of_term.lengths), place] = 1.0

    def score(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        there = kept.astype(np.float32) @ brings > 0
        size = there @ weight[closure]
        return np.where(size > 0, there @ value[closure] / np.sqrt(np.where(size > 0, size, 1.0)), empty)

    return score


def _interval(
    areas: NDArray[np.float64], groups: ArrayLike | None, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Percentiles of the mean over redrawn groups."""
    given = np.arange(len(areas)) if groups is None else as_int32("groups", groups, (len(areas),))
    group = np.unique(given, return_inverse=True)[1]
    n_groups = int(group.max()) + 1
    if n_groups < 2:
        return float("nan"), float("nan")
    sums, sizes = np.bincount(group, areas), np.bincount(group)
    rng = stream(seed, "deletion interval")
    counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=resamples)
    low, high = np.quantile(counts @ sums / (counts @ sizes), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
