"""What a user may set of a scoring, checked once."""

from __future__ import annotations

from dataclasses import dataclass

from phenojax.errors import ConfigError


@dataclass(frozen=True)
class ScoreConfig:
    """The settings of `score`.

    Attributes:
        max_q: a model with a larger q-value, or without one, abstains; 1 lets every tested gene speak.
        min_cases: a model that was fitted on fewer cases abstains; at least 2.
        level: of the intervals, between 0 and 1.
        top: the rows of each individual that are kept: those with the largest probabilities; None for all.
        training_scores: individuals that a model learnt from get the score that they have from the others of its
            sample, their own group left out; otherwise the model abstains.
    """

    max_q: float = 0.05
    min_cases: int = 5
    level: float = 0.95
    top: int | None = None
    training_scores: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.max_q, int | float) or not 0 <= self.max_q <= 1:
            raise ConfigError(f"max_q must be a number from 0 to 1, not {self.max_q!r}")
        if not isinstance(self.level, int | float) or not 0 < self.level < 1:
            raise ConfigError(f"level must be a number between 0 and 1, not {self.level!r}")
        for name, value, lowest in (("min_cases", self.min_cases, 2), ("top", self.top, 1)):
            if name == "top" and value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
                raise ConfigError(f"{name} must be a whole number of at least {lowest}, not {value!r}")
        if not isinstance(self.training_scores, bool):
            raise ConfigError(f"training_scores must be True or False, not {self.training_scores!r}")
