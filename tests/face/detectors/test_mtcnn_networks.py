"""Each network of MTCNN gives what computing it layer by layer gives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("lz4.frame", reason="the extra faces is not installed")

from face.bundled_weights import mtcnn_files
from reference.mtcnn_networks import o_net, p_net, r_net

from phenojax.errors import WeightsError
from phenojax.face.detectors.mtcnn_fold import Floats, Networks, fold_networks
from phenojax.face.detectors.mtcnn_networks import decide, places, propose, refine
from phenojax.face.weights.mtcnn_layers import read_mtcnn_layers

CLOSE = 1e-4


@pytest.fixture(scope="module")
def arrays() -> list[tuple[Floats, ...]]:
    return [read_mtcnn_layers(path) for path in mtcnn_files()]


@pytest.fixture(scope="module")
def networks(arrays: list[tuple[Floats, ...]]) -> Networks:
    return fold_networks(*arrays)


def noise(*shape: int) -> Floats:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def sigmoid(margin: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-margin))


@pytest.mark.parametrize(("height", "width"), [(12, 12), (13, 12), (30, 25), (31, 40), (40, 41)])
def test_proposals_are_those_of_the_picture_whatever_lies_beyond_it(
    height: int, width: int, arrays: list[tuple[Floats, ...]], networks: Networks
) -> None:
    pixels = 100 * noise(41, 42, 3)
    picture = noise(height, width, 3)
    pixels[:width, :height] = picture.transpose(1, 0, 2)
    size = jnp.int32(width), jnp.int32(height)
    found = np.asarray(jax.jit(propose)(networks.propose, jnp.asarray(pixels), size))
    across, down = int(places(size[0])), int(places(size[1]))
    corrections, probability = p_net(arrays[0], picture)
    assert probability.shape == (down, across)
    found = found[:across, :down].transpose(1, 0, 2)
    np.testing.assert_allclose(found[..., :4], corrections, atol=CLOSE)
    np.testing.assert_allclose(sigmoid(found[..., 4]), probability, atol=CLOSE)


def test_crops_are_refined_as_layer_by_layer(arrays: list[tuple[Floats, ...]], networks: Networks) -> None:
    crops = noise(5, 24, 24, 3)
    found = np.asarray(jax.jit(refine)(networks.refine, jnp.asarray(crops)))
    for row, crop in zip(found, crops, strict=True):
        corrections, probability = r_net(arrays[1], crop)
        np.testing.assert_allclose(row[:4], corrections, atol=CLOSE)
        np.testing.assert_allclose(sigmoid(row[4]), probability, atol=CLOSE)


def test_crops_are_decided_on_as_layer_by_layer(arrays: list[tuple[Floats, ...]], networks: Networks) -> None:
    crops = noise(3, 48, 48, 3)
    found = np.asarray(jax.jit(decide)(networks.decide, jnp.asarray(crops)))
    for row, crop in zip(found, crops, strict=True):
        corrections, points, probability = o_net(arrays[2], crop)
        np.testing.assert_allclose(row[:4], corrections, atol=CLOSE)
        np.testing.assert_allclose(row[4:14], points, atol=CLOSE)
        np.testing.assert_allclose(sigmoid(row[14]), probability, atol=CLOSE)


def test_networks_in_another_order_are_refused(arrays: list[tuple[Floats, ...]]) -> None:
    propose_arrays, refine_arrays, decide_arrays = arrays
    with pytest.raises(WeightsError, match="not the network rnet of MTCNN"):
        fold_networks(propose_arrays, decide_arrays, refine_arrays)
    with pytest.raises(WeightsError, match="not the network pnet of MTCNN"):
        fold_networks(propose_arrays[:-1], refine_arrays, decide_arrays)
