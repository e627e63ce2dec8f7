"""One gene's fitted model: what a new individual's terms and face are worth, and who it was fitted on.

Every classifier of the screen but PhenoScore's is linear in the kernel rows of a new individual x, and so collapses,
exactly, onto terms and onto one direction of face embeddings:

    score(x) = intercept + hpo(x) + face(x)
    hpo(x)   = (sum over t in closure(x) of term_values_t) / sqrt(W_x),   W_x = sum over t in closure(x) of weights_t
    face(x)  = face . e_x,                                                e_x of length one

There is one such function for each pattern, that is for who has terms, a face, or both; a part is 0 for who lacks it,
and hpo(x) is 0 where W_x is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HPO, FACE, BOTH = "hpo", "face", "both"


class Jackknife(NamedTuple):
    """How the score of one pattern moves where a training group is left out, in ``r`` rows.

    The sum over rows of (intercepts_r + hpo part of terms_r + face part of faces_r) squared is the variance of x's
    score. Rows may be training groups, scaled, or fewer that stand for them.

    Attributes:
        intercepts: float32 ``(r,)``.
        terms: float32 ``(r, t)``, over the `term_idx` of the pattern.
        faces: float32 ``(r, d)``; None where faces are not looked at.
    """

    intercepts: NDArray[np.float32]
    terms: NDArray[np.float32]
    faces: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Pattern:
    """The score of individuals who have the same modalities; see the formula above.

    Attributes:
        intercept: all that is constant.
        term_idx: int32 ``(t,)``, ascending; terms that are not listed are worth 0.
        term_values: float64 ``(t,)``.
        face: float32 ``(d,)``; None where this pattern has no face.
        hpo_base: the constant that belongs to the terms: hpo(x) + hpo_base is their part of the score, 0 on average
            over the training individuals who have terms (groups weighing alike).
        face_base: the same of the face. What is left of the intercept belongs to neither.
        jackknife: None where it was not kept.
    """

    intercept: float
    term_idx: NDArray[np.int32]
    term_values: NDArray[np.float64]
    face: NDArray[np.float32] | None
    hpo_base: float
    face_base: float
    jackknife: Jackknife | None = None


@dataclass(frozen=True)
class ModelFacts:
    """What the screen found when it tested this gene, and what its training individuals were like.

    Attributes:
        status: of the row, ``ok`` or ``single_group``.
        note: of the row.
        n_cases: training cases.
        n_controls: training controls.
        n_groups: groups among the cases; None without groups.
        n_groups_used: groups of cases and controls together, as the model was fitted: each individual is one where
            the test was ungrouped.
        auc: out of fold.
        p_value: of the permutation test.
        q_value: None where the row has none.
        closure_weight_low: the smallest closure weight W of a training individual with terms; None without terms.
        closure_weight_high: the largest.
    """

    status: str
    note: str
    n_cases: int
    n_controls: int
    n_groups: int | None
    n_groups_used: int
    auc: float
    p_value: float
    q_value: float | None
    closure_weight_low: float | None
    closure_weight_high: float | None


@dataclass(frozen=True)
class ExportCost:
    """What leaving rare terms out costs, on the model's own training individuals, each scored without its group.

    Attributes:
        auc_whole: of the scores as they are.
        auc_export: of the same scores with every vector reduced as the exported one is.
        n_terms_whole: terms that are worth something, over the patterns of the model.
        n_terms_export: those that are left.
    """

    auc_whole: float
    auc_export: float
    n_terms_whole: int
    n_terms_export: int


@dataclass(frozen=True, eq=False, repr=False)
class GeneModel:
    """One gene by one modality.

    Attributes:
        gene: as in the results; a comparison's is its name.
        modality: ``hpo``, ``face`` or ``both``.
        patterns: ``hpo``, ``face`` and ``both``, as far as the modality goes: what a new individual has.
        slope: log-odds of a case = slope x score + offset, where cases and controls are equally frequent.
        offset: see there.
        covariance: float64 ``(2, 2)``, of (slope, offset): Laplace's approximation to their posterior.
        training_scores: float64 ``(n,)``; of each training individual, its own group left out; NaN where nothing can be
            said. None in an export.
        is_case: bool ``(n,)``; None in an export.
        groups: int64 ``(n,)`` codes, 0 or more; None in an export.
        rows: int64 ``(n,)``; which of the set's individuals they are; None in an export.
        case_quantiles: float64 ``(q,)``, ascending; the cases' training scores cut into q equal parts of at least
            `min_individuals`, the mean of each: number i stands for the quantile (i + 1/2) / q. In an export only.
        control_quantiles: the same of controls.
        facts: what the screen found.
        export_cost: in an export only.
    """

    gene: str
    modality: str
    patterns: Mapping[str, Pattern]
    slope: float
    offset: float
    covariance: NDArray[np.float64]
    training_scores: NDArray[np.float64] | None
    is_case: NDArray[np.bool_] | None
    groups: NDArray[np.int64] | None
    rows: NDArray[np.int64] | None
    facts: ModelFacts
    case_quantiles: NDArray[np.float64] | None = None
    control_quantiles: NDArray[np.float64] | None = None
    export_cost: ExportCost | None = None

    def __repr__(self) -> str:
        return f"<GeneModel {self.gene} ({self.modality}): {self.facts.n_cases} cases>"

    @property
    def holds_individuals(self) -> bool:
        """Whether an array has an entry for each training individual."""
        return any(x is not None for x in (self.training_scores, self.is_case, self.groups, self.rows))

    def reference_scores(self, cases: bool) -> NDArray[np.float64]:
        """Training scores of the cases, or of the controls, ascending, float64; quantiles of them in an export."""
        if self.training_scores is not None and self.is_case is not None:
            mine = self.training_scores[self.is_case == cases]
            return np.sort(mine[~np.isnan(mine)])
        quantiles = self.case_quantiles if cases else self.control_quantiles
        return np.zeros(0) if quantiles is None else quantiles
