"""Kernels of one or two modalities, sharpened and mixed; a modality that somebody lacks is not imputed.

Each kernel is centred over those who have it, so that 0 means "like the average individual", and a pair is compared by
what both have:

    K(i, j) = sum_m a_m p_m(i) p_m(j) K_m(i, j) / sqrt(N_i N_j),   N_i = sum_m a_m p_m(i).

A sum of positive semidefinite kernels, scaled by one factor an individual, is positive semidefinite. The functions take
JAX arrays, to be differentiated, and NumPy arrays, for float64, alike.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from jax import Array
from numpy.typing import NDArray

Floats = TypeVar("Floats", Array, NDArray[np.floating[Any]])


def sharpen_kernel(kernel: Floats, beta: float | Floats) -> Floats:
    """``exp(beta (K - 1))``, elementwise: what is alike counts more, what is not, less.

    Positive semidefinite where ``kernel`` is and ``beta`` is not negative (a power series in Schur products); a
    diagonal of 1 stays one.
    """
    xp: Any = kernel.__array_namespace__()
    found: Floats = xp.exp(beta * (kernel - 1.0))
    return found


def centre_kernels(kernels: Floats, present: Any, groups: Any) -> Floats:
    """Move the origin of each kernel to the mean of those who have it, groups weighing alike; ``(m, n, n)``.

    Args:
        kernels: ``(m, n, n)``; entries of those who lack the modality may hold anything finite.
        present: bool ``(m, n)``; False on padding.
        groups: integers ``(n,)``.
    """
    xp: Any = kernels.__array_namespace__()
    both = present[:, :, None] & present[:, None, :]
    known = xp.where(both, kernels, 0.0)
    share = group_shares(kernels, present, groups)
    # sums and no matrix products, which some devices round
    to_mean = (known * share[:, None, :]).sum(axis=2)
    overall = (to_mean * share).sum(axis=1)
    found: Floats = xp.where(both, known - to_mean[:, :, None] - to_mean[:, None, :] + overall[:, None, None], 0.0)
    return found


def mix_kernels(centred: Floats, present: Any, weights: Any) -> Floats:
    """One kernel of several, ``(n, n)``; the rows of those who have none of the weighted modalities are 0.

    Args:
        centred: ``(m, n, n)``, of `centre_kernels`.
        present: bool ``(m, n)``.
        weights: ``(m,)``, not negative.
    """
    xp: Any = centred.__array_namespace__()
    total = (weights[:, None] * present).sum(axis=0)
    # the root of a safe number, so that its gradient is one too
    scale = xp.where(total > 0, 1.0 / xp.sqrt(xp.where(total > 0, total, 1.0)), 0.0)
    found: Floats = (weights[:, None, None] * centred).sum(axis=0) * scale[:, None] * scale[None, :]
    return found


def kernel_spread(centred: Floats, present: Any, groups: Any) -> Floats:
    """Root mean square of a centred kernel between groups, which weigh alike: its unit, ``(m,)``; 1 where it is 0."""
    xp: Any = centred.__array_namespace__()
    share = group_shares(centred, present, groups)
    weight = share[:, :, None] * share[:, None, :] * (groups[:, None] != groups[None, :])
    square = (weight * centred**2).sum(axis=(1, 2)) / xp.maximum(weight.sum(axis=(1, 2)), 1e-12)
    found: Floats = xp.where(square > 1e-12, xp.sqrt(xp.where(square > 1e-12, square, 1.0)), 1.0)
    return found


def group_shares(like: Floats, present: Any, groups: Any) -> Floats:
    """Weights ``(m, n)`` that sum to 1 over those present in each modality, every group weighing the same."""
    xp: Any = like.__array_namespace__()
    has = xp.where(present, xp.ones((), dtype=like.dtype), xp.zeros((), dtype=like.dtype))
    same = groups[:, None] == groups[None, :]
    in_group = (has[:, None, :] * same).sum(axis=2)
    weight = has / xp.maximum(in_group, 1.0)
    found: Floats = weight / xp.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    return found
