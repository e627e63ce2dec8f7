"""A network is found in an ONNX graph by the way the picture goes, and the first node that does not fit is named."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from face.iresnet_models import NARROW, params_of, pictures, run, torch_iresnet, vectors_of
from numpy.typing import NDArray

pytest.importorskip("onnx", reason="onnx is in the extra peers")

import onnx
import torch
from face.weights.onnx_models import onnx_iresnet

from phenojax.errors import WeightsError
from phenojax.face.weights.iresnet_graph import PixelScale, read_iresnet_graph
from phenojax.face.weights.iresnet_layers import iresnet_params
from phenojax.face.weights.onnx_graph import read_onnx


def read(path: Path, model: onnx.ModelProto) -> tuple[str, Any, PixelScale | None]:
    path.write_bytes(model.SerializeToString())
    layers, scale = read_iresnet_graph(read_onnx(path))
    return *iresnet_params(layers, NARROW), scale


def onnx_vectors(model: onnx.ModelProto, chips: NDArray[np.float32]) -> NDArray[np.float32]:
    """What onnxruntime makes of the file."""
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is in the extra peers")
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (name,) = (one.name for one in session.get_inputs())
    answer: NDArray[np.float32] = session.run(None, {name: chips.transpose(0, 3, 1, 2).copy()})[0]
    return answer


@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({"folded": True}, 1e-4),
        ({"folded": False}, 1e-4),
        ({"folded": True, "matmul": True}, 1e-4),
        ({"folded": False, "half": True}, 0.05),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_graph_gives_what_onnxruntime_gives(tmp_path: Path, options: dict[str, bool], tolerance: float) -> None:
    model, chips = onnx_iresnet(torch_iresnet("iresnet18"), **options), pictures(2)
    architecture, params, scale = read(tmp_path / "model.onnx", model)
    assert (architecture, scale) == ("iresnet18", None)
    assert np.abs(run(architecture, params, chips) - onnx_vectors(model, chips)).max() < tolerance


@pytest.mark.parametrize("architecture", ["iresnet34", "iresnet100"])
def test_deeper_networks_are_recognised(tmp_path: Path, architecture: str) -> None:
    model = torch_iresnet(architecture)
    found, params, _ = read(tmp_path / "model.onnx", onnx_iresnet(model))
    assert found == architecture
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5), params, params_of(model))


@pytest.mark.parametrize("training", [torch.onnx.TrainingMode.EVAL, torch.onnx.TrainingMode.PRESERVE])
def test_what_pytorch_exports_is_read(tmp_path: Path, training: Any) -> None:
    """InsightFace's files come from this exporter. The second way folds nothing and leaves slopes to be computed."""
    model, chips, stream = torch_iresnet("iresnet18"), pictures(2), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is a newer exporter
        torch.onnx.export(
            model,
            (torch.zeros(1, 3, 112, 112),),
            stream,
            dynamo=False,
            training=training,
            do_constant_folding=training == torch.onnx.TrainingMode.EVAL,
        )
    architecture, params, _ = read(tmp_path / "model.onnx", onnx.load_model_from_string(stream.getvalue()))
    assert np.abs(run(architecture, params, chips) - vectors_of(model, chips)).max() < 1e-4


def test_a_graph_that_scales_pixels_itself_says_how(tmp_path: Path) -> None:
    model, chips = onnx_iresnet(torch_iresnet("iresnet18"), scale=True), pictures(2) * 127.5 + 127.5
    architecture, params, scale = read(tmp_path / "model.onnx", model)
    assert scale == PixelScale((127.5,) * 3, (128.0,) * 3)
    found = run(architecture, params, (chips - 127.5) / 128)
    assert np.abs(found - onnx_vectors(model, chips)).max() < 1e-4


def graph() -> onnx.ModelProto:
    return onnx_iresnet(torch_iresnet("iresnet18"))


def node(model: onnx.ModelProto, name: str) -> Any:
    return next(one for one in model.graph.node if one.name == name)


def replaced(name: str, **fields: Any) -> Callable[[onnx.ModelProto], None]:
    """A node of another kind, or with another attribute."""

    def change(model: onnx.ModelProto) -> None:
        found = node(model, name)
        for key, value in fields.items():
            if key == "op_type":
                found.op_type = value
                continue
            for given in [one for one in found.attribute if one.name == key]:
                found.attribute.remove(given)
            found.attribute.append(onnx.helper.make_attribute(key, value))

    return change


