"""Our networks as ONNX graphs, from the same folded weights, for onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

from phenojax.face.encoders import dlib_resnet, iresnet


class Graph:
    """A graph that is being written; each method adds a node and answers the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: ArrayLike) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolution(self, x: str, params: Mapping[str, Any], stride: int, padding: int) -> str:
        kernel = self.constant(np.asarray(params["kernel"]).transpose(3, 2, 0, 1))
        bias = self.constant(np.asarray(params["bias"]))
        return self.add("Conv", x, kernel, bias, strides=[stride] * 2, pads=[padding] * 4)

    def fully_connected(self, x: str, kernel: NDArray[np.float32], bias: ArrayLike) -> str:
        return self.add("Gemm", x, self.constant(kernel), self.constant(np.asarray(bias)))

    def session(self, output: str, side: int, threads: int) -> onnxruntime.InferenceSession:
        inputs = [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["batch", 3, side, side])]
        outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def dlib_session(params: Mapping[str, Any], threads: int) -> onnxruntime.InferenceSession:
    """dlib's encoder: preprocessed (b, 3, 150, 150) to (b, 128)."""
    graph = Graph()
    x = graph.add("Relu", graph.convolution("inputs", params["stem"], 2, 0))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    side, width = 35, 32
    for number, (channels, halves) in enumerate(dlib_resnet.BLOCKS):
        block = params[f"block_{number:02d}"]
        y = graph.add("Relu", graph.convolution(x, block["first"], 2 if halves else 1, 0 if halves else 1))
        y = graph.convolution(y, block["second"], 1, 1)
        if halves:
            convolved, pooled = (side - 3) // 2 + 1, side // 2
            side = max(convolved, pooled)
            x = graph.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
            x = _filled_up(graph, x, channels - width, side - pooled)
            y = _filled_up(graph, y, 0, side - convolved)
            width = channels
        x = graph.add("Relu", graph.add("Add", x, y))
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    embedding = params["embedding"]
    output = graph.fully_connected(x, np.asarray(embedding["kernel"]), embedding["bias"])
    return graph.session(output, dlib_resnet.INPUT_SIZE, threads)


def _filled_up(graph: Graph, x: str, channels: int, side: int) -> str:
    more = np.array([0, 0, 0, 0, 0, channels, side, side])
    return graph.add("Pad", x, graph.constant(more)) if more.any() else x


def iresnet_session(params: Mapping[str, Any], halving: list[bool], threads: int) -> onnxruntime.InferenceSession:
    """An iResNet: preprocessed (b, 3, 112, 112) to (b, 512)."""
    graph = Graph()

    def prelu(x: str, slope: ArrayLike) -> str:
        return graph.add("PRelu", x, graph.constant(np.asarray(slope)[:, None, None]))

    x = prelu(graph.convolution("inputs", params["stem"]["conv"], 1, 1), params["stem"]["slope"])
    for number, halves in enumerate(halving):
        block, stride = params[f"block_{number:02d}"], 2 if halves else 1
        scale, shift = (np.asarray(block[name]) for name in ("scale", "shift"))
        fixed = (graph.constant(values) for values in (scale, shift, np.zeros_like(scale), np.ones_like(scale)))
        y = graph.add("BatchNormalization", x, *fixed, epsilon=0.0)
        y = prelu(graph.convolution(y, block["first"], 1, 1), block["slope"])
        y = graph.convolution(y, block["second"], stride, 1)
        x = graph.add("Add", y, graph.convolution(x, block["shortcut"], stride, 0) if halves else x)
    embedding = params["embedding"]
    output = graph.fully_connected(graph.add("Flatten", x), channels_first(embedding["kernel"]), embedding["bias"])
    return graph.session(output, iresnet.INPUT_SIZE, threads)


def channels_first(kernel: ArrayLike) -> NDArray[np.float32]:
    """The last layer of an iResNet for planes (c, h, w) laid end to end, ours being (h, w, c)."""
    values = np.asarray(kernel)
    side, channels = 7, values.shape[0] // 49
    return values.reshape(side, side, channels, -1).transpose(2, 0, 1, 3).reshape(values.shape)
