"""Five points on a face by a cascade of regression trees, as dlib's shape predictor finds them.

Kazemi and Sullivan, "One millisecond face alignment with an ensemble of regression trees", CVPR 2014. The trees
compare whole grey values of whole pixels: added in the same order, they give dlib's points for the same box.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from phenojax.face.weights.dlib_shape import ShapeForests

_UNROLL = 20


class ShapeModel(NamedTuple):
    """`ShapeForests` on the device."""

    initial_shape: Array
    first: Array
    second: Array
    threshold: Array
    leaves: Array
    anchors: Array
    deltas: Array


def to_device(forests: ShapeForests) -> ShapeModel:
    """Put the forests on the default device."""
    return ShapeModel(*(jnp.asarray(piece) for piece in forests))


def predict_points(model: ShapeModel, picture: Array, size: Array, boxes: Array) -> Array:
    """Find the points of faces whose boxes are known.

    Args:
        model: of `to_device`.
        picture: uint8 (s, s, 3), RGB, a picture at the top left.
        size: int32 (2,): its height and width; what is beyond counts as black.
        boxes: int32 (k, 4): left, top, right, bottom, the last two included. They may reach beyond the picture.

    Returns:
        float32 (k, points, 2): x, y in pixels, a pixel's centre at whole numbers. dlib rounds them (`round_points`).
    """
    corner, extent = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None, :].astype(jnp.float32)

    def refine(shape: Array, level: ShapeModel) -> tuple[Array, None]:
        turn = _rotation_and_scale(model.initial_shape, shape)
        turned = jnp.einsum("kij,fj->kfi", turn, level.deltas, precision=lax.Precision.HIGHEST)
        where = turned + shape[:, level.anchors]
        grey = _grey(picture, size, round_points(where * extent).astype(jnp.int32) + corner)
        leaf = _descend(level, grey)
        steps = level.leaves[jnp.arange(leaf.shape[1])[:, None], leaf.T]
        # One after the other: a sum in another order moves a pixel across its edge now and then, and a point by 0.7.
        return lax.scan(lambda partial, step: (partial + step, None), shape, steps, unroll=_UNROLL)

    start = jnp.broadcast_to(model.initial_shape, (boxes.shape[0], *model.initial_shape.shape))
    levels = model._replace(initial_shape=jnp.zeros(model.first.shape[0]))
    shape, _ = lax.scan(refine, start, levels)
    return shape * extent + corner


def round_points(points: Array) -> Array:
    """To whole pixels, halves upwards, as dlib does."""
    return jnp.floor(points + 0.5)


def _rotation_and_scale(reference: Array, shapes: Array) -> Array:
    """The matrix of the similarity that comes nearest to moving the reference's points onto each shape's; (k, 2, 2)."""
    source = reference - reference.mean(axis=0)
    target = shapes - shapes.mean(axis=1, keepdims=True)
    along = (source * target).sum(axis=(1, 2))
    across = (source[:, 0] * target[..., 1] - source[:, 1] * target[..., 0]).sum(axis=1)
    matrix = jnp.stack([along, -across, across, along], axis=-1) / (source**2).sum()
    return matrix.reshape(-1, 2, 2)


def _grey(picture: Array, size: Array, points: Array) -> Array:
    """Mean of the three colours rounded down, 0 beyond the picture; int32 (k, pixels)."""
    x, y = points[..., 0], points[..., 1]
    inside = (x >= 0) & (y >= 0) & (x < size[1]) & (y < size[0])
    colours = picture[jnp.where(inside, y, 0), jnp.where(inside, x, 0)].astype(jnp.int32)
    return jnp.where(inside, colours.sum(axis=-1) // 3, 0)


def _descend(level: ShapeModel, grey: Array) -> Array:
    """The leaf that each tree ends in; int32 (k, trees)."""
    n_trees, n_nodes = level.first.shape
    tree = jnp.arange(n_trees)[None, :]
    node = jnp.zeros((grey.shape[0], n_trees), jnp.int32)
    for _ in range((n_nodes + 1).bit_length() - 1):
        pair = (level.first[tree, node], level.second[tree, node])
        one, other = (jnp.take_along_axis(grey, index, axis=1) for index in pair)
        goes_left = (one - other).astype(jnp.float32) > level.threshold[tree, node]
        node = 2 * node + jnp.where(goes_left, 1, 2)
    return node - n_nodes
