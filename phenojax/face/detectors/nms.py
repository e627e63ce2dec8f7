"""Of boxes that overlap, the best: non-maximum suppression that takes one after the other."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax


def box_area(boxes: Array) -> Array:
    """Number of pixels of boxes (..., 4): left, top, right, bottom, included; 0 for what ends before it begins.

    float32: exact up to 16.7 million pixels.
    """
    sides = jnp.maximum(boxes[..., 2:] - boxes[..., :2] + 1, 0).astype(jnp.float32)
    return sides[..., 0] * sides[..., 1]


def overlaps(box: Array, others: Array, iou: float, covered: float) -> Array:
    """Whether others are the same thing as a box.

    Args:
        box: (4,): left, top, right, bottom, included.
        others: (n, 4).
        iou: from more than this share of intersection in union on.
        covered: or from more than this share of either box inside the other on; 1 for never.

    Returns:
        bool (n,).
    """
    common = jnp.concatenate([jnp.maximum(box[:2], others[:, :2]), jnp.minimum(box[2:], others[:, 2:])], axis=1)
    inner, area, areas = box_area(common), box_area(box), box_area(others)
    outer = area + areas - inner
    return (inner > 0) & ((inner > iou * outer) | (inner > covered * area) | (inner > covered * areas))


def suppress(boxes: Array, scores: Array, k: int, iou: float, covered: float = 1.0) -> tuple[Array, Array]:
    """The `k` best boxes none of which overlaps a better one that was taken.

    One pass over all boxes for each that is taken: O(k n), nothing is sorted and none is left out beforehand.

    Args:
        boxes: (n, 4): left, top, right, bottom, included.
        scores: float32 (n,); -inf for what is no box.
        k: static.
        iou: `overlaps`.
        covered: `overlaps`.

    Returns:
        int32 (k,): which ones, best first, the first of equals first; and bool (k,): whether there is one.
    """

    def take_best(left: Array, _: None) -> tuple[Array, tuple[Array, Array]]:
        best = jnp.argmax(left)
        found = left[best] > -jnp.inf
        gone = overlaps(boxes[best], boxes, iou, covered).at[best].set(True)
        return jnp.where(gone, -jnp.inf, left), (best.astype(jnp.int32), found)

    _, (chosen, valid) = lax.scan(take_best, scores, length=k)
    return chosen, valid
