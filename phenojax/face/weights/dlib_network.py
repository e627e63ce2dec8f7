"""The layers of a network that dlib has saved, as plain arrays.

What dlib writes (dlib/dnn/core.h): the loss; then, from the output inwards, one version number for each layer; then the
input layer; then, from the input outwards, what each layer holds, its state, and three tensors of its last training
step (empty in a cleaned network). A version of 2 stands for a layer that computes, 3 for the innermost of them, 1 for a
tag or a skip, which hold nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.weights.dlib_stream import DlibStream

Floats: TypeAlias = NDArray[np.float32]

# What input_rgb_image_pyramid used before it wrote its paddings into the file.
_PYRAMID_PADDING, _PYRAMID_OUTER_PADDING = 10, 11
_MARK, _LAYER, _INNERMOST = 1, 2, 3
_MAX_SIDE = 1 << 16


class ImageInput(NamedTuple):
    """Pictures of one size: ``(RGB - mean) / 256``. Sizes in pixels."""

    mean: tuple[float, float, float]
    height: int
    width: int


class PyramidInput(NamedTuple):
    """A picture and its smaller copies in one plane, ``(RGB - mean) / 256``, what is between them 0.

    `padding` pixels lie between two copies and `outer_padding` around all. By how much each copy is smaller than the
    one before is part of dlib's type and not of the file: `mmod_human_face_detector.dat` was made for 5/6.
    """

    mean: tuple[float, float, float]
    padding: int
    outer_padding: int


class Convolution(NamedTuple):
    """A cross-correlation: `filters` (out, in, height, width), `bias` (out,); stride and padding are (y, x)."""

    filters: Floats
    bias: Floats
    stride: tuple[int, int]
    padding: tuple[int, int]


class Affine(NamedTuple):
    """``x * gamma + beta`` per channel, both (channels,); a batch normalisation with its running moments put in."""

    gamma: Floats
    beta: Floats


class Relu(NamedTuple):
    """``max(x, 0)``."""


class MaxPool(NamedTuple):
    """Largest of a window; all (y, x). What does not fill a window is dropped."""

    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


class AveragePool(NamedTuple):
    """Mean of a window; all (y, x). A window of 0 is the whole plane."""

    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


class FullyConnected(NamedTuple):
    """``x @ weights + bias``, x flattened channel by channel; (in, out) and (out,), zeros where there is no bias."""

    weights: Floats
    bias: Floats


class AddPrevious(NamedTuple):
    """Adds the output of a layer marked before; the smaller tensor counts as 0 where it ends. Which one is not told."""


class Mark(NamedTuple):
    """A tag (this output is wanted later) or a skip (go on from an earlier tag): the file does not say which."""


Layer: TypeAlias = Convolution | Affine | Relu | MaxPool | AveragePool | FullyConnected | AddPrevious | Mark


class MetricLoss(NamedTuple):
    """Trained so that two of a kind are nearer than `distance_threshold` less `margin`, others further than both."""

    margin: float
    distance_threshold: float


class DetectorWindow(NamedTuple):
    """What one output channel slides over the picture; pixels of a level of the pyramid."""

    width: int
    height: int
    label: str


class BoxOverlap(NamedTuple):
    """Two boxes overlap when their intersection over union, or the share of either that is covered, exceeds these."""

    iou: float
    covered: float


class DetectorLoss(NamedTuple):
    """Max-margin object detection: an output above 0 is a detection.

    Attributes:
        windows: one for each output channel.
        per_false_alarm, per_missed_target: costs in training.
        truth_match_iou: a detection meets the truth from this overlap on, in training.
        suppression: of two detections that overlap by this, the weaker goes.
        ignored: how boxes to be left out of training are matched.
    """

    windows: tuple[DetectorWindow, ...]
    per_false_alarm: float
    per_missed_target: float
    truth_match_iou: float
    suppression: BoxOverlap
    ignored: BoxOverlap


class DlibNetwork(NamedTuple):
    """A network: what it takes, its layers from the input to the output, and what it was trained by."""

    input: ImageInput | PyramidInput
    layers: tuple[Layer, ...]
    loss: MetricLoss | DetectorLoss


def read_dlib_network(path: Path) -> DlibNetwork:
    """Read a network from a .dat file of dlib: one trained with ``loss_metric`` or ``loss_mmod``.

    Raises:
        WeightsError: the file cannot be read, is cut off or damaged, or holds layers other than those of the face
            encoder and the face detector; names file and byte.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from error
    return parse_dlib_network(data, path.name)


