"""An iResNet out of an ONNX graph, whose tensors have meaningless names: by the way the picture goes.

Exporters fold the normalisation after a convolution into it, or do not; both are read.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.encoders.iresnet import INPUT_SIZE
from phenojax.face.weights.iresnet_layers import Block, Convolution, Doubles, Floats, IResNetLayers, Norm, make_norm
from phenojax.face.weights.onnx_graph import Node, OnnxGraph

_DEFAULT_EPS = 1e-5  # of ONNX's BatchNormalization
_SMALLEST, _LARGEST = 0.5, 4.0  # how far from 0 scaled pixels go; the networks that there are have 1


class PixelScale(NamedTuple):
    """The first steps of a graph that takes pixels from 0 to 255: ``(x - mean) / scale``, each a value per channel."""

    mean: tuple[float, float, float]
    scale: tuple[float, float, float]


def read_iresnet_graph(graph: OnnxGraph) -> tuple[IResNetLayers, PixelScale | None]:
    """Follow the picture through the graph.

    Returns:
        The layers, and what the graph does to pixels before the first of them; None where it does nothing and wants
        them scaled already (the convention of InsightFace's own programs).

    Raises:
        WeightsError: anything but an iResNet; names the first node that does not fit, and what was expected there.
    """
    if (sides := graph.input_shape) and (len(sides) != 4 or not _may_be(sides[1:], (3, INPUT_SIZE, INPUT_SIZE))):
        raise WeightsError(f"the network takes {sides}, expected pictures (n, 3, {INPUT_SIZE}, {INPUT_SIZE})")
    walk = _Walk(graph)
    scale = walk.pixel_scale()
    return walk.network(), scale


class _Walk:
    """Goes from the input to the output; `here` is the tensor that was reached."""

    def __init__(self, graph: OnnxGraph) -> None:
        self.graph = graph
        self.here = graph.input

    def network(self) -> IResNetLayers:
        stem = self.convolution(3, 1)
        slope = self.prelu(len(stem.filters))
        blocks = []
        while len(self.users()) > 1:
            blocks.append(self.block())
        last_norm = self.norm_if_any()
        self.flatten()
        weights, bias = self.fully_connected()
        output_norm = self.output_norm()
        if self.here not in self.graph.outputs:
            self.refuse(self.next(), "the end of the network")
        return IResNetLayers(stem, slope, tuple(blocks), last_norm, weights, bias, output_norm)

    def block(self) -> Block:
        users = self.users()
        entries = [node for node in users if node.kind == "BatchNormalization"]
        others = [node for node in users if node.kind in ("Conv", "Add")]
        if len(users) != 2 or len(entries) != 1 or len(others) != 1:
            odd = [node for node in users if node not in entries[:1] and node not in others[:1]]
            self.refuse((odd or list(users))[0], "one BatchNormalization and one Conv or Add")
        before, halves = self.here, others[0].kind == "Conv"
        entry = self.norm(entries[0])
        first = self.convolution(3, 1)
        slope = self.prelu(len(first.filters))
        second = self.convolution(3, 2 if halves else 1)
        after = self.here
        shortcut = None
        self.here = before
        if halves:
            shortcut = self.convolution(1, 2, others[0])
        added, self.here = self.here, after
        total = self.expect("Add")
        if set(total.inputs) != {added, after}:
            self.refuse(total, "the sum of the block and its shortcut")
        self.here = total.output
        return Block(entry, first, slope, second, shortcut)

    def convolution(self, size: int, stride: int, node: Node | None = None) -> Convolution:
        node = self.expect("Conv") if node is None else node
        filters = self.constant(node, 1)
        margin = size // 2
        given = node.attributes
        found = (
            filters.shape[2:],
            given.get("strides", (1, 1)),
            given.get("pads", (0, 0, 0, 0)),
            given.get("dilations", (1, 1)),
            given.get("group", 1),
            given.get("auto_pad", "NOTSET"),
        )
        if found != ((size, size), (stride, stride), (margin,) * 4, (1, 1), 1, "NOTSET"):
            self.refuse(node, f"filters of {size} x {size} with stride {stride} and padding {margin}")
        bias = self.constant(node, 2) if len(node.inputs) > 2 else None
        self.here = node.output
        return Convolution(filters, bias, self.norm_if_any())

    def norm_if_any(self) -> Norm | None:
        users = self.users()
        return self.norm(users[0]) if [node.kind for node in users] == ["BatchNormalization"] else None

    def norm(self, node: Node) -> Norm:
        if node.attributes.get("training_mode", 0):
            self.refuse(node, "a BatchNormalization by running moments")
        eps = node.attributes.get("epsilon", _DEFAULT_EPS)
        if not isinstance(eps, float) or not 0 <= eps < 1:
            self.refuse(node, "an epsilon from 0 to 1")
        gamma, beta, mean, variance = (self.constant(node, place) for place in (1, 2, 3, 4))
        self.here = node.output
        return make_norm(gamma, beta, mean, variance, eps, f"node {node.label}")

    def prelu(self, n_channels: int) -> Floats:
        node = self.expect("PRelu")
        slope = self.constant(node, 1).ravel()
        if slope.size not in (1, n_channels):
            self.refuse(node, f"a slope for each of {n_channels} channels")
        self.here = node.output
        return np.ascontiguousarray(np.broadcast_to(slope, (n_channels,)))

    def flatten(self) -> None:
        node = self.next()
        if node.kind == "Reshape" or (node.kind == "Flatten" and node.attributes.get("axis", 1) == 1):
            self.here = node.output
        else:
            self.refuse(node, "Flatten or Reshape")

    def fully_connected(self) -> tuple[Floats, Floats | None]:
        node = self.next()
        if node.kind == "Gemm":
            given = node.attributes
            if (given.get("alpha", 1.0), given.get("beta", 1.0), given.get("transA", 0)) != (1.0, 1.0, 0):
                self.refuse(node, "a Gemm that scales and transposes nothing but the weights")
            weights = self.constant(node, 1) if given.get("transB", 0) else self.constant(node, 1).T
            bias = self.constant(node, 2).ravel() if len(node.inputs) > 2 else None
        elif node.kind == "MatMul":
            weights, bias = self.constant(node, 1).T, None
            if [after.kind for after in self.graph.users.get(node.output, ())] == ["Add"]:
                self.here = node.output
                node = self.next()
                bias = self.constant(node, 1 if node.inputs[0] == self.here else 0).ravel()
        else:
            self.refuse(node, "Gemm or MatMul")
        self.here = node.output
        return weights, bias

    def output_norm(self) -> Norm | None:
        """A normalisation of the vector, between an Unsqueeze and a Squeeze where the exporter was old."""
        wrapped = [node.kind for node in self.users()] == ["Unsqueeze"]
        if wrapped:
            self.here = self.next().output
        norm = self.norm_if_any()
        if wrapped:
            self.here = self.expect("Squeeze").output
        return norm

    def pixel_scale(self) -> PixelScale | None:
        """What is done to pixels, one multiplication or addition after the other."""
        factor, offset = np.ones(3), np.zeros(3)
        started = self.here
        while len(self.users()) == 1 and (node := self.next()).kind in ("Sub", "Add", "Mul", "Div"):
            value = self._for_each_colour(node)
            if node.kind in ("Sub", "Add"):
                offset = offset + (value if node.kind == "Add" else -value)
            else:
                step = value if node.kind == "Mul" else 1 / value
                factor, offset = factor * step, offset * step
            self.here = node.output
        if self.here == started:
            return None
        reached = np.abs([offset, 255 * factor + offset]).max(axis=0)
        if not (reached.min() > _SMALLEST and reached.max() < _LARGEST and factor.min() > 0):
            raise WeightsError(
                f"the graph multiplies its input by {factor.tolist()} and adds {offset.tolist()}, which fits no pixels "
                "from 0 to 255; take these first nodes out of it"
            )
        return PixelScale(_three(-offset / factor), _three(1 / factor))

    def _for_each_colour(self, node: Node) -> Doubles:
        place = 1 if node.inputs[0] == self.here else 0
        value = self.constant(node, place).astype(np.float64)
        if (place == 0 and node.kind in ("Sub", "Div")) or not (value.size == 1 or value.shape[-3:] == (3, 1, 1)):
            self.refuse(node, "a number, or one for each colour, on the right")
        if node.kind == "Div" and not value.all():
            self.refuse(node, "a number that is not 0")
        return np.broadcast_to(value.ravel(), (3,))

    def users(self) -> tuple[Node, ...]:
        return self.graph.users.get(self.here, ())

    def next(self) -> Node:
        users = self.users()
        if not users:
            raise WeightsError("the network ends before its last layer: no iResNet")
        if len(users) > 1:
            self.refuse(users[1], "a tensor that one node uses")
        return users[0]

    def expect(self, kind: str) -> Node:
        node = self.next()
        if node.kind != kind:
            self.refuse(node, kind)
        return node

    def constant(self, node: Node, place: int) -> NDArray[np.float32]:
        name = node.inputs[place] if place < len(node.inputs) else ""
        if name not in self.graph.constants:
            self.refuse(node, f"a constant as input {place}")
        array = self.graph.constants[name].astype(np.float32)
        if not np.isfinite(array).all():
            raise WeightsError(f"node {node.label}: {name} has numbers that are not finite; the file is damaged")
        return array

    def refuse(self, node: Node, expected: str) -> NoReturn:
        raise WeightsError(f"node {node.label} does not fit an iResNet: expected {expected}")


def _may_be(sides: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return all(side in (None, one) for side, one in zip(sides, wanted, strict=True))


def _three(values: NDArray[Any]) -> tuple[float, float, float]:
    """Numbers that a float32 file can mean, without the digits that it cannot."""
    first, second, third = (float(np.float32(value)) for value in values)
    return first, second, third
