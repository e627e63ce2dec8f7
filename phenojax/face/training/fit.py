"""Fine-tuning: the loop around the compiled step."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from phenojax.errors import ConfigError, TrainingError
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.encoders.ensemble import Ensemble
from phenojax.face.training.batches import Epoch, batch_shape, epoch_batches
from phenojax.face.training.blocks import parted, weights_sha256
from phenojax.face.training.checkpoint import Checkpoints, RunIdentity
from phenojax.face.training.config import CentreStart, Loss, TrainingConfig
from phenojax.face.training.evaluation import Validation, class_means, comparable, embed_chips, validate
from phenojax.face.training.faces import TrainingFaces, training_faces
from phenojax.face.training.history import History, HistoryRow, Progress
from phenojax.face.training.losses import class_weights
from phenojax.face.training.optimiser import HEAD, TRUNK
from phenojax.face.training.step import (
    Batch,
    Metrics,
    Plan,
    TrainState,
    compiled_config,
    start_state,
    train_step,
)
from phenojax.face.weights.card import Distance


@dataclass(frozen=True)
class TrainingResult:
    """A finished run.

    Attributes:
        encoder: with the new weights; its card is still the parent's (`export.save_tuned` writes the new one).
        parent_sha256: of the weights that the run started from.
        config: of the run.
        distance: how embeddings of the new encoder are compared.
        classes: labels, sorted; `centres` are in this order.
        centres: ArcFace's class centres, float32 (c, d); None for triplets.
        n_training: faces trained on.
        before: validation of the encoder as it was; None without held-out faces.
        after: validation of the new one.
        history: of every step.
    """

    encoder: Encoder
    parent_sha256: str
    config: TrainingConfig
    distance: Distance
    classes: tuple[str, ...]
    centres: NDArray[np.float32] | None
    n_training: int
    before: Validation | None
    after: Validation | None
    history: History


def fine_tune(
    encoder: Encoder,
    chips: NDArray[np.uint8],
    labels: Sequence[str],
    config: TrainingConfig | None = None,
    *,
    groups: Sequence[str | None] | None = None,
    checkpoints: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> TrainingResult:
    """Train an encoder further on labelled faces.

    The same seed, faces and settings give the same weights, bit by bit, on one kind of device with one number of
    threads, whether the run was interrupted and resumed or not.

    Args:
        encoder: to start from; it is left as it is. Normalisations folded into its weights stay folded: they are
            trained as plain scales and shifts, without batch statistics.
        chips: aligned faces, uint8 (n, s, s, 3), RGB, with the encoder's own side.
        labels: n class names.
        config: default `TrainingConfig()`.
        groups: n names of what must not stand on both sides of the validation (individual, publication); None for a
            face of its own. Equal chips always stay together.
        checkpoints: folder; a run that is found there is continued. Default: none are written.
        progress: called as ``progress(row, total_steps)`` once for each step, in order.

    Returns:
        The new encoder, its history, and the validation before and after.

    Raises:
        ConfigError: an ensemble, faces and labels that cannot be trained on, or checkpoints of another run.
        TrainingError: a loss or gradient that is not finite; the last checkpoint is good.
        MissingExtraError: a package of ``phenojax[faces]`` is absent.
    """
    if isinstance(encoder.module, Ensemble):
        raise ConfigError(f"{encoder.card.name} is an ensemble, which is not trained as one; train a single network")
    config = TrainingConfig() if config is None else config
    faces = training_faces(chips, labels, groups, encoder.preprocessing, config)
    run = _Run(encoder, faces, config)
    identity = RunIdentity(config, encoder.card, weights_sha256(encoder.params), faces.sha256())
    folder = None if checkpoints is None else Checkpoints(Path(checkpoints), identity, config.keep_checkpoints)
    state, history = run.start(folder)
    state, history = run.train(state, history, folder, progress)
    head = state.params.get(HEAD)
    return TrainingResult(
        encoder=run.encoder_of(state),
        parent_sha256=identity.encoder_sha256,
        config=config,
        distance=run.distance,
        classes=faces.classes,
        centres=None if head is None else np.asarray(head),
        n_training=int((~faces.held).sum()),
        before=history[0].validation,
        after=history[-1].validation,
        history=history,
    )


class _Run:
    """One run's fixed parts. Its methods take and give states; nothing in it changes."""

    def __init__(self, encoder: Encoder, faces: TrainingFaces, config: TrainingConfig) -> None:
        self.encoder, self.faces, self.config = encoder, faces, config
        card = encoder.card
        # ArcFace trains directions alone; triplets train what the encoder's vectors are compared by already.
        arcface = config.loss is Loss.ARCFACE
        self.distance = Distance.COSINE if arcface or card.distance is None else card.distance
        self.rows = np.flatnonzero(~faces.held)
        self.labels = faces.labels[self.rows]
        self.steps_per_epoch, _ = batch_shape(self.labels, config)
        self.total_steps = config.steps or config.epochs * self.steps_per_epoch
        self.plan = Plan(
            encoder.module,
            encoder.preprocessing,
            compiled_config(config),
            self.distance is Distance.COSINE,
            self.total_steps,
        )
        counts = np.bincount(self.labels, minlength=len(faces.classes))
        self.weights = np.asarray(class_weights(jnp.asarray(counts), config.class_balance if arcface else 0.0))
        self.frozen, self.trunk = parted(encoder, config.trained_blocks)

    def start(self, folder: Checkpoints | None) -> tuple[TrainState, History]:
        """The state of the last checkpoint, or the first of all."""
        shape = (len(self.faces.classes), self.encoder.card.width)
        arcface = self.config.loss is Loss.ARCFACE
        if folder is not None:
            like = start_state(self.plan, self.trunk, jnp.zeros(shape) if arcface else None, self.config.seed)
            if (found := folder.restore(like)) is not None:
                return found
        vectors = self._vectors(self.encoder)
        centres: Array | None = None
        if arcface and self.config.centres is CentreStart.MEANS:
            unit = comparable(vectors[self.rows], Distance.COSINE)
            centres = jnp.asarray(comparable(class_means(unit, self.labels, shape[0]), Distance.COSINE))
        elif arcface:
            centres = jax.random.normal(jax.random.fold_in(jax.random.key(self.config.seed), 1), shape)
            centres = centres / math.sqrt(shape[1])
        history = (HistoryRow(0, 0).with_validation(self._validation(vectors)),)
        return start_state(self.plan, self.trunk, centres, self.config.seed), history

    def train(
        self, state: TrainState, history: History, folder: Checkpoints | None, progress: Progress | None
    ) -> tuple[TrainState, History]:
        """All steps that are left."""
        rows = list(history)
        epoch: Epoch | None = None
        waiting: tuple[int, Metrics] | None = None  # read one step late, while the device works on the next
        for step in range(rows[-1].step, self.total_steps):
            number, place = divmod(step, self.steps_per_epoch)
            if epoch is None or place == 0:
                epoch = epoch_batches(self.labels, self.config, number)
            state, metrics = train_step(self.plan, state, self.frozen, self._batch(epoch, place))
            if waiting is not None:
                rows.append(self._row(*waiting, folder))
                self._tell(rows[-1], progress)
            waiting = (step, metrics)
            if (step + 1) % self.config.checkpoint_every == 0 or step + 1 == self.total_steps:
                row = self._row(*waiting, folder)
                rows.append(row.with_validation(self._validation(self._vectors(self.encoder_of(state)))))
                waiting = None
                if folder is not None:
                    folder.save(state, tuple(rows))
                self._tell(rows[-1], progress)
        return state, tuple(rows)

    def encoder_of(self, state: TrainState) -> Encoder:
        """The encoder with the weights of a state, in buffers of their own: the next step uses up the state's."""
        trained = jax.tree.map(lambda leaf: jnp.array(leaf, copy=True), state.params[TRUNK])
        return replace(self.encoder, params={**self.frozen, **trained})

    def _batch(self, epoch: Epoch, place: int) -> Batch:
        rows, used = epoch.rows[place], epoch.used[place]
        labels = self.labels[rows]
        weights = np.where(used, self.weights[labels], 0.0).astype(np.float32)
        return Batch(*(jnp.asarray(part) for part in (self.faces.chips[self.rows[rows]], labels, weights)))

    def _row(self, step: int, metrics: Metrics, folder: Checkpoints | None) -> HistoryRow:
        loss, accuracy, norm = (float(value) for value in metrics)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            kept = folder.steps() if folder is not None else ()
            where = f"the checkpoint of step {kept[-1]} is good" if kept else "no checkpoint was written before"
            raise TrainingError(
                f"step {step + 1}: loss {loss}, length of the gradient {norm}: the run does not converge; {where}. "
                "Lower the learning rates (learning_rate, centre_rate), clip_norm or scale, or use float32"
            )
        return HistoryRow(step + 1, step // self.steps_per_epoch, loss, accuracy, norm)

    def _tell(self, row: HistoryRow, progress: Progress | None) -> None:
        if progress is not None:
            progress(row, self.total_steps)

    def _vectors(self, encoder: Encoder) -> NDArray[np.float32]:
        return embed_chips(encoder, self.faces.chips)

    def _validation(self, vectors: NDArray[np.float32]) -> Validation | None:
        held = self.faces.held
        if not held.any():
            return None
        compared = comparable(vectors, self.distance)
        centres = class_means(compared[self.rows], self.labels, len(self.faces.classes))
        return validate(
            compared[held], self.faces.labels[held], self.faces.groups[held], comparable(centres, self.distance)
        )
