"""Which publications (or sites) the cases of a gene come from, and how the model scores those of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from scipy.stats import rankdata

from phenojax.report.drawings import score_strip

LISTED_GROUPS = 10


@dataclass(frozen=True)
class GroupLine:
    """The cases of one group.

    Attributes:
        name: of the group; of the last line, how many further groups it stands for.
        n_cases: how many cases of it were tested.
        beaten: the share of controls that score lower than a case of it, on average; ties count half.
        strip: a mark for each case at its probability, over the middle half of the controls.
    """

    name: str
    n_cases: int
    beaten: float
    strip: Markup


def group_lines(
    is_case: NDArray[np.bool_], score: NDArray[np.float64], probability: NDArray[np.float64], group: NDArray[np.object_]
) -> list[GroupLine]:
    """One line for each group of cases, the largest first; beyond `LISTED_GROUPS` together in one.

    Args:
        is_case: bool ``(n,)``.
        score: float64 ``(n,)``, what the AUC ranks by.
        probability: float64 ``(n,)`` in [0, 1].
        group: names ``(n,)``, None where it is not known; no lines where no case has one.
    """
    names = [name for name in group[is_case] if name is not None]
    if not names or is_case.all():
        return []
    beaten = _beaten(is_case, score)
    middle = np.quantile(probability[~is_case], (0.25, 0.75))
    of_case = group[is_case]

    def line(name: str, members: NDArray[np.bool_]) -> GroupLine:
        strip = score_strip(probability[is_case][members], (float(middle[0]), float(middle[1])))
        return GroupLine(name, int(members.sum()), float(beaten[members].mean()), strip)

    counted = sorted(set(names), key=lambda name: (-names.count(name), name))
    shown = counted if len(counted) <= LISTED_GROUPS + 1 else counted[:LISTED_GROUPS]
    lines = [line(name, of_case == name) for name in shown]
    further = counted[len(shown) :]
    if further:
        lines.append(line(f"{len(further)} further groups", np.isin(of_case.astype(str), further)))
    unknown = np.array([name is None for name in of_case])
    return [*lines, line("not known", unknown)] if unknown.any() else lines


def _beaten(is_case: NDArray[np.bool_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each case, the share of the controls that score lower; the mean over all cases is the AUC."""
    among_all, among_cases = rankdata(score)[is_case], rankdata(score[is_case])
    return np.asarray((among_all - among_cases) / int((~is_case).sum()), dtype=np.float64)
