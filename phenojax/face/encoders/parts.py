"""A batch computed part after part where that is faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp
from jax import Array, lax

Params = TypeVar("Params")
Rows = TypeVar("Rows")

PART = 8
"""Images of a part: enough to keep a core busy, and what they need at a time stays in its caches."""


def by_parts(function: Callable[[Params, Array], Rows], params: Params, batch: Array, size: int = PART) -> Rows:
    """What a function gives for a batch, on a CPU computed for at most `size` images at a time.

    A network's first planes of 32 images are more than a CPU caches, and more than its allocator keeps from one call to
    the next. Accelerators take the batch as it is.

    Args:
        function: ``(params, images (b, ...)) -> arrays (b, ...)``, each image by itself.
        params: its first argument.
        batch: (b, ...). Part p of n holds the images p, p + n, p + 2n ...: of a batch that is spread over devices each
            part has some of every device.
        size: images of a part at most; static.

    Returns:
        What `function` gives for the whole batch. Differentiable where `function` is.
    """
    n_images = batch.shape[0]
    n_parts = -(-n_images // size)
    if n_parts <= 1:
        return function(params, batch)

    def parts(params: Params, batch: Array) -> Rows:
        missing = -n_images % n_parts
        filled = jnp.pad(batch, [(0, missing), *[(0, 0)] * (batch.ndim - 1)])
        apart = filled.reshape(-1, n_parts, *batch.shape[1:])
        found: Rows = lax.map(
            lambda part: function(params, lax.dynamic_index_in_dim(apart, part, axis=1, keepdims=False)),
            jnp.arange(n_parts),
        )
        return jax.tree.map(  # type: ignore[no-any-return]
            lambda rows: rows.swapaxes(0, 1).reshape(-1, *rows.shape[2:])[:n_images], found
        )

    found: Rows = lax.platform_dependent(params, batch, cpu=parts, default=function)
    return found
