"""Labelled chips, checked: the edge of the training code."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import ConfigError
from phenojax.face.training.config import Loss, TrainingConfig
from phenojax.face.training.split import digests, held_out, joined_groups
from phenojax.face.weights.card import Preprocessing


@dataclass(frozen=True)
class TrainingFaces:
    """Faces of one run.

    Attributes:
        chips: uint8 (n, s, s, 3).
        labels: int32 (n,), into `classes`.
        groups: int32 (n,), what stays together.
        held: bool (n,), True for validation.
        classes: sorted names.
    """

    chips: NDArray[np.uint8]
    labels: NDArray[np.int32]
    groups: NDArray[np.int32]
    held: NDArray[np.bool_]
    classes: tuple[str, ...]

    def sha256(self) -> str:
        """Of all that training depends on."""
        digest = hashlib.sha256("\x1f".join(self.classes).encode())
        for array in (self.chips, self.labels, self.groups, self.held):
            digest.update(f"{array.dtype} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def training_faces(
    chips: NDArray[np.uint8],
    labels: Sequence[str],
    groups: Sequence[str | None] | None,
    preprocessing: Preprocessing,
    config: TrainingConfig,
) -> TrainingFaces:
    """Check faces against the encoder and the loss, and hold some out.

    Raises:
        ConfigError: another shape or type of chips, labels or groups of another length or empty, one class only, or
            for triplets a class with one face.
    """
    side = preprocessing.input_size
    array = np.asarray(chips)
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[1:] != (side, side, 3):
        raise ConfigError(
            f"chips must be uint8 of shape (n, {side}, {side}, 3), the aligned faces of this encoder "
            f"({preprocessing.template}), not {array.dtype} {array.shape}"
        )
    for name, values in (("labels", labels), ("groups", groups)):
        if values is not None and len(values) != len(array):
            raise ConfigError(f"{name} must be one per chip: {len(array)} chips, {len(values)} {name}")
    for row, label in enumerate(labels):
        if not isinstance(label, str) or not label:
            raise ConfigError(f"labels must be names, not {label!r} (at {row})")
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        found = f"all {len(array)} faces are of {classes[0]!r}" if classes else "there are no faces"
        raise ConfigError(f"training needs at least two classes; {found}")
    whole = joined_groups(len(array), digests(array), groups if groups is not None else ())
    number = {label: i for i, label in enumerate(classes)}
    indices = np.array([number[label] for label in labels], dtype=np.int32)
    least = 2 if config.loss is Loss.TRIPLET else 1
    short = sorted(label for label, count in Counter(labels).items() if count < least)
    if short:
        raise ConfigError(
            f"triplets need at least two faces of each class; one only: {', '.join(short[:10])}"
            f"{' ...' if len(short) > 10 else ''}. Leave these out, or use the loss arcface"
        )
    held = held_out(indices, whole, config, least)
    return TrainingFaces(np.ascontiguousarray(array), indices, whole, held, classes)
