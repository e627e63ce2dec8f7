"""What a user may set, checked once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from phenojax.errors import ConfigError
from phenojax.fusion import Classifier


class Modality(StrEnum):
    """What of an individual is looked at.

    Attributes:
        AUTO: a row each for all of the others that the cohort supports.
        HPO: its terms.
        FACE: its face, through embeddings.
        BOTH: whichever of the two it has.
    """

    AUTO = "auto"
    HPO = "hpo"
    FACE = "face"
    BOTH = "both"


class Controls(StrEnum):
    """Who of the individuals that may be controls is one."""

    MATCHED = "matched"
    ALL = "all"


@dataclass(frozen=True)
class ScreenConfig:
    """The settings of a screen or a comparison.

    Attributes:
        modality: ``hpo``, ``face``, ``both``, or ``auto``: whatever the cohort and the embeddings have.
        classifier: ``ensemble``, or ``kernel`` or ``prototype``, its two parts; ``phenoscore``, PhenoScore's procedure.
        min_cases: genes with fewer cases are listed, not tested; at least 2.
        group: column that may confound and is kept whole in folds and permutations; None for an ungrouped test.
        permutations: how many relabellings are drawn, at most; at least 1. Where there are few, all are taken.
        sequential: stop drawing where enough relabellings do as well as the observed one.
        folds: largest number of cross-validation folds; at least 2.
        covariates: what controls are matched on: ``terms`` (their number), ``sex``, ``age``, ``group_size`` (how many
            individuals the group has), ``photograph`` (whether there is one), ``photo_quality`` and any column; none:
            controls are drawn at random, by whole groups.
        stratify: labels are swapped inside strata of these only; numbers are cut into thirds.
        controls: ``matched``, or ``all``: everybody who may be one, each beside the case it is nearest to.
        controls_per_case: how many matched controls are sought for each case.
        min_controls: at least this many controls are sought.
        control_draws: so many draws of controls make one sample; there is one AUC and one p-value for all of them.
        max_individuals: a gene's cases and controls together; the number of controls per case shrinks to fit (to 1).
        seed: of every random stream.
        ic: information content, as in `phenojax.similarity`; ``auto`` is ``gene`` where the release knows genes, and
            ``omim`` elsewhere.
        combine: set similarity, as in `phenojax.similarity`; ``phenoscore`` alone looks at it.
        exclude_terms: these terms and their descendants are left out.
        on_unknown: ``warn`` or ``error`` for term ids that the release does not know.
        threads: native threads; None for all.
        save_models: fit a model of every gene that is tested, to score new individuals with.
    """

    modality: Modality = Modality.AUTO
    classifier: Classifier = Classifier.ENSEMBLE
    min_cases: int = 5
    group: str | None = "group"
    permutations: int = 1000
    sequential: bool = False
    folds: int = 10
    covariates: tuple[str, ...] = ("terms", "sex", "age", "group_size")
    stratify: tuple[str, ...] = ()
    controls: Controls = Controls.MATCHED
    controls_per_case: int = 4
    min_controls: int = 100
    control_draws: int = 1
    max_individuals: int = 1000
    seed: int = 0
    ic: str = "auto"
    combine: str = "bma"
    exclude_terms: tuple[str, ...] = ()
    on_unknown: Literal["warn", "error"] = "warn"
    threads: int | None = None
    save_models: bool = True

    def __post_init__(self) -> None:
        for name, lowest in (
            ("min_cases", 2),
            ("permutations", 1),
            ("folds", 2),
            ("controls_per_case", 1),
            ("min_controls", 2),
            ("control_draws", 1),
            ("max_individuals", 16),
            ("seed", 0),
        ):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
                raise ConfigError(f"{name} must be a whole number of at least {lowest}, not {value!r}")
        for name in ("sequential", "save_models"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} must be True or False, not {getattr(self, name)!r}")
        if self.folds > 100:
            raise ConfigError(f"folds must be at most 100, not {self.folds}")
        if self.threads is not None and (not isinstance(self.threads, int) or self.threads < 1):
            raise ConfigError(f"threads must be a positive whole number or None, not {self.threads!r}")
        for name, kind in (("modality", Modality), ("classifier", Classifier), ("controls", Controls)):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, kind(value))
            except ValueError:
                choices = ", ".join(kind)
                raise ConfigError(f"{name} must be one of {choices}; not {value!r}") from None
        object.__setattr__(self, "exclude_terms", tuple(self.exclude_terms))
        for name in ("covariates", "stratify"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for run.json."""
        return asdict(self)


def _names(setting: str, value: object) -> tuple[str, ...]:
    """Names, each once: from a list of them, or from text with commas between them; None and "none" are no name."""
    if value is None or (isinstance(value, str) and value.strip().lower() in ("", "none")):
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) and part.strip() for part in parts):
        raise ConfigError(f"{setting} must be names, such as ('terms', 'sex'), or none; not {value!r}")
    return tuple(dict.fromkeys(part.strip() for part in parts))
