"""A fine-tuned encoder as a model with a name: its weights, and a card that says what it came from."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import phenojax
from phenojax.face.encoders.model import save_model
from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.evaluation import Validation
from phenojax.face.training.fit import TrainingResult
from phenojax.face.weights.card import ModelCard
from phenojax.face.weights.store import StoredModel


def tuned_card(result: TrainingResult, name: str) -> ModelCard:
    """The card of a fine-tuned encoder.

    Architecture, preprocessing, width and licence are the parent's, with their limits: what may not be used
    commercially stays so, and what may be is "not stated" now, because that depends on the new faces too. The parent's
    threshold and its accuracy on LFW are dropped: they do not hold for other weights.

    Args:
        result: of `fine_tune`.
        name: of the new model.
    """
    parent, n_classes = result.encoder.card, len(result.classes)
    file = f"its file {parent.files[0].name}" if parent.files else "its parameters"
    sha256 = parent.files[0].sha256 if parent.files else result.parent_sha256
    notes = (
        f"{_how(result.config)}. {_outcome(result.before, result.after)} Thresholds and accuracies that are known of "
        f"{parent.name} do not hold for it. A network may remember the faces that it was trained on: share this file "
        "only where these photographs could be shared."
    )
    return replace(
        parent,
        name=name,
        source=f"fine-tuned with phenojax {phenojax.__version__} from {parent.name}: {parent.source}; "
        f"SHA-256 of {file}: {sha256}",
        files=(),
        licence_weights=f"no more than that of {parent.name} allows, and than was agreed for the new faces; "
        f"{parent.name}: {parent.licence_weights}",
        training_data=f"{result.n_training:,} faces in {n_classes:,} classes, given by whoever fine-tuned it, on top "
        f"of those of {parent.name}: {parent.training_data}",
        commercial_use=False if parent.commercial_use is False else None,
        distance=result.distance,
        threshold=None,
        lfw_claimed=None,
        notes=notes,
    )


def save_tuned(result: TrainingResult, path: Path) -> StoredModel:
    """Write a fine-tuned encoder; `phenojax.face.encoders.model.load_model` reads it by its name or path.

    Args:
        result: of `fine_tune`.
        path: ``NAME.safetensors``; NAME becomes the model's.

    Raises:
        MissingExtraError: safetensors is not installed.
        WeightsError: the weights are not those of the architecture, or the folder cannot be written.
    """
    parent = result.encoder.card
    tuned = replace(result.encoder, card=tuned_card(result, path.stem))
    return save_model(tuned, path, parent.files)


def _how(config: TrainingConfig) -> str:
    blocks = {None: "all blocks", 0: "no block", 1: "the last block"}
    trained = blocks.get(config.trained_blocks, f"the last {config.trained_blocks} blocks")
    length = f"{config.epochs} epochs" if config.steps is None else f"{config.steps} steps"
    return f"Loss {config.loss}, {length}, {trained} trained, {config.precision}, seed {config.seed}"


def _outcome(before: Validation | None, after: Validation | None) -> str:
    if before is None or after is None:
        return "No faces were held out."
    if math.isnan(after.auc):
        return f"Among {after.n:,} faces held out no two of different groups are of one class, so that no AUC is known."
    return (
        f"Of {after.n:,} faces held out, pairs of one class are nearer than pairs of two with a chance of "
        f"{before.auc:.3f} before and {after.auc:.3f} after."
    )
