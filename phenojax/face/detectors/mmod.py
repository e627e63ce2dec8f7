"""dlib's max-margin face detector and its five points: the detector ``dlib-mmod``.

King, "Max-margin object detection", arXiv:1502.00046. Boxes and points are those of `cnn_face_detection_model_v1` and
`shape_predictor` of dlib on the picture itself, whatever canvas it lies on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from phenojax.errors import WeightsError
from phenojax.face.detectors.detection import Detections
from phenojax.face.detectors.mmod_boxes import Window, boxes_of_map, receptive_field
from phenojax.face.detectors.mmod_network import Filter, Step, fold_filters, score
from phenojax.face.detectors.mmod_pyramid import copy_sides, fill_plane, fits, lay_out, plane_shape
from phenojax.face.detectors.mmod_upsample import boxes_down, upsampled
from phenojax.face.detectors.nms import suppress
from phenojax.face.detectors.shape_predictor import ShapeModel, predict_points, round_points, to_device
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.card import ModelCard
from phenojax.face.weights.dlib_network import DetectorLoss, PyramidInput, read_dlib_network
from phenojax.face.weights.dlib_shape import read_dlib_shape


class MmodParams(NamedTuple):
    """What is learnt: the network's filters and the shape predictor's forests."""

    filters: tuple[Filter, ...]
    shape: ShapeModel


@dataclass(frozen=True)
class MmodConfig:
    """What is fixed; one compiled program for each value.

    Attributes:
        steps: stride and padding of each convolution.
        mean: subtracted from RGB.
        padding: pixels between two copies in the plane.
        outer: pixels around them.
        window: what one place of the score map stands for.
        iou: two boxes that share more of their union are one face.
        covered: or of one of the two.
        threshold: a face scores more than this.
        k: faces at most, for each picture.
        upsample: how many times the picture is doubled first, for faces of less than 80 pixels.
        round_points: landmarks on whole pixels, as dlib has them.
    """

    steps: tuple[Step, ...]
    mean: tuple[float, float, float]
    padding: int
    outer: int
    window: Window
    iou: float
    covered: float
    threshold: float = 0.0
    k: int = 8
    upsample: int = 0
    round_points: bool = True


@dataclass(frozen=True, eq=False)
class MmodDetector:
    """A `Detector`. Made by `load_mmod`.

    Boxes have whole coordinates: left, top, right, bottom of dlib's rectangle, the last two the last pixel inside, so
    that a box is ``right - left + 1`` wide. They may reach beyond the picture, as dlib's do.

    Attributes:
        config: what is fixed.
        params: the weights.
        cards: of the network and of the shape predictor.
    """

    config: MmodConfig
    params: MmodParams = field(repr=False)
    cards: tuple[ModelCard, ...]
    name: str = "dlib-mmod"
    scheme: LandmarkScheme = LandmarkScheme.DLIB5

    def __call__(self, canvases: Array, sizes: Array) -> Detections:
        """Find the faces (`Detector`)."""
        found: Detections = detect(self.config, self.params, canvases, sizes)
        return found


def load_mmod(
    detector_path: Path,
    shape_path: Path,
    cards: tuple[ModelCard, ...] = (),
    *,
    k: int = 8,
    upsample: int = 0,
    threshold: float = 0.0,
    round_points: bool = True,
) -> MmodDetector:
    """Load dlib's face detector and shape predictor.

    Args:
        detector_path: ``mmod_human_face_detector.dat``.
        shape_path: ``shape_predictor_5_face_landmarks.dat``.
        cards: of the two.
        k: how many faces of a picture are told, at most; the best ones.
        upsample: how many times pictures are doubled in size before they are searched. 0 finds faces from about 80
            pixels on, 1 from 40 on in four times the time.
        threshold: scores of faces exceed it.
        round_points: landmarks on whole pixels, as dlib's are; False for the numbers before they are rounded.

    Raises:
        WeightsError: a file cannot be read, is damaged or holds another kind of model.
        ValueError: `k` is less than 1, or `upsample` is negative.
    """
    if k < 1 or upsample < 0:
        raise ValueError(f"k is {k} and upsample {upsample}; expected k of 1 or more and upsample of 0 or more")
    network = read_dlib_network(detector_path)
    loss, source = network.loss, network.input
    if not (isinstance(loss, DetectorLoss) and isinstance(source, PyramidInput) and len(loss.windows) == 1):
        raise WeightsError(f"{detector_path.name} holds no face detector")
    filters, steps = fold_filters(network)
    forests = read_dlib_shape(shape_path)
    if len(forests.initial_shape) != 5:
        raise WeightsError(f"{shape_path.name} predicts {len(forests.initial_shape)} points, expected 5")
    stride, offset = receptive_field(tuple(filter_.kernel.shape[0] for filter_ in filters), steps)
    config = MmodConfig(
        steps=steps,
        mean=source.mean,
        padding=source.padding,
        outer=source.outer_padding,
        window=Window(stride, offset, loss.windows[0].width, loss.windows[0].height),
        iou=loss.suppression.iou,
        covered=loss.suppression.covered,
        threshold=threshold,
        k=k,
        upsample=upsample,
        round_points=round_points,
    )
    return MmodDetector(config, MmodParams(filters, to_device(forests)), cards)


@partial(jax.jit, static_argnums=0)
def detect(config: MmodConfig, params: MmodParams, canvases: Array, sizes: Array) -> Detections:
    """Find the faces on canvases, one picture after the other: with its copies, one fills a device by itself.

    Args:
        config: static.
        params: the weights.
        canvases: uint8 (b, s, s, 3).
        sizes: int32 (b, 2): height and width.
    """
    pictures = canvases, sizes.astype(jnp.int32)
    found: Detections = lax.map(lambda picture: _detect_one(config, params, *picture), pictures)
    return found


def _detect_one(config: MmodConfig, params: MmodParams, canvas: Array, size: Array) -> Detections:
    boxes, scores, valid = find_boxes(config, params, canvas, size)
    points = predict_points(params.shape, canvas, size, boxes)
    if config.round_points:
        points = round_points(points)
    mask = valid[:, None]
    return Detections(
        jnp.where(mask, boxes, 0).astype(jnp.float32),
        jnp.where(valid, scores, -jnp.inf),
        jnp.where(mask[..., None], points, 0),
        valid,
    )


def find_boxes(config: MmodConfig, params: MmodParams, canvas: Array, size: Array) -> tuple[Array, Array, Array]:
    """Boxes int32 (k, 4), scores float32 (k,) and whether there is one, bool (k,), of one picture (s, s, 3)."""
    searched, searched_size = canvas, size
    for _ in range(config.upsample):
        searched, searched_size = upsampled(searched, searched_size)
    side = searched.shape[0]
    shape = plane_shape(side, config.padding, config.outer)
    layout = lay_out(searched_size, len(copy_sides(side)), config.padding, config.outer)
    colours = (searched.astype(jnp.float32) - jnp.asarray(config.mean, jnp.float32)) / 256
    plane = fill_plane(colours, layout, shape)
    scores = score(params.filters, config.steps, plane, (layout.height, layout.width))
    scores = jnp.where(fits(layout, shape) & (scores > config.threshold), scores, -jnp.inf)
    boxes = boxes_of_map((scores.shape[0], scores.shape[1]), layout, config.window, side).reshape(-1, 4)
    chosen, valid = suppress(boxes, scores.reshape(-1), config.k, config.iou, config.covered)
    found = boxes_down(boxes[chosen], config.upsample) if config.upsample else boxes[chosen]
    return found, scores.reshape(-1)[chosen], valid
