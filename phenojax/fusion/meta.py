"""Train the fusion head across the genes of a cohort: what makes carriers of other genes recognisable.

Every training gene is a small classification problem: its carriers, and as many others as fill the bucket, in whole
groups dealt to folds. The out-of-fold scores are closed forms of the kernel (the prototype, and a kernel ridge solved
in each fold), so the gradient goes through the linear solve, where it is the implicit one. The loss is a smooth AUC,
averaged over genes, plus a quadratic pull towards the fixed kernel.

Source: meta-learning with closed-form solvers, Bertinetto et al., ICLR 2019 (arXiv:1805.08136).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from phenojax.fusion.head import Params, Terms, hpo_kernel, init

TINY = 1e-6


@dataclass(frozen=True)
class MetaConfig:
    """How the head is trained.

    Attributes:
        steps: of Adam.
        batch: genes in a step.
        rate: step size.
        pull: weight of the squared distance to the fixed kernel, on all parameters.
        ridge: share of the kernel ridge in the score, the rest is the prototype.
        penalty: of the kernel ridge, in units of the kernel's diagonal.
        folds: of a training gene.
        trained: names of the `Gates` that may move.
    """

    steps: int = 60
    batch: int = 24
    rate: float = 0.1
    pull: float = 1e-3
    ridge: float = 0.0
    penalty: float = 1.0
    folds: int = 5
    trained: tuple[str, ...] = ("branch", "by_ic", "log_gamma", "log_beta", "publication")


class Tasks(NamedTuple):
    """``m`` training genes, padded to ``n`` individuals and ``t`` terms.

    Attributes:
        features: uint8 ``(m, n, t)``; whether the closure holds the term.
        terms: int32 ``(m, t)``; which of the cohort's terms; -1 on padding.
        labels: bool ``(m, n)``.
        groups: int32 ``(m, n)``; in 0 .. n - 1.
        folds: int32 ``(m, n)``; members of a group share a fold.
        valid: bool ``(m, n)``.
        inner: int32 ``(m,)``; which of the stacked directions were made without the gene.
    """

    features: Array
    terms: Array
    labels: Array
    groups: Array
    folds: Array
    valid: Array
    inner: Array


def prototype(kernel: Array, labels: Array, groups: Array, folds: Array, valid: Array) -> Array:
    """Out-of-fold prototype scores of one labelling, float32 ``(n,)``; 0 where the training set lacks a class."""
    outside = folds[:, None] != folds[None, :]

    def mean_to(members: Array) -> Array:
        weight = outside * _alike(members, groups)
        return (kernel * weight).sum(axis=1) / jnp.maximum(weight.sum(axis=1), TINY)

    case, control = labels & valid, ~labels & valid
    both = (outside & case).any(axis=1) & (outside & control).any(axis=1)
    return jnp.where(both & valid, mean_to(case) - mean_to(control), 0.0)


def ridge(
    kernel: Array, labels: Array, groups: Array, folds: Array, valid: Array, penalty: Array | float, n_folds: int
) -> Array:
    """Out-of-fold kernel ridge scores, float32 ``(n,)``: one linear solve a fold, groups and classes weighing alike.

    The weighted dual with an intercept taken out by centring the targets: (K + penalty W^-1) alpha = y, W the
    weights scaled to a mean of one. Differentiable in ``kernel`` and ``penalty``.
    """

    def one_fold(k: Array) -> Array:
        train = valid & (folds != k)
        case, control = _alike(labels & train, groups), _alike(~labels & train, groups)
        # half of the weight on either class: then the targets +-1 have mean 0 and need no intercept
        weight = case / jnp.maximum(case.sum(), TINY) + control / jnp.maximum(control.sum(), TINY)
        weight = weight * train.sum() / 2
        both = train[:, None] & train[None, :]
        system = jnp.where(both, kernel, 0.0) + jnp.diag(jnp.where(train, penalty / jnp.maximum(weight, TINY), 1.0))
        target = jnp.where(train, jnp.where(labels, 1.0, -1.0), 0.0)
        alpha = jax.scipy.linalg.solve(system, target, assume_a="pos")
        usable = (labels & train).any() & (~labels & train).any()
        return jnp.where(usable & valid & (folds == k), jnp.matmul(kernel, alpha, precision="highest"), 0.0)

    return jax.vmap(one_fold)(jnp.arange(n_folds)).sum(axis=0)


def smooth_auc_loss(scores: Array, labels: Array, valid: Array) -> Array:
    """Mean softplus of lost pairs, ``()``; scale-free: scores are taken in standard deviations of the controls.

    Not of all individuals: a sharp kernel draws a few cases far out, and that is no loss.
    """
    z = standardised(scores, ~labels & valid)
    pair = (labels & valid)[:, None] & (~labels & valid)[None, :]
    lost = jax.nn.softplus(z[None, :] - z[:, None])
    return jnp.where(pair, lost, 0.0).sum() / jnp.maximum(pair.sum(), 1)


def standardised(scores: Array, reference: Array) -> Array:
    """Scores of which those of the ``reference`` individuals have mean 0 and standard deviation 1."""
    weight = reference / jnp.maximum(reference.sum(), 1)
    centred = scores - (weight * scores).sum()
    return centred / jnp.sqrt((weight * centred**2).sum() + TINY**2)


def task_loss(params: Params, task: Tasks, terms: Terms, config: MetaConfig) -> Array:
    """Loss of one gene, ``()``; ``task`` holds one gene, without the leading axis."""
    here = task.terms >= 0
    own = Terms(
        conditional_ic=jnp.where(here, terms.conditional_ic[task.terms], 0.0),
        ic=terms.ic[task.terms],
        branches=terms.branches[:, task.terms],
        directions=jnp.where(here[:, None], terms.directions[task.inner, task.terms], 0.0),
        spread=terms.spread[task.inner],
    )
    kernel = hpo_kernel(params, task.features, own)
    return smooth_auc_loss(
        scores(kernel, task.labels, task.groups, task.folds, task.valid, config), task.labels, task.valid
    )


def scores(kernel: Array, labels: Array, groups: Array, folds: Array, valid: Array, config: MetaConfig) -> Array:
    """Prototype and kernel ridge mixed, each in units of its standard deviation, float32 ``(n,)``."""
    one = prototype(kernel, labels, groups, folds, valid)
    if config.ridge == 0:
        return one
    other = ridge(kernel, labels, groups, folds, valid, config.penalty, config.folds)
    return (1 - config.ridge) * standardised(one, valid) + config.ridge * standardised(other, valid)


@partial(jax.jit, static_argnames="config")
def train(key: Array, tasks: Tasks, terms: Terms, *, config: MetaConfig) -> tuple[Params, Array]:
    """Trained parameters, and the loss ``(steps,)`` of each step's genes without the pull.

    Args:
        key: of the order in which genes are drawn.
        tasks: training genes.
        terms: of the cohort; ``directions`` ``(k, t, r)`` and ``spread`` ``(k, r)`` are stacked for `Tasks.inner`.
        config: static.
    """
    start = init(terms.branches.shape[0])
    optimiser = optax.adam(optax.cosine_decay_schedule(config.rate, config.steps))
    n_tasks = tasks.labels.shape[0]
    size = min(config.batch, n_tasks)

    def loss(params: Params, batch: Tasks) -> tuple[Array, Array]:
        fit = jax.vmap(task_loss, in_axes=(None, 0, None, None))(params, batch, terms, config).mean()
        return fit + config.pull * optax.tree.norm(params, squared=True), fit

    def step(state: tuple[Params, optax.OptState], k: Array) -> tuple[tuple[Params, optax.OptState], Array]:
        params, memory = state
        chosen = jax.random.choice(k, n_tasks, (size,), replace=False)
        (_, fit), slope = jax.value_and_grad(loss, has_aux=True)(params, jax.tree.map(lambda x: x[chosen], tasks))
        slope = {module: {k: v * (k in config.trained) for k, v in own.items()} for module, own in slope.items()}
        change, memory = optimiser.update(slope, memory, params)
        return (optax.apply_updates(params, change), memory), fit

    (params, _), losses = jax.lax.scan(step, (start, optimiser.init(start)), jax.random.split(key, config.steps))
    return params, losses


def _alike(members: Array, groups: Array) -> Array:
    """Weights ``(n,)`` that sum to one over the members of each group."""
    count = jax.ops.segment_sum(members.astype(jnp.float32), groups, num_segments=members.shape[0])
    return members / jnp.maximum(count[groups], 1.0)