def not_finite(model: onnx.ModelProto) -> None:
    values = onnx.numpy_helper.to_array(model.graph.initializer[0]).copy()
    values.flat[0] = np.inf
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(values, model.graph.initializer[0].name))


def of_another_size(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 224


def with_two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1]))


def cut_off(model: onnx.ModelProto) -> None:
    del model.graph.node[20:]


def with_a_tail(model: onnx.ModelProto) -> None:
    old = model.graph.output[0].name
    model.graph.node.append(onnx.helper.make_node("Sigmoid", [old], ["end"], name="Sigmoid_end"))
    model.graph.output[0].name = "end"


def with_an_early_end(model: onnx.ModelProto) -> None:
    """A block whose sum takes something else than its shortcut."""
    found = node(model, "Add_7")
    found.input[1] = found.input[0]


def without_constant_filters(model: onnx.ModelProto) -> None:
    node(model, "Conv_3").input[1] = "computed"


def scaling_twice(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32([1 / 255]), "small"))
    first = model.graph.node[0]
    for name, source in (("a", "data"), ("b", "a")):
        model.graph.node.insert(0, onnx.helper.make_node("Mul", [source, "small"], [name]))
    first.input[0] = "b"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (replaced("PRelu_1", op_type="Relu"), r"node PRelu_1 \(Relu\) does not fit an iResNet: expected PRelu"),
        (replaced("Conv_0", strides=[2, 2]), r"Conv_0 \(Conv\) .* 3 x 3 with stride 1 and padding 1"),
        (replaced("Conv_6", strides=[1, 1]), r"Conv_6 \(Conv\) .* 1 x 1 with stride 2 and padding 0"),
        (replaced("Conv_3", dilations=[2, 2]), "Conv_3"),
        (replaced("Conv_3", group=8), "Conv_3"),
        (replaced("Conv_3", auto_pad="SAME_UPPER"), "Conv_3"),
        (replaced("Add_7", op_type="Mul"), r"Add_7 \(Mul\) .* expected Add"),
        (replaced("BatchNormalization_2", training_mode=1), "by running moments"),
        (
            replaced("BatchNormalization_2", op_type="InstanceNormalization"),
            r"BatchNormalization_2 \(Inst.* expected one",
        ),
        (replaced("Gemm_49", alpha=2.0), "scales and transposes nothing"),
        (replaced("Gemm_49", op_type="Einsum"), "expected Gemm or MatMul"),
        (replaced("Flatten_48", axis=2), "expected Flatten or Reshape"),
        (with_an_early_end, "Add_7 .* the sum of the block and its shortcut"),
        (without_constant_filters, "Conv_3 .* expected a constant as input 1"),
        (with_a_tail, r"Sigmoid_end \(Sigmoid\) .* expected the end of the network"),
        (cut_off, "the network ends before its last layer"),
        (not_finite, r"node Conv_0 \(Conv\): 0 has numbers that are not finite"),
        (of_another_size, r"takes \(None, 3, 224, 112\), expected pictures"),
        (with_two_inputs, "the network has 2 inputs, expected one picture"),
        (scaling_twice, r"multiplies its input by .*, which fits no pixels from 0 to 255"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, damage: Callable[[onnx.ModelProto], None], words: str) -> None:
    model = graph()
    damage(model)
    with pytest.raises(WeightsError, match=words):
        read(tmp_path / "model.onnx", model)


def test_a_file_that_is_no_onnx_file_is_refused(tmp_path: Path) -> None:
    path, data = tmp_path / "model.onnx", graph().SerializeToString()
    for damaged in (b"", b"PK\x03\x04", b"no network at all", data[:1000], data[: len(data) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(WeightsError, match=r"model\.onnx: is no ONNX file"):
            read_onnx(path)
    with pytest.raises(WeightsError, match=r"absent\.onnx: cannot be read"):
        read_onnx(tmp_path / "absent.onnx")


def test_weights_in_other_files_are_not_looked_for(tmp_path: Path) -> None:
    path, model = tmp_path / "model.onnx", graph()
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    with pytest.raises(WeightsError, match="keeps its weights in other files"):
        read_onnx(path)
