"""A PyTorch iResNet written as an ONNX graph, node by node, the way that one or another exporter would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

Floats = NDArray[np.float32]


@dataclass
class OnnxBuilder:
    """Appends nodes; tensors are called by number, so that no name means anything.

    Attributes:
        folded: whether a normalisation after a convolution is multiplied into it.
        matmul: whether the last layer is a MatMul and an Add.
        half: whether arrays are float16, with a cast at both ends.
    """

    folded: bool = True
    matmul: bool = False
    half: bool = False
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = str(1000 + len(self.nodes))
        self.nodes.append(
            helper.make_node(kind, list(inputs), [output], name=f"{kind}_{len(self.nodes)}", **attributes)
        )
        return output

    def constant(self, array: Floats) -> str:
        name = str(len(self.constants))
        kind = np.float16 if self.half else np.float32
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype=kind), name))
        return name

    def norm(self, x: str, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> str:
        parts = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        return self.node("BatchNormalization", x, *(self.constant(array(part)) for part in parts), epsilon=norm.eps)

    def convolution(self, x: str, layer: nn.Conv2d, norm: nn.BatchNorm2d) -> str:
        filters, size = array(layer.weight), layer.kernel_size[0]
        given = {"kernel_shape": [size] * 2, "strides": list(layer.stride), "pads": [size // 2] * 4}
        if not self.folded:
            return self.norm(self.node("Conv", x, self.constant(filters), **given), norm)
        gain = array(norm.weight) / np.sqrt(array(norm.running_var) + np.float32(norm.eps))
        bias = array(norm.bias) - array(norm.running_mean) * gain
        return self.node("Conv", x, self.constant(filters * gain[:, None, None, None]), self.constant(bias), **given)

    def prelu(self, x: str, layer: nn.PReLU) -> str:
        return self.node("PRelu", x, self.constant(array(layer.weight)[:, None, None]))

    def block(self, x: str, block: Any) -> str:
        y = self.prelu(self.convolution(self.norm(x, block.bn1), block.conv1, block.bn2), block.prelu)
        y = self.convolution(y, block.conv2, block.bn3)
        shortcut = x if block.downsample is None else self.convolution(x, *block.downsample)
        return self.node("Add", y, shortcut)

    def network(self, x: str, model: Any) -> str:
        x = self.prelu(self.convolution(x, model.conv1, model.bn1), model.prelu)
        for layer in (model.layer1, model.layer2, model.layer3, model.layer4):
            for block in layer:
                x = self.block(x, block)
        x = self.node("Flatten", self.node("Dropout", self.norm(x, model.bn2)), axis=1)
        weights, bias = array(model.fc.weight), array(model.fc.bias)
        if self.matmul:
            x = self.node("Add", self.node("MatMul", x, self.constant(weights.T)), self.constant(bias))
        else:
            x = self.node("Gemm", x, self.constant(weights), self.constant(bias), transB=1)
        return self.norm(x, model.features)

    def model(self, output: str) -> onnx.ModelProto:
        """The file; its input is called ``data``."""
        graph = helper.make_graph(
            self.nodes,
            "graph",
            [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", 3, 112, 112])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 512])],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def array(tensor: Any) -> Floats:
    values: Floats = tensor.detach().numpy()
    return values


def onnx_iresnet(model: Any, *, scale: bool = False, **options: bool) -> onnx.ModelProto:
    """The graph of a model; with `scale` it takes pixels from 0 to 255 and does what MXNet's exports do to them."""
    builder = OnnxBuilder(**options)
    x = "data"
    if scale:
        x = builder.node("Sub", x, builder.constant(np.full(1, 127.5)))
        x = builder.node("Mul", x, builder.constant(np.full(1, 1 / 128)))
    if builder.half:
        x = builder.node("Cast", x, to=TensorProto.FLOAT16)
    x = builder.network(x, model)
    return builder.model(builder.node("Cast", x, to=TensorProto.FLOAT) if builder.half else x)
