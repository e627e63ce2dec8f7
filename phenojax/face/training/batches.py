"""Which faces each step sees: a pure function of labels, settings, seed and epoch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.face.training.config import Loss, TrainingConfig
from phenojax.stats.random import stream


class Epoch(NamedTuple):
    """The batches of one epoch.

    Attributes:
        rows: int64 (steps, b): which faces; a padded place repeats the first one.
        used: bool (steps, b): False where a place is padding.
    """

    rows: NDArray[np.int64]
    used: NDArray[np.bool_]


def batch_shape(labels: NDArray[np.int32], config: TrainingConfig) -> tuple[int, int]:
    """Steps per epoch, and faces per step, for these training faces."""
    n = len(labels)
    if config.loss is Loss.TRIPLET:
        classes = min(config.classes_per_batch, len(np.unique(labels)))
        size = classes * config.faces_per_class
    else:
        size = min(config.batch_size, n)
    return math.ceil(n / size), size


def epoch_batches(labels: NDArray[np.int32], config: TrainingConfig, epoch: int) -> Epoch:
    """The order of one epoch.

    ArcFace sees every face once, shuffled; the last batch is padded. Triplets see batches of P classes and K faces of
    each, always those that were seen least so far, ties drawn at random; a class with fewer than K is repeated.

    Args:
        labels: int32 (n,), the class of each training face.
        config: of the run; its seed decides.
        epoch: from 0.
    """
    random = stream(config.seed, "batches", str(epoch))
    steps, size = batch_shape(labels, config)
    if config.loss is Loss.TRIPLET:
        rows = _classes_times_faces(labels, steps, size // config.faces_per_class, config.faces_per_class, random)
        return Epoch(rows, np.ones_like(rows, dtype=np.bool_))
    order = random.permutation(len(labels)).astype(np.int64)
    rows, used = np.full(steps * size, order[0]), np.zeros(steps * size, dtype=np.bool_)
    rows[: len(order)], used[: len(order)] = order, True
    return Epoch(rows.reshape(steps, size), used.reshape(steps, size))


def _classes_times_faces(
    labels: NDArray[np.int32], steps: int, n_classes: int, n_faces: int, random: np.random.Generator
) -> NDArray[np.int64]:
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    class_seen = np.zeros(len(members), dtype=np.int64)
    face_seen = np.zeros(len(labels), dtype=np.int64)
    batches = []
    for _ in range(steps):
        batch: list[NDArray[np.int64]] = []
        for chosen in _least_seen(class_seen, n_classes, random):
            faces = members[chosen]
            batch.append(np.resize(faces[_least_seen(face_seen[faces], n_faces, random)], n_faces))
            class_seen[chosen] += 1
            face_seen[np.unique(batch[-1])] += 1
        batches.append(np.concatenate(batch))
    return np.stack(batches)


def _least_seen(seen: NDArray[np.int64], n: int, random: np.random.Generator) -> NDArray[np.intp]:
    return np.lexsort((random.random(len(seen)), seen))[:n]
