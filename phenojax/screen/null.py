"""How often chance does as well: the p-value of one statistic under a sample's own relabellings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax import stats

Statistic = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


class Method(StrEnum):
    """How a p-value came about.

    Attributes:
        EXACT: from all labellings that the design allows.
        DRAWS: from as many random ones as were asked for.
        STOPPED: from fewer, because enough of them did as well as the observed one.
    """

    EXACT = "exact"
    DRAWS = "draws"
    STOPPED = "stopped"


class NullTest(NamedTuple):
    """What the relabellings say.

    Attributes:
        p_value: one-sided.
        min_p: the smallest p that the number of labellings and of draws can give.
        method: how it came about.
        n_labellings: how many were scored, the observed one not counted.
        labels: bool ``(p, n)``; those labellings, or the first of them where the test stopped.
        tail: p from a law fitted to the tail of the null, or why there is none; None of a test exact or stopped.
    """

    p_value: float
    min_p: float
    method: Method
    n_labellings: int
    labels: NDArray[np.bool_]
    tail: stats.TailFit | stats.TailRefusal | None


def test_against_null(
    statistic: Statistic,
    observed: float,
    design: stats.Design,
    permutations: int,
    *,
    even: bool,
    sequential: bool,
    enumerate_up_to: int,
    seed: int,
    purpose: tuple[str, ...],
) -> NullTest:
    """Score as many exchangeable labellings as it takes.

    Args:
        statistic: of labellings ``(p, n)``, ``(p,)``; large is extreme; the same whatever they are scored with.
        observed: of the observed labelling.
        design: of the sample.
        permutations: at most so many draws.
        even: the statistic is the same with every label turned round.
        sequential: stop where enough draws do as well.
        enumerate_up_to: with no more labellings than this, or than ``permutations``, all are scored.
        seed: of the streams.
        purpose: names them.
    """
    n_labellings = stats.count_labellings(design)
    n_alike = 2 if even and stats.has_mirror(design) else 1
    if n_labellings <= max(permutations, enumerate_up_to):
        labels = stats.all_labels(design)
        values = statistic(labels)
        p = stats.exact_p(float(values[0]), values)
        return NullTest(p, n_alike / n_labellings, Method.EXACT, n_labellings - 1, labels[1:], None)
    rng = stats.stream(seed, "labels", *purpose)
    min_p = stats.smallest_p(n_labellings // n_alike, permutations)
    if sequential:
        state, parts, values_of = stats.start_sequential(observed, permutations), [], []
        while not state.is_finished:
            parts.append(stats.draw_labels(rng, design, state.next_batch))
            values_of.append(statistic(parts[-1]))
            state = stats.update(state, values_of[-1])
        drawn, null = np.concatenate(parts), np.concatenate(values_of)
        if state.drawn < permutations:
            return NullTest(state.p_value, min_p, Method.STOPPED, state.drawn, drawn, None)
    else:
        drawn = np.concatenate([stats.draw_labels(rng, design, size) for size in _batches(permutations)])
        null = statistic(drawn)
    # draws with replacement can fall below what so few labellings allow
    p = max(stats.permutation_p(observed, null), min_p)
    tail = stats.tail_p(stats.stream(seed, "tail", *purpose), observed, null, n_labellings // n_alike)
    return NullTest(p, min_p, Method.DRAWS, len(null), drawn, tail)


def _batches(permutations: int) -> Iterator[int]:
    """The sizes in which a test that never stops draws: so it draws what one that may stop draws, as far as that goes.

    A stream that is asked for two batches does not give what it gives for both at once.
    """
    state = stats.start_sequential(0.0, permutations, permutations + 1)
    while size := state.next_batch:
        yield size
        state = state._replace(drawn=state.drawn + size)
