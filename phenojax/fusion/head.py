"""The fusion head: a handful of weights that turn term sets and other kernels into one kernel.

A term weighs

    w_t = (conditional IC)^gamma * exp(h(IC_t)) * sum_b branches[b, t] exp(g_b)

with h piecewise linear between `IC_KNOTS`. Along the directions in which publications on one gene differ (`Terms`),
with relative variance s_r, what an individual has is scaled by 1 / sqrt(1 + kappa s_r). Individuals are compared by the
cosine of what is left, sharpened to exp(beta (cosine - 1)), and a second modality joins with the share a. The starting
point is the fixed kernel: gamma = 1, h = 0, g = 0, kappa = 0, beta = `SHARPNESS`, a = 1/2. dm-haiku names and holds the
parameters and stays inside this file: what goes in and comes out are arrays.

Source: within-class covariance normalisation, Hatch et al., Interspeech 2006, with the publications of a gene as the
recordings of a speaker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
from jax import Array

from phenojax.fusion.kernels import mix_kernels, sharpen_kernel

# Sharpness of the fixed kernel, exp(SHARPNESS (cosine - 1)).
SHARPNESS = 4.0
# Where the log-weight by information content may bend, nats.
IC_KNOTS = (0.0, 1.0, 2.5, 4.0, 6.0, 9.0)
# A squared norm below this is an individual without terms: nothing is like it.
EMPTY = 1e-9

Params = Mapping[str, Mapping[str, Array]]


class Terms(NamedTuple):
    """What the head knows of the ``t`` terms in use.

    Attributes:
        conditional_ic: float32 ``(t,)``, nats; positive (0 on padding).
        ic: float32 ``(t,)``, nats.
        branches: float32 ``(b, t)``; shares, each column sums to one.
        directions: float32 ``(t, r)``; orthonormal; how publications on one gene differ (r may be 0).
        spread: float32 ``(r,)``; variance along them, the largest 1.
    """

    conditional_ic: Array
    ic: Array
    branches: Array
    directions: Array
    spread: Array


class Gates(NamedTuple):
    """The parameters by name; all zero is the fixed kernel.

    Attributes:
        branch: ``(b,)``; log-weight of a branch.
        by_ic: ``(len(IC_KNOTS),)``; log-weight at the knots.
        log_gamma: ``()``; log of the exponent of the conditional IC.
        log_beta: ``()``; log of beta / `SHARPNESS`.
        publication: ``()``; log(1 + kappa).
        modality: ``()``; log-odds of the second modality's share.
    """

    branch: Array
    by_ic: Array
    log_gamma: Array
    log_beta: Array
    publication: Array
    modality: Array


def _gates(n_branches: int) -> Gates:
    zeros = hk.initializers.Constant(0.0)
    shapes = {"branch": (n_branches,), "by_ic": (len(IC_KNOTS),)}
    return Gates(*(hk.get_parameter(name, shapes.get(name, ()), init=zeros) for name in Gates._fields))


_transformed: hk.Transformed = hk.without_apply_rng(hk.transform(_gates))


def init(n_branches: int) -> Params:
    """Parameters of the untrained head, which is the fixed kernel."""
    params: Params = _transformed.init(None, n_branches)
    return params


def gates(params: Params, n_branches: int) -> Gates:
    """The parameters by name."""
    found: Gates = _transformed.apply(params, n_branches)
    return found


def term_weights(params: Params, terms: Terms) -> Array:
    """Weight of every term, float32 ``(t,)``."""
    g = gates(params, terms.branches.shape[0])
    present = terms.conditional_ic > 0
    log_ic = jnp.log(jnp.where(present, terms.conditional_ic, 1.0))
    bend = jnp.interp(terms.ic, jnp.asarray(IC_KNOTS, terms.ic.dtype), g.by_ic)
    by_branch = jnp.exp(g.branch) @ terms.branches
    return jnp.where(present, jnp.exp(jnp.exp(g.log_gamma) * log_ic + bend) * by_branch, 0.0)


def embed(params: Params, features: Array, terms: Terms) -> tuple[Array, Array, Array]:
    """Weighted closures of length one, float32 ``(n, t)``, what is taken off along the directions, and what lies there.

    The last two are ``(n, r)``. The inner product of two individuals is that of the first, minus that of the second
    with the third.

    Args:
        params: of the head.
        features: bool or uint8 ``(n, t)``; whether the closure of an individual holds a term.
        terms: of the same ``t`` terms.
    """
    g = gates(params, terms.branches.shape[0])
    weights = term_weights(params, terms)
    root = jnp.where(weights > 0, jnp.sqrt(jnp.where(weights > 0, weights, 1.0)), 0.0)
    x = features.astype(root.dtype) * root
    x = x / jnp.sqrt(jnp.maximum((x * x).sum(axis=1, keepdims=True), EMPTY))
    # 1 - 1 / (1 + kappa s) is negative, and something is added, where kappa is: the kernel stays positive either way
    kappa = jnp.expm1(g.publication)
    taken = kappa * terms.spread / (1.0 + kappa * terms.spread)
    along = jnp.matmul(x, terms.directions, precision="highest")
    return x, along * taken, along


def hpo_kernel(params: Params, features: Array, terms: Terms) -> Array:
    """The term kernel exp(beta (cosine - 1)), float32 ``(n, n)``; arguments as in `embed`."""
    g = gates(params, terms.branches.shape[0])
    x, taken, along = embed(params, features, terms)
    product = jnp.matmul(x, x.T, precision="highest") - jnp.matmul(taken, along.T, precision="highest")
    norm = jnp.sqrt(jnp.maximum(jnp.diagonal(product), EMPTY))
    cosine = product / (norm[:, None] * norm[None, :])
    return sharpen_kernel(cosine, SHARPNESS * jnp.exp(g.log_beta))


def fused_kernel(params: Params, kernels: Array, present: Array, n_branches: int) -> Array:
    """Join two kernels, float32 ``(n, n)``, as `mix_kernels` does, with the shares of the gate.

    Args:
        params: of the head.
        kernels: float32 ``(2, n, n)``; terms first.
        present: bool ``(2, n)``; who has the modality; whatever a kernel holds for others is not looked at.
        n_branches: as in `init`.
    """
    share = jax.nn.sigmoid(gates(params, n_branches).modality)
    both = present[:, :, None] & present[:, None, :]
    return mix_kernels(jnp.where(both, kernels, 0.0), present, jnp.stack([1.0 - share, share]))
