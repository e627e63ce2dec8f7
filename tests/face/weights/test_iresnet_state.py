"""A state_dict is read whatever wrapper it was saved in, and refused, by its wrong tensor, when it is another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from face.iresnet_models import EPS, NARROW, params_of, pictures, run, tensors_of, torch_iresnet, vectors_of
from numpy.typing import NDArray

from phenojax.errors import WeightsError
from phenojax.face.weights.iresnet_layers import iresnet_params
from phenojax.face.weights.iresnet_state import read_iresnet_state
from phenojax.face.weights.store import leaves

Tensors: TypeAlias = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    return tensors_of(torch_iresnet("iresnet18"))


@pytest.mark.parametrize(
    ("prefix", "head"),
    [
        ("", "classifier.weight"),
        ("module.", "head.kernel"),
        ("features.", "fc.weight"),
        ("features.module.", "fc.weight"),
        ("features.module.", "module.fc.weight"),
        ("module.features.", "module.fc.weight"),
        ("backbone.net.", "loss.weight"),
    ],
)
def test_wrappers_and_classifiers_of_training_make_no_difference(tensors: Tensors, prefix: str, head: str) -> None:
    wrapped = {f"{prefix}{name}": array for name, array in tensors.items()}
    wrapped[head] = np.ones((512, 1000), np.float32)
    architecture, params = iresnet_params(read_iresnet_state(wrapped, EPS), NARROW)
    assert architecture == "iresnet18"
    wanted = dict(leaves(params_of(torch_iresnet("iresnet18"))))
    for name, array in leaves(params):
        np.testing.assert_array_equal(array, wanted[name])


def without(name: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {one: array for one, array in tensors.items() if one != name}


def changed(name: str, change: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {**tensors, name: change(tensors[name].copy())}


def with_nan(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array.flat[-1] = np.nan
    return array


def torchvision_resnet(_: Tensors) -> Tensors:
    """The names and shapes of the first tensors of a ResNet-50 for ImageNet."""
    shapes = {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.weight": (64,),
        "layer1.0.conv1.weight": (64, 64, 1, 1),
        "layer1.0.bn1.weight": (64,),
        "fc.weight": (1000, 2048),
    }
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (torchvision_resnet, r"conv1\.weight has shape \(64, 3, 7, 7\), expected filters of 3 x 3 pixels"),
        (
            lambda _: {"encoder.weight": np.ones(3, np.float32)},
            r"the first tensor is encoder\.weight, .*torch\.onnx\.export",
        ),
        (without("bn2.running_var"), r"the file has no tensor bn2\.running_var"),
        (without("features.bias"), r"the file has no tensor features\.bias"),
        (without("layer2.0.prelu.weight"), r"the file has no tensor layer2\.0\.prelu\.weight"),
        (changed("layer4.1.conv2.weight", with_nan), r"layer4\.1\.conv2\.weight has numbers that are not finite"),
        (changed("fc.bias", with_nan), r"fc\.bias has numbers that are not finite"),
        (changed("bn1.running_var", lambda a: -a), "bn1: a variance is negative"),
        (changed("bn1.bias", lambda a: a[:-1]), r"bn1: gain, shift, mean and variance have shapes \(8,\), \(7,\)"),
        (changed("fc.weight", lambda a: a[:, :-1]), r"weights \(512, 783\), expected \(512, 784\)"),
        (changed("fc.weight", lambda a: a[:300]), r"a bias \(512,\) for weights \(300, 784\)"),
        (lambda t: {**t, "fc.weight": t["fc.weight"][:300], "fc.bias": t["fc.bias"][:300]}, "512 channels stands"),
        (changed("prelu.weight", lambda a: a[:1]), r"no iresnet18: stem/slope has shape \(1,\), expected \(8,\)"),
        (changed("layer3.0.conv1.weight", lambda a: a[:, :4]), r"block_04/first/kernel has shape \(3, 3, 4, 16\)"),
        (changed("layer3.0.conv1.weight", lambda a: a[:4]), "a normalisation of 16 channels follows 4 filters"),
        (
            lambda t: {**t, "layer1.0.se.fc.weight": t["prelu.weight"]},
            r"layer1\.0\.se\.fc\.weight, of shape \(8,\), is part of n",
        ),
        (lambda t: {**t, "layer4.0.se.fc.weight": np.ones((32, 512), np.float32)}, r"layer4\.0\.se\.fc\.weight, of"),
        (
            lambda t: {**{f"m.{k}": v for k, v in t.items()}, "m.fc2.weight": np.ones((9, 512), np.float32)},
            r"m\.fc2\.weight, of shape \(9, 512\), is part of neither",
        ),
        (
            lambda t: {name: array for name, array in t.items() if not name.startswith("layer4.1.")},
            r"stages of \(2, 2, 2, 1\) blocks",
        ),
        (
            lambda t: {**{f"a.{k}": v for k, v in t.items()}, **{f"b.{k}": v for k, v in t.items()}},
            r"2 iResNets in one file, under 'a\.', 'b\.'",
        ),
        (
            lambda t: {**{f"a.{k}": v for k, v in t.items()}, "b.conv.weight": np.ones((1, 1, 3, 3), np.float32)},
            r"b\.conv\.weight, of shape \(1, 1, 3, 3\), is part of neither",
        ),
    ],
)
def test_what_is_no_iresnet_is_named(tensors: Tensors, damage: Callable[[Tensors], Tensors], words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        iresnet_params(read_iresnet_state(damage(dict(tensors)), EPS), NARROW)


def test_a_network_whose_filters_have_a_bias_and_whose_last_layer_has_none_is_computed_right() -> None:
    """Nobody saves such a file on purpose; a reader that forgot a bias would still pass every other test."""
    model, chips = torch_iresnet("iresnet18"), pictures(2)
    tensors = tensors_of(model)
    shift = np.linspace(-1, 1, 8, dtype=np.float32)
    moved = {**tensors, "conv1.bias": shift, "bn1.running_mean": tensors["bn1.running_mean"] + shift}
    params = iresnet_params(read_iresnet_state(moved, EPS), NARROW)[1]
    assert np.abs(run("iresnet18", params, chips) - vectors_of(model, chips)).max() < 1e-4
