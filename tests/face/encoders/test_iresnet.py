"""iResNet in flax gives the numbers of the same network in PyTorch, whose normalisations are not folded."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.iresnet_models import (
    EPS,
    NARROW,
    cosines,
    params_of,
    pictures,
    run,
    tensors_of,
    torch_iresnet,
    vectors_of,
    whole_iresnet,
)
from numpy.typing import NDArray

from phenojax.face.encoders.encoder import Params, encode, encode_with_quality
from phenojax.face.encoders.iresnet import CHANNELS, STAGES, IResNet
from phenojax.face.weights.card import Channels, Preprocessing
from phenojax.face.weights.iresnet_layers import iresnet_params
from phenojax.face.weights.iresnet_state import read_iresnet_state

PLAIN = Preprocessing(112, Channels.RGB, (127.5, 127.5, 127.5), (127.5, 127.5, 127.5), "arcface-112")


@pytest.mark.parametrize("architecture", STAGES)
def test_every_depth_gives_what_pytorch_gives(architecture: str) -> None:
    model, chips = torch_iresnet(architecture), pictures(2)
    name, params = iresnet_params(read_iresnet_state(tensors_of(model), EPS), NARROW)
    assert name == architecture
    wanted = vectors_of(model, chips)
    assert np.abs(wanted).mean() > 0.5  # 1e-4 would mean nothing of smaller numbers
    assert np.abs(run(architecture, params, chips) - wanted).max() < 1e-4


def test_a_whole_network_is_within_1e_4_of_pytorch_and_in_bfloat16_points_the_same_way() -> None:
    architecture = "iresnet50"
    model, chips = whole_iresnet(architecture), pictures(2)
    params, wanted = params_of(model, channels=CHANNELS), vectors_of(model, chips)
    assert np.abs(wanted).mean() > 0.5
    assert np.abs(run(architecture, params, chips, channels=CHANNELS) - wanted).max() < 1e-4
    rough = run(architecture, params, chips, "bfloat16", CHANNELS)
    assert np.abs(rough - wanted).max() > 1e-4  # it was rough indeed
    assert cosines(rough, wanted).min() > 0.9999


def test_each_of_these_mistakes_is_larger_than_the_tolerance() -> None:
    model, chips = torch_iresnet("iresnet18"), pictures(2)
    wanted, params = vectors_of(model, chips), params_of(model)

    def error(other: Params, shown: NDArray[np.float32] = chips) -> float:
        return float(np.abs(run("iresnet18", other, shown) - wanted).max())

    assert error(params, chips[..., ::-1]) > 0.1  # swapped channels
    assert error(params, chips[:, :, ::-1]) > 0.1  # a mirror image
    # The last plane read as HWC although the weights are for CHW.
    kernel = np.asarray(params["embedding"]["kernel"]).reshape(7, 7, 16, 512).transpose(2, 0, 1, 3).reshape(-1, 512)
    assert error({**params, "embedding": {**params["embedding"], "kernel": jnp.asarray(kernel)}}) > 0.1
    # The first normalisation of a block folded into the convolution after it: wrong at the border alone.
    block = params["block_01"]
    folded = {
        **block,
        "scale": jnp.ones_like(block["scale"]),
        "shift": jnp.zeros_like(block["shift"]),
        "first": {
            "kernel": block["first"]["kernel"] * block["scale"][:, None],
            "bias": block["first"]["bias"] + (block["first"]["kernel"] * block["shift"][:, None]).sum((0, 1, 2)),
        },
    }
    assert error({**params, "block_01": folded}) > 1e-3
    assert error(params_of(model, eps=1e-3)) > 1e-3


def test_a_chip_of_the_wrong_size_is_no_input() -> None:
    with pytest.raises(ValueError, match=r"takes chips \(b, 112, 112, 3\), not \(1, 150, 150, 3\)"):
        jax.eval_shape(IResNet(STAGES["iresnet18"]).init, jax.random.key(0), jnp.zeros((1, 150, 150, 3)))


def test_in_bfloat16_stem_shortcuts_and_sums_stay_float32() -> None:
    """Rounding the stem alone would cost more than all that is rounded now."""
    network = IResNet(STAGES["iresnet18"], dtype=jnp.bfloat16)
    shapes = jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 112, 112, 3)))
    program = jax.jit(network.apply).lower(shapes, jnp.zeros((1, 112, 112, 3))).as_text()
    products = [line for line in program.splitlines() if "stablehlo.convolution" in line or "dot_general" in line]
    kinds: Mapping[str, int] = {
        kind: sum(f"x{kind}>" in line.split("->")[-1] for line in products) for kind in ("f32", "bf16")
    }
    assert kinds == {"f32": 1 + 4 + 1, "bf16": 16}  # the fully connected layer sums in float32


@pytest.mark.parametrize("flip", [False, True])
def test_the_length_of_the_vector_is_the_quality_and_a_mean_with_the_mirror_image_is_shorter(flip: bool) -> None:
    network, params = IResNet(STAGES["iresnet18"], NARROW), params_of(torch_iresnet("iresnet18"))
    chips = jnp.asarray(np.round(pictures(3) * 127.5 + 127.5).astype(np.uint8))
    vectors, quality = encode_with_quality(network, PLAIN, params, chips, "float32", flip)
    shown = (np.asarray(chips, dtype=np.float32) - 127.5) / 127.5
    first, second = (vectors_of(torch_iresnet("iresnet18"), view) for view in (shown, shown[:, :, ::-1]))
    wanted = (first + second) / 2 if flip else first
    np.testing.assert_allclose(vectors, wanted, atol=1e-4)
    np.testing.assert_allclose(quality, np.linalg.norm(wanted, axis=1), rtol=1e-4)
    assert quality.dtype == vectors.dtype == jnp.float32
    if flip:
        again = encode(network, PLAIN, params, chips, flip=True)
        np.testing.assert_allclose(vectors, again, rtol=1e-5, atol=1e-5)
        assert (np.asarray(quality) < (np.linalg.norm(first, axis=1) + np.linalg.norm(second, axis=1)) / 2).all()


def test_the_gradient_reaches_the_pixels() -> None:
    params = params_of(torch_iresnet("iresnet18"))
    chips = jnp.asarray(pictures(1)) * 127.5 + 127.5

    def score(pixels: jax.Array) -> jax.Array:
        return encode(IResNet(STAGES["iresnet18"], NARROW), PLAIN, params, pixels)[:, 0].sum()

    gradient = jax.grad(score)(chips)
    step = 0.5 * jnp.sign(gradient)
    risen = score(chips + step) - score(chips - step)
    np.testing.assert_allclose(risen, 2 * (gradient * step).sum(), rtol=0.1)
