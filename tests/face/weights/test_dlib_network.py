"""A .dat file is read to its last byte, and a damaged one is refused, never a crash, a hang or a huge allocation."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from face.bundled_weights import dlib_file
from hypothesis import given
from hypothesis import strategies as st

from phenojax.errors import WeightsError
from phenojax.face.weights.dlib_network import (
    Affine,
    AveragePool,
    BoxOverlap,
    Convolution,
    DetectorLoss,
    DlibNetwork,
    FullyConnected,
    ImageInput,
    Mark,
    MaxPool,
    MetricLoss,
    PyramidInput,
    Relu,
    parse_dlib_network,
    read_dlib_network,
)


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def integers(*values: int) -> bytes:
    return b"".join(map(integer, values))


def real(numerator: int, exponent: int) -> bytes:
    return integers(numerator, exponent)


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def tensor(*shape: int, values: tuple[float, ...] = ()) -> bytes:
    return integers(2, *shape) + struct.pack(f"<{len(values)}f", *values)


RATES = real(1, 0) * 4
STATE = b"110" + tensor(0, 0, 0, 0) * 3


def a_small_network() -> bytes:
    """2 filters of 1 x 1 x 2, a normalisation, pools, and a fully connected layer with a bias."""
    layers = [
        text("con_4") + tensor(6, 1, 1, 1, values=(1, 2, 3, 4, 5, 6))
        + integers(2, 1, 2, 2, 1, 1, 0) + integers(1, 2, 1, 1, 2) + integers(1, 1, 2, 1, 1) + RATES
        + STATE + integer(1),
        text("bn_con2") + tensor(4, 1, 1, 1, values=(2, 4, 10, 20)) + integers(1, 1, 2, 1, 1) * 2
        + tensor(1, 2, 1, 1, values=(9, 9)) * 2
        + tensor(1, 2, 1, 1, values=(1, 2)) + tensor(1, 2, 1, 1, values=(0.75, 3.75)) + integers(100, 100)
        + RATES + real(1, -2) + STATE,
        text("relu_") + STATE,
        text("max_pool_2") + integers(3, 2, 2, 1, 0, 1) + STATE,
        text("fc_2") + integers(1, 2) + tensor(3, 1, 1, 1, values=(7, 8, 9))
        + integers(1, 2, 1, 1, 1) + integers(1, 1, 1, 1, 1) + integer(0) + RATES + STATE,
    ]  # fmt: skip
    start = integer(1) + text("loss_metric_2") + real(1, -3) + real(3, -2) + integers(2, 2, 2, 1, 2, 3)
    source = text("input_rgb_image_sized") + real(5, -1) + real(3, 0) + real(-1, 0) + integers(8, 9)
    return start + source + b"".join(layers)


SMALL = a_small_network()


@pytest.fixture(scope="session")
def detector_bytes() -> bytes:
    return dlib_file("mmod_human_face_detector.dat").read_bytes()


def test_every_value_of_a_small_network_is_where_it_belongs() -> None:
    network = parse_dlib_network(SMALL, "small.dat")
    assert network.input == ImageInput((2.5, 3.0, -1.0), height=8, width=9)
    assert network.loss == MetricLoss(margin=0.125, distance_threshold=0.75)
    convolution, affine, mark, relu, pool, full = network.layers
    assert isinstance(convolution, Convolution)
    np.testing.assert_array_equal(convolution.filters, np.array([[[[1, 2]]], [[[3, 4]]]], dtype=np.float32))
    np.testing.assert_array_equal(convolution.bias, [5, 6])
    assert (convolution.stride, convolution.padding) == ((2, 1), (1, 0))
    assert isinstance(affine, Affine)
    # (x - mean) / sqrt(variance + 1/4) * gamma + beta
    np.testing.assert_array_equal(affine.gamma, [2, 2])
    np.testing.assert_array_equal(affine.beta, [8, 16])
    assert (mark, relu) == (Mark(), Relu())
    assert pool == MaxPool(window=(3, 2), stride=(2, 1), padding=(0, 1))
    assert isinstance(full, FullyConnected)
    np.testing.assert_array_equal(full.weights, [[7], [8]])
    np.testing.assert_array_equal(full.bias, [9])


def test_the_face_encoder_has_29_convolutions_of_5_6_million_weights() -> None:
    network = read_dlib_network(dlib_file("dlib_face_recognition_resnet_model_v1.dat"))
    assert isinstance(network.input, ImageInput)
    np.testing.assert_allclose(network.input.mean, (122.782, 117.001, 104.298), rtol=1e-7)
    assert (network.input.height, network.input.width) == (150, 150)
    assert network.loss == MetricLoss(np.float32(0.04), np.float32(0.6))
    convolutions = [layer for layer in network.layers if isinstance(layer, Convolution)]
    assert len(convolutions) == 29
    assert sum(layer.filters.size for layer in convolutions) == 5_571_168
    assert [layer.padding for layer in convolutions if layer.stride == (2, 2)] == [(0, 0)] * 5
    assert isinstance(network.layers[-2], AveragePool)
    assert network.layers[-2].window == (0, 0)
    assert isinstance(network.layers[-1], FullyConnected)
    assert network.layers[-1].weights.shape == (256, 128)


def test_the_face_detector_slides_a_window_of_80_pixels(detector_bytes: bytes) -> None:
    network = parse_dlib_network(detector_bytes, "mmod.dat")
    assert isinstance(network.input, PyramidInput)
    assert (network.input.padding, network.input.outer_padding) == (10, 11)
    assert isinstance(network.loss, DetectorLoss)
    assert [(window.width, window.height) for window in network.loss.windows] == [(80, 80)]
    assert network.loss.suppression == BoxOverlap(iou=pytest.approx(0.33827613511), covered=1.0)
    shapes = [layer.filters.shape for layer in network.layers if isinstance(layer, Convolution)]
    assert shapes == [(16, 3, 5, 5), (32, 16, 5, 5), (32, 32, 5, 5), (45, 32, 5, 5), (45, 45, 5, 5), (45, 45, 5, 5),
                      (1, 45, 9, 9)]  # fmt: skip


def read_or_refuse(data: bytes) -> DlibNetwork | None:
    """A network whose arrays hold no more than the file could, or None for a refusal that names the file and a byte."""
    try:
        network = parse_dlib_network(data, "damaged.dat")
    except WeightsError as error:
        message = str(error)
    else:
        arrays = [value for layer in network.layers for value in layer if isinstance(value, np.ndarray)]
        assert all(np.isfinite(array).all() for array in arrays)
        assert sum(array.nbytes for array in arrays) <= len(data)
        return network
    assert message.startswith("damaged.dat, byte ")
    return None


def test_a_file_cut_off_anywhere_is_refused() -> None:
    assert [cut for cut in range(len(SMALL)) if read_or_refuse(SMALL[:cut]) is not None] == []
    assert read_or_refuse(SMALL + b"\x01") is None


@pytest.mark.parametrize("value", [0x00, 0x01, 0x08, 0x7F, 0x84, 0xFF])
def test_a_changed_byte_is_refused_or_read_cleanly(value: int) -> None:
    for at in range(len(SMALL)):
        read_or_refuse(SMALL[:at] + bytes([value]) + SMALL[at + 1 :])


@given(
    cut=st.floats(0, 1, exclude_max=True),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
)
def test_a_damaged_detector_is_refused_or_read_cleanly(
    detector_bytes: bytes, cut: float, flips: list[tuple[float, int]]
) -> None:
    assert read_or_refuse(detector_bytes[: int(cut * len(detector_bytes))]) is None
    damaged = bytearray(detector_bytes)
    for place, mask in flips:
        damaged[int(place * len(damaged))] ^= mask
    read_or_refuse(bytes(damaged))


def test_a_tensor_that_claims_more_than_the_file_holds_takes_no_memory() -> None:
    huge = SMALL.replace(tensor(6, 1, 1, 1), tensor(2**62, 2**62, 2**62, 2**62))
    empty = SMALL.replace(tensor(0, 0, 0, 0), tensor(0, 2**62, 2**62, 2**62))
    assert parse_dlib_network(empty, "empty.dat").loss == parse_dlib_network(SMALL, "small.dat").loss
    with pytest.raises(WeightsError, match="cut off or damaged"):
        parse_dlib_network(huge, "huge.dat")


@pytest.mark.parametrize(
    ("found", "instead", "message"),
    [
        (text("relu_"), text("sig__"), "layer 'sig__' is not known"),
        (text("con_4"), text("con_9"), "layer 'con_9' is not known"),
        (text("loss_metric_2"), text("loss_metric_3"), "loss 'loss_metric_3' is not known"),
        (text("input_rgb_image_sized"), text("input_rgb_image_sizer"), "input layer 'input_rgb_image_sizer'"),
        (text("relu_"), b"\x01\x05\xff\xfe\xfd\xfc\xfb", "no UTF-8"),
        (real(1, -3), real(1, 30000), "too large for a float"),
        (real(1, -3), real(1, 32002), "nan where a finite number"),
        (struct.pack("<f", 9.0), struct.pack("<f", float("nan")), "no finite number"),
    ],
)
def test_what_is_not_known_is_named(found: bytes, instead: bytes, message: str) -> None:
    assert found in SMALL
    with pytest.raises(WeightsError, match=message):
        parse_dlib_network(SMALL.replace(found, instead), "small.dat")


def test_a_file_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"absent\.dat cannot be read"):
        read_dlib_network(tmp_path / "absent.dat")
