"""One gene's sample, fitted and collapsed into a model: arrays in, a `GeneModel` out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from phenojax._csr import Csr
from phenojax.fusion import Classifier, EnsembleConfig, FittedPattern, WithoutGroups, fit_sample
from phenojax.models.collapse import TermSpace
from phenojax.models.gene_model import BOTH, FACE, HPO, GeneModel, Jackknife, ModelFacts, Pattern

# Which patterns a modality has, by who has which kernel: terms before faces.
PATTERNS: dict[str, dict[tuple[bool, ...], str]] = {
    HPO: {(True,): HPO},
    FACE: {(True,): FACE},
    BOTH: {(True, True): BOTH, (True, False): HPO, (False, True): FACE},
}
# The jackknife is kept as so many rows (docs/design.md, "Models").
JACKKNIFE_ROWS = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainingSample:
    """The labelled sample that a gene was tested on; n individuals, m kernels, terms before faces.

    Attributes:
        kernels: ``(m, n, n)``; closure kernel, cosines of the faces.
        present: bool ``(m, n)``.
        groups: ``(n,)``, 0 .. number of groups - 1; each individual its own where the test was ungrouped.
        labels: bool ``(n,)``; True for a case.
        closures: of the observed terms of each; None where terms are not looked at.
        faces: float ``(n, d)``, of length 1, 0 without a face; None where faces are not looked at.
    """

    kernels: NDArray[np.floating]
    present: NDArray[np.bool_]
    groups: NDArray[np.integer]
    labels: NDArray[np.bool_]
    closures: Csr | None
    faces: NDArray[np.floating] | None


def fit_gene_model(
    sample: TrainingSample,
    weights: Floats,
    facts: ModelFacts,
    *,
    gene: str,
    modality: str,
    classifier: Classifier,
    config: EnsembleConfig,
    rows: NDArray[np.int64],
    jackknife_rows: int = JACKKNIFE_ROWS,
) -> GeneModel:
    """Fit a sample and collapse it onto terms and faces.

    Args:
        sample: whom to fit on.
        weights: float64 ``(n_terms,)``; of terms in closures, as the kernel has them.
        facts: what the screen found; the range of closure weights is filled in here.
        gene: its name.
        modality: ``hpo``, ``face`` or ``both``.
        classifier: not PhenoScore's.
        config: as the screen scored with.
        rows: int64 ``(n,)``; who they are.
        jackknife_rows: how many rows of the jackknife are kept; 0 for none.

    Raises:
        ValueError: PhenoScore's classifier.
    """
    fitted = fit_sample(
        sample.kernels,
        sample.present,
        sample.groups,
        sample.labels,
        classifier=classifier,
        config=config,
        jackknife=jackknife_rows > 0,
    )
    space = ModelSpace(sample, weights)
    patterns = {}
    for key, name in PATTERNS[modality].items():
        pattern = space.pattern(fitted.patterns[key], key)
        if jackknife_rows > 0:
            kept = _jackknife(fitted.without[key], sample, jackknife_rows)
            pattern = replace(pattern, jackknife=space.jackknife(*kept, key))
        patterns[name] = pattern
    low, high = space.closure_weight_range(sample.present[0])
    return GeneModel(
        gene=gene,
        modality=modality,
        patterns=patterns,
        slope=fitted.slope,
        offset=fitted.offset,
        covariance=fitted.covariance,
        training_scores=fitted.training,
        is_case=sample.labels.copy(),
        groups=sample.groups.astype(np.int64),
        rows=rows,
        facts=replace(facts, closure_weight_low=low, closure_weight_high=high),
    )


class ModelSpace:
    """What coefficients over the individuals of one sample are turned into.

    Attributes:
        terms: of the individuals; None where terms are not looked at.
    """

    def __init__(self, sample: TrainingSample, weights: Floats) -> None:
        """Of ``weights`` ``(n_terms,)`` of terms in closures."""
        self.terms = None if sample.closures is None else TermSpace(sample.closures, weights)
        self._faces = None if sample.faces is None else sample.faces.astype(np.float64)

    def closure_weight_range(self, has_terms: NDArray[np.bool_]) -> tuple[float | None, float | None]:
        """Of those who have terms; None without."""
        if self.terms is None or not has_terms.any():
            return None, None
        weight = self.terms.closure_weight[has_terms]
        return float(weight.min()), float(weight.max())

    def pattern(self, fitted: FittedPattern, has: tuple[bool, ...]) -> Pattern:
        """One pattern of modalities, without its jackknife."""
        term_idx, values, face = self.split(fitted.coefficients[None], has)
        bases = fitted.bases.tolist()
        return Pattern(
            intercept=fitted.intercept,
            term_idx=term_idx,
            term_values=values[0],
            face=None if face is None else face[0].astype(np.float32),
            hpo_base=bases[0] if self.terms is not None else 0.0,
            face_base=bases[-1] if self._faces is not None else 0.0,
        )

    def jackknife(self, intercepts: Floats, coefficients: Floats, has: tuple[bool, ...]) -> Jackknife:
        """The rows ``(r,)`` and ``(r, m, n)`` of one pattern."""
        _, values, faces = self.split(coefficients, has)
        of_faces = None if faces is None else faces.astype(np.float32)
        return Jackknife(intercepts.astype(np.float32), values.astype(np.float32), of_faces)

    def split(self, coefficients: Floats, has: tuple[bool, ...]) -> tuple[NDArray[np.int32], Floats, Floats | None]:
        """Terms, their values ``(k, t)`` and directions of the face ``(k, d)`` of coefficients ``(k, m, n)``."""
        term_idx, values, face = np.zeros(0, np.int32), np.zeros((len(coefficients), 0)), None
        if self.terms is not None and has[0]:
            term_idx, values = self.terms.term_idx, self.terms.collapse(coefficients[:, 0])
        if self._faces is not None and has[-1]:
            face = coefficients[:, -1] @ self._faces
        return term_idx, values, face


def _jackknife(without: WithoutGroups, sample: TrainingSample, n_rows: int) -> tuple[Floats, Floats]:
    """At most ``n_rows`` rows, intercepts ``(r,)`` and coefficients ``(r, m, n)``, that stand for all groups.

    The groups that hold a case and those that hold none are two strata, as many of each as the design has:

        variance = sum over strata s of (k_s - 1) / k_s * sum over its groups of (score without g - their mean)^2.

    Of these deviations, as they are on training individuals of other groups, the principal ones are kept, and scaled
    so that their mean variance there is that of all.
    """
    with_case = np.isin(without.groups, np.unique(sample.groups[sample.labels]))
    kept, scales = [], []
    for stratum in (with_case, ~with_case):
        members = np.flatnonzero(stratum & np.isfinite(without.intercepts))
        if len(members) > 1:
            kept.append(members)
            scales.append(np.sqrt((len(members) - 1) / len(members)))
    if not kept:
        return np.zeros(0), np.zeros((0, *without.coefficients.shape[1:]))

    def deviations(values: Floats) -> Floats:
        return np.concatenate([s * (values[k] - values[k].mean(axis=0)) for k, s in zip(kept, scales, strict=True)])

    constants, slopes = deviations(without.intercepts), deviations(without.coefficients)
    n_modalities = len(sample.kernels)
    on_others = constants[:, None] + sum(slopes[:, m] @ sample.kernels[m] for m in range(n_modalities))
    on_others[without.groups[np.concatenate(kept)][:, None] == sample.groups[None, :]] = 0.0
    gram = on_others @ on_others.T
    k = len(gram)
    variance, left = eigh(gram, subset_by_index=[max(k - n_rows, 0), k - 1])
    rows = left.T * np.sqrt(np.trace(gram) / max(variance.sum(), np.finfo(np.float64).tiny))
    return rows @ constants, np.einsum("rk,kmn->rmn", rows, slopes)
