"""What may be set of a training run, checked once; hashable, so that it is static in a compiled program."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from phenojax.errors import ConfigError


class Loss(StrEnum):
    """What is minimised; `phenojax.face.training.losses`."""

    ARCFACE = "arcface"
    TRIPLET = "triplet"


class Optimiser(StrEnum):
    """The rule that makes steps of gradients (optax)."""

    ADAMW = "adamw"
    SGD = "sgd"


class Precision(StrEnum):
    """The arithmetic of the network; weights, losses and the optimiser are float32 with both."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class CentreStart(StrEnum):
    """What ArcFace's class centres are before the first step: the classes' mean embeddings, or random directions."""

    MEANS = "means"
    RANDOM = "random"


@dataclass(frozen=True)
class Augmentation:
    """How a chip is varied each time it is used; 0 everywhere for none.

    Attributes:
        flip: probability of a mirror image, [0, 1].
        brightness: largest amount that is added or taken, as a share of the range of a pixel, [0, 1].
        contrast: largest relative change of the differences to the chip's mean colour, [0, 1).
        crop: largest share of the side that is cut away, from anywhere, before the rest is enlarged again, [0, 0.5].
    """

    flip: float = 0.5
    brightness: float = 0.1
    contrast: float = 0.1
    crop: float = 0.06

    def __post_init__(self) -> None:
        for name, highest in (("flip", 1.0), ("brightness", 1.0), ("contrast", 0.99), ("crop", 0.5)):
            _check_number(self, name, 0.0, highest)


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of `fine_tune`. Rates and counts are per step of one batch.

    Attributes:
        loss: ``arcface`` or ``triplet``.
        scale: ArcFace's s.
        margin: ArcFace's m, radians; the triplets' margin, in units of distance. None: 0.5 and 0.2.
        squared: whether triplets compare squared distances.
        centres: ArcFace's class centres at the start, ``means`` or ``random``.
        class_balance: 0 weighs all faces alike, 1 all classes; between them the effective number of faces
            (`losses.class_weights`; 0.99 is usual for few). Triplets draw classes evenly in any case.
        epochs: how often every face is seen.
        steps: if given, how many steps instead of `epochs`.
        batch_size: faces per step of ArcFace; the last batch of an epoch is padded with faces that weigh nothing.
        classes_per_batch: of triplets (P); fewer where there are fewer.
        faces_per_class: of triplets (K); a class with fewer is repeated, in other variations.
        optimiser: ``adamw`` or ``sgd`` (with momentum 0.9).
        learning_rate: highest learning rate of the encoder.
        centre_rate: highest learning rate of the class centres.
        warmup: share of the steps in which the rates rise to their highest; then they fall as a cosine.
        final_rate: what the rates end with, as a share of the highest.
        weight_decay: AdamW's, and SGD's, on what has two or more axes; biases are left alone.
        clip_norm: gradients longer than this are shortened to it.
        trained_blocks: how many of the encoder's last blocks are trained; None for all, 0 for the centres alone.
        precision: arithmetic of the network, ``float32`` or ``bfloat16``.
        augmentation: how chips are varied.
        validation: share of the faces held out, in whole groups; 0 for none.
        checkpoint_every: steps between checkpoints.
        keep_checkpoints: how many are kept.
        seed: of order, variation and split.
    """

    loss: Loss = Loss.ARCFACE
    scale: float = 64.0
    margin: float | None = None
    squared: bool = False
    centres: CentreStart = CentreStart.MEANS
    class_balance: float = 0.0
    epochs: int = 20
    steps: int | None = None
    batch_size: int = 32
    classes_per_batch: int = 8
    faces_per_class: int = 4
    optimiser: Optimiser = Optimiser.ADAMW
    learning_rate: float = 1e-4
    centre_rate: float = 1e-3
    warmup: float = 0.1
    final_rate: float = 0.01
    weight_decay: float = 1e-4
    clip_norm: float = 5.0
    trained_blocks: int | None = None
    precision: Precision = Precision.FLOAT32
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation: float = 0.2
    checkpoint_every: int = 100
    keep_checkpoints: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for name, kind in (
            ("loss", Loss),
            ("centres", CentreStart),
            ("optimiser", Optimiser),
            ("precision", Precision),
        ):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, kind(value))
            except ValueError:
                raise ConfigError(f"{name} must be one of {', '.join(kind)}; not {value!r}") from None
        for name, lowest in _WHOLE_NUMBERS:
            value = getattr(self, name)
            if value is None and name in ("steps", "trained_blocks"):
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
                raise ConfigError(f"{name} must be a whole number of at least {lowest}, not {value!r}")
        for name, low, high in _NUMBERS:
            _check_number(self, name, low, high)
        if self.margin is not None:
            _check_number(self, "margin", 0.0, math.pi / 2 - 0.01 if self.loss is Loss.ARCFACE else math.inf)
        if not isinstance(self.augmentation, Augmentation):
            raise ConfigError(f"augmentation must be an Augmentation, not {self.augmentation!r}")
        if self.loss is Loss.TRIPLET and self.trained_blocks == 0:
            raise ConfigError("trained_blocks=0 leaves triplets nothing to train; use at least 1, or None for all")

    @property
    def margin_of_loss(self) -> float:
        """The margin given, or the loss's own."""
        if self.margin is not None:
            return self.margin
        return 0.5 if self.loss is Loss.ARCFACE else 0.2

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainingConfig:
        """Read what `to_dict` gave.

        Raises:
            ConfigError: an unknown setting, or a value out of its range.
        """
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ConfigError(f"unknown training settings: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        given = dict(values)
        if isinstance(given.get("augmentation"), dict):
            try:
                given["augmentation"] = Augmentation(**given["augmentation"])
            except TypeError as error:
                raise ConfigError(f"augmentation: {error}") from None
        return cls(**given)


_WHOLE_NUMBERS = (
    ("epochs", 1),
    ("steps", 1),
    ("batch_size", 1),
    ("classes_per_batch", 2),
    ("faces_per_class", 2),
    ("trained_blocks", 0),
    ("checkpoint_every", 1),
    ("keep_checkpoints", 1),
    ("seed", 0),
)
_NUMBERS = (
    ("scale", 1e-3, 1e6),
    ("class_balance", 0.0, 1.0),
    ("learning_rate", 0.0, 1e3),
    ("centre_rate", 0.0, 1e3),
    ("warmup", 0.0, 1.0),
    ("final_rate", 0.0, 1.0),
    ("weight_decay", 0.0, 1e3),
    ("clip_norm", 1e-9, math.inf),
    ("validation", 0.0, 0.9),
)


def _check_number(config: object, name: str, low: float, high: float) -> None:
    value = getattr(config, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"{name} must be from {low:g} to {high:g}, not {value!r}")
    object.__setattr__(config, name, float(value))
