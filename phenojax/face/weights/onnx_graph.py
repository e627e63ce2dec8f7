"""An ONNX file as a plain graph: nodes, who uses which tensor, and the tensors that are constant.

Nothing is run. Nodes that do nothing in inference (Identity, Dropout, casts between floating-point types) are taken
out, and small computations on constants, which exporters leave behind, are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax._extras import optional
from phenojax.errors import WeightsError

_DROPPED = {"Identity", "Dropout"}
_FLOAT_TYPES = {1, 10, 11}  # FLOAT, FLOAT16, DOUBLE in onnx.TensorProto
_ONE_FILE = "load it with onnx.load and write it with onnx.save(model, 'model.onnx') as one file"


class Node(NamedTuple):
    """One operation.

    Attributes:
        kind: ``Conv``, ``Add`` ...
        label: what an error calls it.
        inputs: names of tensors; an absent optional one is empty.
        output: name of its first tensor.
        attributes: numbers, tuples of numbers, texts and arrays, by name.
    """

    kind: str
    label: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class OnnxGraph:
    """A graph with one input.

    Attributes:
        input: name of the input tensor.
        input_shape: its sides, None where the file leaves one open; empty where it says nothing.
        outputs: names of the output tensors.
        constants: by name, as they are in the file.
        users: the nodes that take a tensor, by its name, in the order of the file.
    """

    input: str
    input_shape: tuple[int | None, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, NDArray[Any]]
    users: Mapping[str, tuple[Node, ...]] = field(repr=False)


def read_onnx(path: Path) -> OnnxGraph:
    """Read an ONNX file.

    Raises:
        MissingExtraError: onnx is not installed.
        WeightsError: no ONNX file, a damaged one, one whose weights lie in other files, or one with several inputs.
    """
    onnx = optional("onnx", "convert", "reading .onnx files")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        graph = onnx.load_model_from_string(data).graph
        if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in graph.initializer):
            raise WeightsError(f"{path}: keeps its weights in other files; {_ONE_FILE}")
        constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
        nodes = [_node(onnx, number, node) for number, node in enumerate(graph.node)]
    except WeightsError:
        raise
    except Exception as error:  # what protobuf and onnx raise for a damaged file depends on the byte that is wrong
        raise WeightsError(f"{path}: is no ONNX file, or a damaged one ({error})") from error
    if not nodes:
        raise WeightsError(f"{path}: is no ONNX file, or one without a network")
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise WeightsError(f"{path}: the network has {len(inputs)} inputs, expected one picture")
    sides = tuple(side.dim_value or None for side in inputs[0].type.tensor_type.shape.dim)
    try:
        renamed = _work_on_constants(nodes, constants)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise WeightsError(f"{path}: computes with constants in a way that cannot be followed ({error!r})") from error
    return OnnxGraph(
        inputs[0].name,
        sides,
        tuple(renamed.get(value.name, value.name) for value in graph.output),
        constants,
        _users(nodes, constants, renamed),
    )


def _node(onnx: Any, number: int, node: Any) -> Node:
    attributes = {one.name: _value(onnx, onnx.helper.get_attribute_value(one)) for one in node.attribute}
    label = f"{node.name or f'number {number}'} ({node.op_type})"
    return Node(node.op_type, label, tuple(node.input), node.output[0], attributes)


def _value(onnx: Any, value: Any) -> Any:
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    if isinstance(value, bytes):
        return value.decode()
    return tuple(value) if isinstance(value, list) else value


def _work_on_constants(nodes: Sequence[Node], constants: dict[str, NDArray[Any]]) -> dict[str, str]:
    """Fill `constants` with what follows from them; the names that stand for another tensor."""
    renamed: dict[str, str] = {}
    for node in nodes:
        source = renamed.get(node.inputs[0], node.inputs[0]) if node.inputs else ""
        if node.kind == "Constant" and "value" in node.attributes:
            constants[node.output] = np.asarray(node.attributes["value"])
        elif node.kind == "Unsqueeze" and source in constants:
            axes = constants[node.inputs[1]] if len(node.inputs) > 1 else node.attributes["axes"]
            constants[node.output] = np.expand_dims(constants[source], tuple(int(axis) for axis in np.ravel(axes)))
        elif node.kind in _DROPPED or (node.kind == "Cast" and node.attributes.get("to") in _FLOAT_TYPES):
            renamed[node.output] = source
    return renamed


def _users(
    nodes: Sequence[Node], constants: Mapping[str, NDArray[Any]], renamed: Mapping[str, str]
) -> dict[str, tuple[Node, ...]]:
    users: dict[str, tuple[Node, ...]] = {}
    for node in nodes:
        if node.output in constants or node.output in renamed:
            continue
        real = node._replace(inputs=tuple(renamed.get(name, name) for name in node.inputs))
        for name in dict.fromkeys(real.inputs):
            users[name] = (*users.get(name, ()), real)
    return users
