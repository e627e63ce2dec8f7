"""Everything that is computed once for a cohort, before any gene is looked at."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from phenojax._csr import Csr
from phenojax._extras import require
from phenojax.cohort import Cohort, ValidationReport
from phenojax.cohort.encode import encode
from phenojax.errors import ConfigError
from phenojax.face.of_cohort import Faces
from phenojax.fusion import Classifier
from phenojax.ontology import Ontology
from phenojax.screen.config import Modality, ScreenConfig
from phenojax.screen.covariates import ALWAYS_CHECKED, PHOTO_QUALITY, PHOTOGRAPH, Covariate, make_covariates
from phenojax.similarity import closure_kernel, conditional_ic, information_content, set_similarity

# The whole kernel is kept up to this many bytes; a larger cohort computes each gene's own block.
WHOLE_MATRIX_BYTES = 1 << 30
AUTO_IC = "auto"


@dataclass(frozen=True)
class Prepared:
    """A cohort resolved against an ontology, with what its comparisons share.

    Attributes:
        cohort: as given.
        ontology: the release.
        observed: term sets, one row per individual.
        closures: their ancestor closures.
        ic: float64 ``(n_terms,)``, nats.
        weights: float64 ``(n_terms,)``, conditional IC.
        covariates: what controls are matched on.
        strata: what labels are kept inside of.
        checked: what is looked at for predicting a label alone.
        groups: int64 ``(n,)`` codes; None when the test is ungrouped.
        has_group: bool ``(n,)``; False for who is a group of its own for want of a known one.
        validation: what resolving found.
        whole: closure kernel ``(n, n)``, or None when it is too large or not wanted.
        faces: of the cohort; None without embeddings.
        modalities: that are tested, of `hpo`, `face`, `both` and in this order.
        config: the settings.
        stop: set when the run was interrupted; tests in work look at it between labellings.
    """

    cohort: Cohort
    ontology: Ontology
    observed: Csr
    closures: Csr
    ic: NDArray[np.float64]
    weights: NDArray[np.float64]
    covariates: tuple[Covariate, ...]
    strata: tuple[Covariate, ...]
    checked: tuple[Covariate, ...]
    groups: NDArray[np.int64] | None
    has_group: NDArray[np.bool_]
    validation: ValidationReport
    whole: NDArray[np.float32] | None
    config: ScreenConfig
    faces: Faces | None = None
    modalities: tuple[Modality, ...] = (Modality.HPO,)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def has_terms(self) -> NDArray[np.bool_]:
        """Who has an observed term, bool ``(n,)``."""
        return self.observed.lengths > 0

    @property
    def has_face(self) -> NDArray[np.bool_]:
        """Who has a vector, bool ``(n,)``."""
        return np.zeros(len(self.cohort), bool) if self.faces is None else self.faces.present

    def has(self, modality: Modality) -> NDArray[np.bool_]:
        """Who can be looked at, bool ``(n,)``: for `both`, who has either."""
        if modality is Modality.BOTH:
            return self.has_terms | self.has_face
        return self.has_face if modality is Modality.FACE else self.has_terms

    @property
    def kinds(self) -> NDArray[np.int64]:
        """Who has what, int64 ``(n,)``: 1 terms, 2 a face, 3 both, 0 neither."""
        return self.has_terms + 2 * self.has_face.astype(np.int64)

    def kernel(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Closure kernel of the individuals at ``rows``, float32 ``(len(rows), len(rows))``."""
        if self.whole is not None:
            return self.whole[np.ix_(rows, rows)]
        return closure_kernel(self.ontology, self.weights, self.observed.take(rows), threads=1)

    def similarity(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Set similarity of the same, for the classifier that looks at it; None for the others."""
        if self.config.classifier is not Classifier.PHENOSCORE:
            return None
        return set_similarity(self.ontology, self.ic, self.observed.take(rows), combine=self.config.combine, threads=1)


def prepare(cohort: Cohort, ontology: Ontology, config: ScreenConfig, faces: Faces | None = None) -> Prepared:
    """Resolve terms, compute information content, matching covariates, groups and (if it fits) the kernel of terms.

    Raises:
        ConfigError: a modality that needs embeddings or terms of which there are none.
        MissingExtraError: the same, and the packages that make embeddings are not installed.
    """
    group_values = (None,) * len(cohort) if config.group is None else cohort.values(config.group)
    encoded = encode(cohort, ontology, on_unknown=config.on_unknown, exclude_terms=config.exclude_terms)
    groups = _group_codes(group_values)
    if config.classifier is Classifier.PHENOSCORE:
        require("phenoscore", "--classifier phenoscore")
    measured = {} if faces is None else {PHOTOGRAPH: faces.present.astype(np.float64)}
    if faces is not None and faces.quality is not None:
        measured[PHOTO_QUALITY] = faces.quality
    asked = list(dict.fromkeys((*ALWAYS_CHECKED, *config.covariates, *config.stratify)))
    named = {c.name: c for c in make_covariates(cohort, encoded.observed.lengths, asked, measured, groups)}
    ic = information_content(ontology, information_source(ontology, config))
    weights = conditional_ic(ontology, ic)
    modalities = _modalities(config.modality, bool((encoded.observed.lengths > 0).any()), faces is not None)
    whole = None
    if modalities != (Modality.FACE,) and 4 * len(cohort) ** 2 <= WHOLE_MATRIX_BYTES:
        whole = closure_kernel(ontology, weights, encoded.observed, threads=config.threads)
    return Prepared(
        cohort=cohort,
        ontology=ontology,
        observed=encoded.observed,
        closures=Csr(*ontology.graph.closures(*encoded.observed)),
        ic=ic,
        weights=weights,
        covariates=tuple(named[name] for name in config.covariates),
        strata=tuple(named[name] for name in config.stratify),
        checked=tuple(named.values()),
        groups=groups,
        has_group=np.array([value is not None for value in group_values]),
        validation=encoded.report,
        whole=whole,
        config=config,
        faces=faces,
        modalities=modalities,
    )


def information_source(ontology: Ontology, config: ScreenConfig) -> str:
    """What the information content is counted on, with ``auto`` resolved."""
    if config.ic != AUTO_IC:
        return config.ic
    return "gene" if ontology.genes() else "omim"


def _modalities(asked: Modality, any_terms: bool, any_faces: bool) -> tuple[Modality, ...]:
    """What is tested, each a row."""
    if asked in (Modality.FACE, Modality.BOTH) and not any_faces:
        # embeddings need no extra, but who has none has to make them
        require("faces", f"--modality {asked.value}")
        raise ConfigError(
            f"modality={asked.value!r} looks at faces, and there are no embeddings; run phenojax embed on the "
            "photographs and pass the file it writes: --embeddings FILE, in Python embeddings="
        )
    if asked is Modality.BOTH and not any_terms:
        raise ConfigError("modality='both' looks at terms too, and no individual has an observed one; use 'face'")
    if asked is not Modality.AUTO:
        return (asked,)
    if not any_faces:
        return (Modality.HPO,)
    return (Modality.HPO, Modality.FACE, Modality.BOTH) if any_terms else (Modality.FACE,)


def _group_codes(values: Sequence[str | None]) -> NDArray[np.int64] | None:
    """One code per group; an individual whose group is not known is a group of its own; None when none is known."""
    if all(value is None for value in values):
        return None
    names = {name: code for code, name in enumerate(sorted({value for value in values if value is not None}))}
    return np.array(
        [len(names) + row if value is None else names[value] for row, value in enumerate(values)], dtype=np.int64
    )
