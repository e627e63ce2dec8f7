"""The encoder gives the numbers of dlib itself, on real faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.bundled_weights import dlib_file
from face.golden_faces import astronaut, synthetic
from numpy.typing import NDArray
from reference.dlib_chip import dlib_chip

from phenojax.errors import WeightsError
from phenojax.face.encoders.dlib_resnet import DlibResNet, add_filled_up, fold, load_dlib_resnet
from phenojax.face.encoders.encoder import Params, encode
from phenojax.face.weights.card import Channels, Preprocessing
from phenojax.face.weights.dlib_network import Convolution, DlibNetwork, Relu, read_dlib_network

WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
SETTINGS = Preprocessing(150, Channels.RGB, (122.782, 117.001, 104.298), (256.0, 256.0, 256.0), "dlib-150")


@pytest.fixture(scope="session")
def network() -> DlibNetwork:
    return read_dlib_network(dlib_file(WEIGHTS))


@pytest.fixture(scope="session")
def loaded() -> tuple[DlibResNet, Params]:
    return load_dlib_resnet(dlib_file(WEIGHTS))


@pytest.fixture(scope="session")
def astronaut_chips() -> NDArray[np.uint8]:
    """dlib's chip of a face, and what it is mirrored, darker and shifted: four faces to dlib."""
    face = astronaut()
    chip = dlib_chip(face.picture, face.points)
    return np.stack([chip, chip[:, ::-1], chip // 2, np.roll(chip, 9, axis=1)])


def distances(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.abs(np.asarray(first) - second).max(axis=-1)


def test_the_descriptor_of_a_real_face_is_dlibs_within_1e_5(
    loaded: tuple[DlibResNet, Params], astronaut_chips: NDArray[np.uint8]
) -> None:
    vectors = encode(loaded[0], SETTINGS, loaded[1], jnp.asarray(astronaut_chips))
    golden = astronaut().descriptor
    assert distances(vectors[:1], golden) < 1e-5
    # Each of these would pass a test on accuracy; none passes this one.
    assert (distances(vectors[1:], golden) > 0.02).all()
    swapped = encode(loaded[0], SETTINGS, loaded[1], jnp.asarray(astronaut_chips[..., ::-1]))
    assert distances(swapped[0], golden) > 0.02


def test_the_descriptors_of_twenty_faces_are_dlibs_within_1e_5(
    loaded: tuple[DlibResNet, Params], shared_data: Callable[[str], Path]
) -> None:
    faces = synthetic(shared_data)
    chips = np.stack([dlib_chip(face.picture, face.points) for face in faces]).reshape(5, 4, 150, 150, 3)
    vectors = np.concatenate([encode(loaded[0], SETTINGS, loaded[1], jnp.asarray(batch)) for batch in chips])
    assert distances(vectors, np.stack([face.descriptor for face in faces])).max() < 1e-5


def test_dlib_itself_agrees_on_mirrored_dark_and_shifted_chips(
    loaded: tuple[DlibResNet, Params], astronaut_chips: NDArray[np.uint8]
) -> None:
    dlib = pytest.importorskip("dlib", reason="dlib-bin is in the extra peers")
    peer = dlib.face_recognition_model_v1(str(dlib_file(WEIGHTS)))
    wanted = np.array([peer.compute_face_descriptor(np.ascontiguousarray(chip)) for chip in astronaut_chips])
    vectors = encode(loaded[0], SETTINGS, loaded[1], jnp.asarray(astronaut_chips))
    assert distances(vectors, wanted).max() < 1e-5


def test_a_quarter_of_the_precision_keeps_the_direction(
    loaded: tuple[DlibResNet, Params], astronaut_chips: NDArray[np.uint8]
) -> None:
    exact, rough = (
        np.asarray(encode(loaded[0], SETTINGS, loaded[1], jnp.asarray(astronaut_chips), dtype=dtype))
        for dtype in ("float32", "bfloat16")
    )
    cosine = (exact * rough).sum(axis=1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
    assert cosine.min() > 0.9999


def test_a_sum_is_as_large_as_the_larger_of_both_in_every_direction() -> None:
    first, second = jnp.ones((1, 3, 1, 2)), jnp.full((1, 2, 2, 1), 10.0)
    total = np.asarray(add_filled_up(first, second))
    np.testing.assert_array_equal(total[0], [[[11, 1], [10, 0]], [[11, 1], [10, 0]], [[1, 1], [0, 0]]])


def test_an_affine_layer_is_folded_exactly(network: DlibNetwork) -> None:
    stem, affine = network.layers[:2]
    assert isinstance(stem, Convolution)
    params = fold(network)["stem"]
    patch = np.random.default_rng(3).normal(size=(3, 7, 7))
    gamma, beta = (np.asarray(values, dtype=np.float64) for values in affine)
    apart = ((stem.filters * patch).sum(axis=(1, 2, 3)) + stem.bias) * gamma + beta
    together = (
        np.tensordot(patch.transpose(1, 2, 0), np.asarray(params["kernel"], dtype=np.float64), 3) + params["bias"]
    )
    np.testing.assert_allclose(together, apart, rtol=1e-6, atol=1e-6)


def test_another_network_is_refused(network: DlibNetwork) -> None:
    stem = network.layers[0]
    assert isinstance(stem, Convolution)
    padded = stem._replace(padding=(1, 1))
    for other, message in [
        (network._replace(layers=network.layers[:-1]), "not dlib's face encoder: 129 layers"),
        (network._replace(layers=(Relu(), *network.layers[1:])), "not dlib's face encoder"),
        (network._replace(layers=(padded, *network.layers[1:])), "stride and padding"),
    ]:
        with pytest.raises(WeightsError, match=message):
            fold(other)
    with pytest.raises(WeightsError, match=r"mmod_human_face_detector\.dat: the network takes"):
        load_dlib_resnet(dlib_file("mmod_human_face_detector.dat"))


def test_a_chip_of_the_wrong_size_is_no_input(loaded: tuple[DlibResNet, Params]) -> None:
    with pytest.raises(ValueError, match="150"):
        jax.eval_shape(lambda x: loaded[0].apply({"params": loaded[1]}, x), jnp.zeros((1, 112, 112, 3)))