def parse_dlib_network(data: bytes, name: str) -> DlibNetwork:
    """`read_dlib_network` of a file's bytes; `name` is for errors."""
    stream = DlibStream(data, name)
    stream.expect(1, "version of the loss layer")
    loss = _loss(stream)
    versions: list[int] = []
    while not versions or versions[-1] != _INNERMOST:
        versions.append(stream.integer())
        if versions[-1] not in (_MARK, _LAYER, _INNERMOST):
            raise stream.fail(f"version {versions[-1]} of a layer is not known")
    source = _input(stream)
    layers = []
    for version in reversed(versions):
        layers.append(Mark() if version == _MARK else _layer(stream))
        if version == _INNERMOST:
            stream.expect(1, "number of samples that the input makes of one picture")
    if not stream.at_end:
        raise stream.fail("more data after the last layer: the file is damaged")
    return DlibNetwork(source, tuple(layers), loss)


def _loss(stream: DlibStream) -> MetricLoss | DetectorLoss:
    kind = stream.string()
    if kind == "loss_metric_2":
        return MetricLoss(_finite(stream), _finite(stream))
    if kind != "loss_mmod_":
        raise stream.fail(f"loss {kind[:40]!r} is not known, expected 'loss_metric_2' or 'loss_mmod_'")
    stream.expect(1, "version of the detector's options")
    width, height = _side(stream, 1), _side(stream, 1)
    return DetectorLoss(
        windows=(DetectorWindow(width, height, ""),),
        per_false_alarm=_finite(stream),
        per_missed_target=_finite(stream),
        truth_match_iou=_finite(stream),
        suppression=BoxOverlap(_finite(stream), _finite(stream)),
        ignored=BoxOverlap(_finite(stream), _finite(stream)),
    )


def _input(stream: DlibStream) -> ImageInput | PyramidInput:
    kind = stream.string()
    if kind not in ("input_rgb_image_sized", "input_rgb_image_pyramid", "input_rgb_image_pyramid2"):
        raise stream.fail(f"input layer {kind[:40]!r} is not known")
    mean = (_finite(stream), _finite(stream), _finite(stream))
    if kind == "input_rgb_image_sized":
        return ImageInput(mean, _side(stream, 1), _side(stream, 1))
    if kind == "input_rgb_image_pyramid2":
        return PyramidInput(mean, _side(stream, 0), _side(stream, 0))
    return PyramidInput(mean, _PYRAMID_PADDING, _PYRAMID_OUTER_PADDING)


def _layer(stream: DlibStream) -> Layer:
    kind = stream.string()
    read = _LAYERS.get(kind)
    if read is None:
        raise stream.fail(f"layer {kind[:40]!r} is not known, expected one of {', '.join(_LAYERS)}")
    layer = read(stream)
    for _ in range(3):
        stream.boolean()  # set up; input gradient stale; output and gradient to be kept
    for _ in range(3):
        _tensor(stream)  # gradient of the input, last output, gradient of the weights
    return layer


def _convolution(stream: DlibStream) -> Convolution:
    weights = _tensor(stream)
    n_filters = _side(stream, 1)
    window, stride, padding = _pair(stream, 1), _pair(stream, 1), _pair(stream, 0)
    shape = _alias(stream)
    if _alias(stream) != (1, n_filters, 1, 1) or (shape[0], *shape[2:]) != (n_filters, *window):
        raise stream.fail(f"filters of shape {shape} contradict {n_filters} filters of {window}")
    _learning_rates(stream)
    n_weights = math.prod(shape)
    if weights.size != n_weights + n_filters:
        raise stream.fail(f"a convolution of shape {shape} with bias has {weights.size} weights")
    return Convolution(weights[:n_weights].reshape(shape), weights[n_weights:], stride, padding)


def _affine(stream: DlibStream) -> Affine:
    gamma, beta = _gamma_beta(stream)
    if stream.integer() not in (0, 1):
        raise stream.fail("an affine layer works on channels or on a vector")
    return Affine(gamma, beta)


