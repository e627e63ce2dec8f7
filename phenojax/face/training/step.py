"""One step of training, compiled once for a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import linen
from jax import Array

from phenojax.face.encoders.encoder import encode
from phenojax.face.training.augmentation import augment
from phenojax.face.training.config import Loss, TrainingConfig
from phenojax.face.training.losses import LossValue, arcface, batch_hard_triplet, unit_length
from phenojax.face.training.optimiser import HEAD, TRUNK, make_optimiser
from phenojax.face.weights.card import Preprocessing

Weights = dict[str, Any]


class TrainState(NamedTuple):
    """All that a step changes; what a checkpoint holds.

    Attributes:
        step: int32, steps done.
        params: float32: ``trunk``, the encoder's blocks that are trained, and with ArcFace ``head``, class centres
            (c, d).
        optimiser: state of the optax chain.
        key: uint32 (2,), data of the `jax.random` key from which each step's is folded.
    """

    step: Array
    params: Weights
    optimiser: Any
    key: Array


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        chips: uint8 (b, s, s, 3), RGB.
        labels: int32 (b,).
        weights: float32 (b,); 0 for padding.
    """

    chips: Array
    labels: Array
    weights: Array


class Metrics(NamedTuple):
    """Scalars of one step, before its update: the loss, the share of faces that are right, the gradient's length."""

    loss: Array
    accuracy: Array
    gradient_norm: Array


@dataclass(frozen=True)
class Plan:
    """What of a run is fixed when its step is compiled.

    Attributes:
        module: the network.
        preprocessing: of its chips.
        config: of the run, without what no step depends on (`compiled_config`).
        normalised: whether triplets compare vectors of length 1.
        total_steps: of the whole run.
    """

    module: linen.Module
    preprocessing: Preprocessing
    config: TrainingConfig
    normalised: bool
    total_steps: int


def compiled_config(config: TrainingConfig) -> TrainingConfig:
    """The settings that a compiled step depends on; the others at one value, so that runs share the program."""
    return replace(
        config, epochs=1, steps=None, validation=0.0, checkpoint_every=1, keep_checkpoints=1, seed=0, class_balance=0.0
    )


def start_state(plan: Plan, trunk: Weights, centres: Array | None, seed: int) -> TrainState:
    """The state before the first step, in buffers of its own."""
    params: Weights = {TRUNK: trunk} if centres is None else {TRUNK: trunk, HEAD: centres}
    params = jax.tree.map(lambda leaf: jnp.array(leaf, dtype=jnp.float32, copy=True), params)
    key = jax.random.key_data(jax.random.key(seed))
    return TrainState(jnp.int32(0), params, make_optimiser(plan.config, plan.total_steps).init(params), key)


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def train_step(plan: Plan, state: TrainState, frozen: Weights, batch: Batch) -> tuple[TrainState, Metrics]:
    """Make one step; the buffers of `state` are used up.

    Args:
        plan: static.
        state: of the run.
        frozen: the blocks of the encoder that are not trained.
        batch: what the step sees.
    """
    config = plan.config
    key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)
    chips = augment(key, batch.chips, config.augmentation)

    def loss(params: Weights) -> tuple[Array, LossValue]:
        trunk = {**frozen, **params[TRUNK]}
        vectors = encode(plan.module, plan.preprocessing, trunk, chips, config.precision.value)
        if config.loss is Loss.ARCFACE:
            options = {"scale": config.scale, "margin": config.margin_of_loss}
            value = arcface(vectors, params[HEAD], batch.labels, batch.weights, **options)
        else:
            compared = unit_length(vectors) if plan.normalised else vectors
            value = batch_hard_triplet(
                compared, batch.labels, batch.weights, margin=config.margin_of_loss, squared=config.squared
            )
        return value.loss, value

    gradients, value = jax.grad(loss, has_aux=True)(state.params)
    updates, optimiser = make_optimiser(config, plan.total_steps).update(gradients, state.optimiser, state.params)
    params = optax.apply_updates(state.params, updates)
    done = TrainState(state.step + 1, params, optimiser, state.key)
    return done, Metrics(value.loss, value.accuracy, _length(gradients))


def _length(tree: Weights) -> Array:
    squares = [jnp.sum(leaf * leaf) for leaf in jax.tree.leaves(tree)]
    return jnp.sqrt(jnp.sum(jnp.stack(squares)))
