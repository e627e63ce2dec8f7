"""One network after the other, each on what the one before it has let pass, on canvases of any number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from phenojax.face.detectors.detection import Detections
from phenojax.face.detectors.mtcnn_candidates import Candidates, best, corrected, squared, without_overlaps
from phenojax.face.detectors.mtcnn_crops import crop, pack
from phenojax.face.detectors.mtcnn_fold import N_POINTS, Layer, Networks
from phenojax.face.detectors.mtcnn_networks import decide, places, propose, refine
from phenojax.face.detectors.mtcnn_pyramid import CELL, Level, Scales, pyramid, scales_of

_STRIDE = 2
# So many crops of a side go through a network together.
_CHUNKS = MappingProxyType({24: 16, 48: 2})


@dataclass(frozen=True)
class MtcnnConfig:
    """What is fixed; one compiled program for each value and canvas side.

    The numbers of candidates are far above what photographs have (a portrait of 512 pixels has 40 to 750, then 20 to
    230, then 1 to 10), and cost nothing where they are not reached. Beyond them the worst are left out, which changes
    nothing for the others.

    Attributes:
        min_face_size: side of the smallest faces, pixels.
        factor: from one size of the pyramid to the next.
        thresholds: probabilities above which each network lets a candidate pass.
        overlap_in_level: two proposals of one size of the picture that share more of their union are one.
        overlap: likewise among all sizes, and after the second network.
        overlap_of_smaller: two faces that share more of the smaller one's area are one.
        proposals: candidates of the first network, at most.
        candidates: of the second one.
        finalists: of the third one.
        k: faces at most, for each picture.
    """

    min_face_size: int = 20
    factor: float = 0.709
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.8)
    overlap_in_level: float = 0.5
    overlap: float = 0.7
    overlap_of_smaller: float = 0.7
    proposals: int = 2048
    candidates: int = 1024
    finalists: int = 256
    k: int = 8


@partial(jax.jit, static_argnums=0)
def detect(config: MtcnnConfig, params: Networks, canvases: Array, sizes: Array) -> Detections:
    """Find the faces on canvases, one picture after the other: each has as much work as it has candidates.

    Args:
        config: static.
        params: the weights.
        canvases: uint8 (b, s, s, 3).
        sizes: int32 (b, 2): height and width.
    """
    pictures = canvases, sizes.astype(jnp.int32)
    found: Detections = lax.map(lambda picture: _detect_one(config, params, *picture), pictures)
    return found


def _detect_one(config: MtcnnConfig, params: Networks, canvas: Array, size: Array) -> Detections:
    packed = pack(canvas)
    _, second, third = (_margin(probability) for probability in config.thresholds)

    proposals = find_proposals(config, params.propose, canvas, size)
    found = _in_chunks(partial(refine, params.refine), packed, size, proposals, 24, 5)
    refined, _ = best(corrected(proposals.boxes, found[:, :4]), found[:, -1], config.candidates, second)
    refined, _ = without_overlaps(refined, config.finalists, config.overlap)
    refined = refined._replace(boxes=squared(refined.boxes))

    found = _in_chunks(partial(decide, params.decide), packed, size, refined, 48, 5 + 2 * N_POINTS)
    points = points_on_picture(refined.boxes, found[:, 4:-1])
    faces, chosen = best(corrected(refined.boxes, found[:, :4]), found[:, -1], config.finalists, third)
    points = points[chosen]
    faces, chosen = without_overlaps(faces, config.k, config.overlap_of_smaller, of_smaller=True)
    return _told(faces, points[chosen], size)


def find_proposals(config: MtcnnConfig, layers: tuple[Layer, ...], canvas: Array, size: Array) -> Candidates:
    """Squares of one picture (s, s, 3) that the first network takes for faces."""
    scales = scales_of(canvas.shape[0], config.min_face_size, config.factor)
    if not scales.sides:
        return Candidates(jnp.zeros((config.candidates, 4)), jnp.full(config.candidates, -jnp.inf))
    maps = [_search(layers, level) for level in pyramid(canvas, size, scales)]
    values = jnp.concatenate([level.reshape(-1, level.shape[-1]) for level in maps])
    cells, numbers = _cells([(level.shape[0], level.shape[1]) for level in maps], scales)
    corner = jnp.asarray(cells, jnp.float32) * _STRIDE
    boxes = jnp.concatenate([corner + 1, corner + CELL], axis=-1)
    proposals, chosen = best(boxes, values[:, -1], config.proposals, _margin(config.thresholds[0]))
    level = jnp.asarray(numbers)[chosen]
    on_level = proposals.boxes + (CELL - 1) * values[chosen, :4]
    scale = jnp.asarray(scales.scales, jnp.float32)[level]
    proposals = proposals._replace(boxes=on_level / scale[:, None])
    proposals, _ = without_overlaps(proposals, config.proposals, config.overlap_in_level, level)
    proposals, _ = without_overlaps(proposals, config.candidates, config.overlap)
    return proposals._replace(boxes=squared(proposals.boxes))


def points_on_picture(boxes: Array, points: Array) -> Array:
    """Points as shares of squares (n, 4), five x before five y (n, 10), to x, y of the picture (n, 5, 2)."""
    shares = points.reshape(-1, 2, N_POINTS).transpose(0, 2, 1)
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes[:, None, :2] + shares * sides[:, None, :] - 1


def _search(layers: tuple[Layer, ...], level: Level) -> Array:
    """The first network's values on one level, margins -inf where no cell of the picture is."""
    values = propose(layers, level.pixels, (level.width, level.height))
    across, down = (jnp.arange(length) for length in values.shape[:2])
    inside = (across < places(level.width))[:, None] & (down < places(level.height))[None, :] & level.used
    return values.at[..., -1].set(jnp.where(inside, values[..., -1], -jnp.inf))


