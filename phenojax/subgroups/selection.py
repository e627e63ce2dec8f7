"""How many subgroups, and how often one group without any looks as divided: one p for all numbers that were tried."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The last bits of a share say nothing.
_DECIMALS = 9


class Selection(NamedTuple):
    """What was found; arrays have a value for 2, 3 ... subgroups.

    Attributes:
        best: the number of subgroups, were there any: the last of those whose every step from one to the next explains
            more than in null sets; where already the first does not, the one that exceeds the null sets most.
        p_value: how often a null set exceeds the others as much, at whichever number it does so most.
        excess: by how many standard deviations of the null sets the observed share lies above their mean.
        p_values: of each number by itself: not corrected for having looked at several.
        p_steps: of what each number explains beyond the number before it.
        null_mean: mean share of the null sets.
    """

    best: int
    p_value: float
    excess: NDArray[np.float64]
    p_values: NDArray[np.float64]
    p_steps: NDArray[np.float64]
    null_mean: NDArray[np.float64]


def select(observed: NDArray[np.float64], null: NDArray[np.float64], level: float) -> Selection:
    """Compare explained shares, ``(K,)``, with those of null sets, ``(m, K)``.

    Mean and standard deviation of each number of subgroups are those of the observed and the null sets together, so
    that all m + 1 are treated alike: if the observed set is one more null set, its place among them is uniform,
    whatever number of subgroups each of them is best at (the maximum of Westfall & Young, 1993). p = (1 + b) / (1 + m).

    How many subgroups there are is another question than whether there are any, and the largest excess does not answer
    it: where there are two, three explain more than in null sets too. Hence ``best`` goes by steps, each of which must
    have p at or below ``level``.
    """
    together = np.concatenate([observed[None, :], null])
    spread = together.std(axis=0)
    excess = np.round((together - together.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), _DECIMALS)
    largest = excess.max(axis=1)
    steps = np.round(np.diff(together, axis=1, prepend=0.0), _DECIMALS)
    p_steps = (steps >= steps[0]).mean(axis=0)
    n_steps = int(np.cumprod(p_steps <= level).sum())
    return Selection(
        best=1 + n_steps if n_steps else 2 + int(np.argmax(excess[0])),
        p_value=float((largest >= largest[0]).mean()),
        excess=excess[0],
        p_values=(excess >= excess[0]).mean(axis=0),
        p_steps=p_steps,
        null_mean=null.mean(axis=0),
    )
