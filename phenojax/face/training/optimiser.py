"""From gradients to steps: optax chains, one rate for the encoder and one for the class centres."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from phenojax.face.training.config import Optimiser, TrainingConfig

TRUNK = "trunk"
HEAD = "head"


def learning_rate(config: TrainingConfig, highest: float, total_steps: int) -> optax.Schedule:
    """Rate of each step, from 0: a straight rise over the warm-up, then half a cosine down to the final rate."""
    warm = min(round(config.warmup * total_steps), total_steps - 1)
    return optax.warmup_cosine_decay_schedule(
        init_value=highest / (warm + 1),  # 0 would waste the first step
        peak_value=highest,
        warmup_steps=warm,
        decay_steps=total_steps,
        end_value=highest * config.final_rate,
    )


def make_optimiser(config: TrainingConfig, total_steps: int) -> optax.GradientTransformation:
    """The transformation of the gradients of ``{"trunk": ..., "head": ...}``."""
    rates = {TRUNK: config.learning_rate, HEAD: config.centre_rate}
    rules = {name: _rule(config, learning_rate(config, highest, total_steps)) for name, highest in rates.items()}
    return optax.chain(optax.clip_by_global_norm(config.clip_norm), optax.multi_transform(rules, _labels))


def _rule(config: TrainingConfig, rate: optax.Schedule) -> optax.GradientTransformation:
    if config.optimiser is Optimiser.ADAMW:
        return optax.adamw(rate, weight_decay=config.weight_decay, mask=_is_matrix)
    return optax.chain(
        optax.add_decayed_weights(config.weight_decay, mask=_is_matrix), optax.sgd(rate, momentum=0.9, nesterov=True)
    )


def _is_matrix(params: Any) -> Any:
    return jax.tree.map(lambda leaf: jnp.ndim(leaf) > 1, params)


def _labels(params: Any) -> Any:
    return {name: jax.tree.map(lambda _, name=name: name, part) for name, part in params.items()}
