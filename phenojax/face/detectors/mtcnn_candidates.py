"""What may be a face: candidates with their boxes, and which of them stay."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

_ROWS = 64


class Candidates(NamedTuple):
    """A fixed number of slots, best first; those in use come before the others.

    Attributes:
        boxes: float32 (n, 4): left, top, right, bottom.
        margins: float32 (n,): descending; -inf in a slot that is not in use.
    """

    boxes: Array
    margins: Array

    @property
    def n_used(self) -> Array:
        """How many slots are in use, int32."""
        return (self.margins > -jnp.inf).sum(dtype=jnp.int32)


def best(boxes: Array, margins: Array, n: int, threshold: float = -math.inf) -> tuple[Candidates, Array]:
    """The `n` candidates with the largest margins above a threshold, the first of equals first.

    Args:
        boxes: float32 (m, 4), m not 0.
        margins: float32 (m,).
        n: static; may be more than m.
        threshold: a margin; static.

    Returns:
        The candidates, and which of the m they are, int32 (n,).
    """
    missing = max(n - len(margins), 0)
    passing = jnp.pad(jnp.where(margins > threshold, margins, -jnp.inf), (0, missing), constant_values=-jnp.inf)
    margins, chosen = lax.top_k(passing, n)
    chosen = jnp.minimum(chosen, len(boxes) - 1)
    return Candidates(boxes[chosen], margins), chosen


def without_overlaps(
    candidates: Candidates, n: int, limit: float, groups: Array | None = None, of_smaller: bool = False
) -> tuple[Candidates, Array]:
    """The `n` best of those that are not `overlapped`, and which they are, as `best`."""
    gone = overlapped(candidates, limit, groups, of_smaller)
    return best(candidates.boxes, jnp.where(gone, -jnp.inf, candidates.margins), n)


def overlapped(candidates: Candidates, limit: float, groups: Array | None = None, of_smaller: bool = False) -> Array:
    """Which candidates overlap a better one, whether that one is itself overlapped or not.

    So the package mtcnn has it; taking one after the other would leave a few more. Which are found does not depend
    on how many worse candidates there are.

    Args:
        candidates: n of them.
        limit: from more than this share of intersection in union on, two overlap; static.
        groups: int32 (n,): only members of one group count; None where all are in one.
        of_smaller: take the share in the smaller of the two boxes instead; static.

    Returns:
        bool (n,). In blocks of rows, as many as are in use.
    """
    n = len(candidates.margins)
    count = candidates.n_used
    rows = min(_ROWS, n)

    def look(state: tuple[Array, Array]) -> tuple[Array, Array]:
        number, found = state
        # The last block may reach back over the one before.
        start = jnp.minimum(number * rows, n - rows)
        better = start + jnp.arange(rows, dtype=jnp.int32)
        hit = shares(lax.dynamic_slice_in_dim(candidates.boxes, start, rows), candidates.boxes, of_smaller) > limit
        hit &= (better < count)[:, None] & (better[:, None] < jnp.arange(n)[None, :])
        if groups is not None:
            hit &= lax.dynamic_slice_in_dim(groups, start, rows)[:, None] == groups[None, :]
        return number + 1, found | hit.any(axis=0)

    _, found = lax.while_loop(lambda state: state[0] * rows < count, look, (jnp.int32(0), jnp.zeros(n, jnp.bool_)))
    return found


def shares(first: Array, second: Array, of_smaller: bool = False) -> Array:
    """Intersection over union, or over the smaller box, of boxes (n, 4) and (m, 4); (n, m), sides without a + 1."""
    # One number of each box at a time: pairs of numbers at the end of an array keep a vector unit waiting.
    left, top, right, bottom = (one[:, None] for one in first.T)
    other_left, other_top, other_right, other_bottom = second.T
    width = jnp.maximum(jnp.minimum(right, other_right) - jnp.maximum(left, other_left), 0)
    height = jnp.maximum(jnp.minimum(bottom, other_bottom) - jnp.maximum(top, other_top), 0)
    common = width * height
    area, other = (right - left) * (bottom - top), (other_right - other_left) * (other_bottom - other_top)
    return common / (jnp.minimum(area, other) if of_smaller else area + other - common)


def corrected(boxes: Array, corrections: Array) -> Array:
    """Boxes (n, 4) moved by corrections (n, 4), each a share of the box's width or height, both ends counted."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + corrections * jnp.concatenate([sides, sides], axis=-1)


def squared(boxes: Array) -> Array:
    """The squares with the centres of boxes (n, 4) and their longer sides."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(axis=-1, keepdims=True)
    corner = boxes[:, :2] + sides * 0.5 - longer * 0.5
    return jnp.concatenate([corner, corner + longer], axis=-1)
