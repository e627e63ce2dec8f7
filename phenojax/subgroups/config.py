"""What a user may set of `discover`, checked once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from phenojax.errors import ConfigError
from phenojax.screen.config import Modality


class Linkage(StrEnum):
    """How far apart two clusters are, as in `phenojax.linkage`; those that mean something for any distances here."""

    WARD = "ward"
    AVERAGE = "average"
    COMPLETE = "complete"


@dataclass(frozen=True)
class DiscoverConfig:
    """The settings of a search for subgroups.

    Attributes:
        modality: ``hpo``, ``face``, ``both`` (each counts the same), or ``auto``: terms, and faces too where there are
            embeddings.
        k: this many subgroups; None to look at 2 to `max_k` and choose.
        max_k: the most subgroups that are looked at; fewer where there are fewer than three individuals for each.
        level: at or below this p the gene is divided; above it, it is one group (unless `k` is given).
        linkage: ``ward``, ``average`` or ``complete``.
        group: column that may confound and is kept whole in the null sets and in resampling; None for none.
        keep_systems: in null sets each publication keeps how many of the terms it mentions belong to each organ system
            (child of HP:0000118), so that publications that looked at the same systems stay alike. False takes this to
            be part of the phenotype; without groups it always is.
        permutations: null sets that are clustered.
        resamples: samples of the groups that stability is measured on.
        min_individuals: with fewer there is an error; at least 6.
        max_individuals: of more, so many are drawn at random.
        seed: of every random stream.
        ic: information content, as for a screen.
        exclude_terms: these terms and their descendants are left out.
        on_unknown: ``warn`` or ``error`` for term ids that the release does not know.
        threads: native threads; None for all.
    """

    modality: Modality = Modality.AUTO
    k: int | None = None
    max_k: int = 5
    level: float = 0.05
    linkage: Linkage = Linkage.WARD
    group: str | None = "group"
    keep_systems: bool = True
    permutations: int = 1000
    resamples: int = 200
    min_individuals: int = 10
    max_individuals: int = 500
    seed: int = 0
    ic: str = "auto"
    exclude_terms: tuple[str, ...] = ()
    on_unknown: Literal["warn", "error"] = "warn"
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, lowest in (
            ("max_k", 2),
            ("permutations", 19),
            ("resamples", 10),
            ("min_individuals", 6),
            ("max_individuals", 6),
            ("seed", 0),
        ):
            _whole(name, getattr(self, name), lowest)
        if self.k is not None:
            _whole("k", self.k, 2)
        if self.threads is not None:
            _whole("threads", self.threads, 1)
        if isinstance(self.level, bool) or not isinstance(self.level, int | float) or not 0 < self.level < 1:
            raise ConfigError(f"level must be a number between 0 and 1, not {self.level!r}")
        if not isinstance(self.keep_systems, bool):
            raise ConfigError(f"keep_systems must be True or False, not {self.keep_systems!r}")
        if self.on_unknown not in ("warn", "error"):
            raise ConfigError(f"on_unknown must be 'warn' or 'error', not {self.on_unknown!r}")
        for name, kind in (("modality", Modality), ("linkage", Linkage)):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, kind(value))
            except ValueError:
                raise ConfigError(f"{name} must be one of {', '.join(kind)}; not {value!r}") from None
        object.__setattr__(self, "exclude_terms", tuple(self.exclude_terms))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for run.json."""
        return asdict(self)


def _whole(name: str, value: object, lowest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
        raise ConfigError(f"{name} must be a whole number of at least {lowest}, not {value!r}")