def _normalisation(stream: DlibStream) -> Affine:
    gamma, beta = _gamma_beta(stream)
    _tensor(stream), _tensor(stream)  # mean and 1 / standard deviation of the last batch
    mean, variance = (_tensor(stream).astype(np.float64) for _ in range(2))
    stream.integer(), stream.integer()  # number of updates, and over how many the running moments reach
    _learning_rates(stream)
    epsilon = _finite(stream)
    if mean.shape != gamma.shape or variance.shape != gamma.shape or variance.min() < 0 or epsilon <= 0:
        raise stream.fail("running moments that do not fit their normalisation")
    scale = gamma / np.sqrt(variance + epsilon)
    shift = beta - scale * mean
    if max(abs(scale).max(), abs(shift).max()) > np.finfo(np.float32).max:
        raise stream.fail("a normalisation that is too large for float32")
    return Affine(scale.astype(np.float32), shift.astype(np.float32))


def _gamma_beta(stream: DlibStream) -> tuple[Floats, Floats]:
    weights = _tensor(stream)
    shapes = _alias(stream), _alias(stream)
    half = weights.size // 2
    if half == 0 or weights.size != 2 * half or shapes != ((1, half, 1, 1),) * 2:
        raise stream.fail(f"{weights.size} weights for gamma and beta of shape {shapes[0]} and {shapes[1]}")
    return weights[:half], weights[half:]


def _fully_connected(stream: DlibStream) -> FullyConnected:
    n_outputs, n_inputs = _side(stream, 1), _side(stream, 1)
    weights = _tensor(stream)
    _alias(stream), _alias(stream)
    has_bias = stream.integer() == 0
    _learning_rates(stream)
    if weights.size != (n_inputs + has_bias) * n_outputs:
        raise stream.fail(f"{weights.size} weights from {n_inputs} to {n_outputs} values")
    matrix = weights[: n_inputs * n_outputs].reshape(n_inputs, n_outputs)
    bias = weights[n_inputs * n_outputs :] if has_bias else np.zeros(n_outputs, dtype=np.float32)
    return FullyConnected(matrix, bias)


def _max_pool(stream: DlibStream) -> MaxPool:
    return MaxPool(_pair(stream, 1), _pair(stream, 1), _pair(stream, 0))


def _average_pool(stream: DlibStream) -> AveragePool:
    return AveragePool(_pair(stream, 0), _pair(stream, 1), _pair(stream, 0))


_LAYERS: dict[str, Callable[[DlibStream], Layer]] = {
    "con_4": _convolution,
    "affine_": _affine,
    "bn_con2": _normalisation,
    "relu_": lambda _: Relu(),
    "max_pool_2": _max_pool,
    "avg_pool_2": _average_pool,
    "fc_2": _fully_connected,
    "add_prev_": lambda _: AddPrevious(),
}


def _tensor(stream: DlibStream) -> Floats:
    """All values of a tensor, which has its version and shape (samples, channels, rows, columns) before it."""
    stream.expect(2, "version of a tensor")
    shape = [stream.integer() for _ in range(4)]
    if min(shape) < 0:
        raise stream.fail(f"tensor of shape {shape}")
    # raw_floats looks how much is left before it takes any memory.
    values = stream.raw_floats(math.prod(shape))
    if not np.isfinite(values).all():
        raise stream.fail("a weight is no finite number")
    return values


def _alias(stream: DlibStream) -> tuple[int, int, int, int]:
    """The shape of a part of another tensor."""
    stream.expect(1, "version of an alias tensor")
    return stream.integer(), stream.integer(), stream.integer(), stream.integer()


def _learning_rates(stream: DlibStream) -> None:
    """Multipliers of learning rate and weight decay, for the weights and for the bias."""
    for _ in range(4):
        stream.floating()


def _finite(stream: DlibStream) -> float:
    value = stream.floating()
    if not math.isfinite(value):
        raise stream.fail(f"{value} where a finite number is expected")
    return value


def _side(stream: DlibStream, lowest: int) -> int:
    value = stream.integer()
    if not lowest <= value <= _MAX_SIDE:
        raise stream.fail(f"a size of {value}")
    return value


def _pair(stream: DlibStream, lowest: int) -> tuple[int, int]:
    return _side(stream, lowest), _side(stream, lowest)