def _cells(shapes: list[tuple[int, int]], scales: Scales) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where the values of all levels are, x and y (n, 2), and on which level, (n,)."""
    cells = [np.indices(shape).reshape(2, -1).T for shape in shapes]
    numbers = np.repeat(np.arange(len(scales.scales)), [len(level) for level in cells])
    return np.concatenate(cells).astype(np.int32), numbers.astype(np.int32)


def _in_chunks(
    network: Callable[[Array], Array], packed: Array, size: Array, candidates: Candidates, side: int, width: int
) -> Array:
    """What a network gives for crops of candidates, float32 (n, width); margins -inf in slots that are not in use."""
    n = len(candidates.margins)
    chunk = min(_CHUNKS[side], n)
    count = candidates.n_used

    def look(state: tuple[Array, Array]) -> tuple[Array, Array]:
        number, found = state
        start = jnp.minimum(number * chunk, n - chunk)
        boxes = lax.dynamic_slice_in_dim(candidates.boxes, start, chunk)
        values = network(crop(packed, size, boxes, side))
        return number + 1, lax.dynamic_update_slice_in_dim(found, values, start, 0)

    start = (jnp.int32(0), jnp.zeros((n, width), jnp.float32))
    _, found = lax.while_loop(lambda state: state[0] * chunk < count, look, start)
    return found.at[:, -1].set(jnp.where(jnp.arange(n) < count, found[:, -1], -jnp.inf))


def _told(faces: Candidates, points: Array, size: Array) -> Detections:
    """Faces as `Detections` of one picture: boxes end at its border."""
    limits = jnp.tile(size[::-1], 2) - 1
    valid = faces.margins > -jnp.inf
    boxes = jnp.clip(faces.boxes, 0, limits.astype(jnp.float32))
    return Detections(
        jnp.where(valid[:, None], boxes, 0),
        jnp.where(valid, jax.nn.sigmoid(faces.margins), -jnp.inf),
        jnp.where(valid[:, None, None], points, 0),
        valid,
    )


def _margin(probability: float) -> float:
    return math.log(probability / (1 - probability))
