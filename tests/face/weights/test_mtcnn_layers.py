"""The networks of the package mtcnn are read as joblib reads them, and nothing else is let in."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("joblib", reason="the extra faces is not installed")
pytest.importorskip("lz4.frame", reason="the extra faces is not installed")

import joblib
from face.bundled_weights import mtcnn_files
from lz4 import frame

from phenojax.errors import WeightsError
from phenojax.face.weights.mtcnn_layers import parse_mtcnn_layers, read_mtcnn_layers


def saved(content: object, folder: Path) -> bytes:
    path = folder / "saved.lz4"
    joblib.dump(content, path, compress="lz4")
    return path.read_bytes()


@pytest.mark.parametrize(("number", "n_arrays"), [(0, 13), (1, 16), (2, 21)])
def test_the_arrays_are_those_that_joblib_reads(number: int, n_arrays: int) -> None:
    path = mtcnn_files()[number]
    # Decompressed beforehand: what joblib opens by itself is left to the garbage collector, which warns.
    wanted = joblib.load(io.BytesIO(frame.decompress(path.read_bytes())))
    found = read_mtcnn_layers(path)
    assert len(found) == n_arrays
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other)


def test_an_array_may_be_written_column_by_column(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    (found,) = parse_mtcnn_layers(saved([np.asfortranarray(array)], tmp_path), "x.lz4")
    np.testing.assert_array_equal(found, array)


class Harmful:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_file_that_wants_something_done_is_refused_and_it_is_not_done(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    data = frame.compress(pickle.dumps([Harmful(trace)]))
    with pytest.raises(WeightsError, match=r"x\.lz4 asks for .*; only arrays are read"):
        parse_mtcnn_layers(data, "x.lz4")
    assert not trace.exists()
    pickle.loads(frame.decompress(data))
    assert trace.exists()


def test_what_is_no_list_of_float32_arrays_is_refused(tmp_path: Path) -> None:
    array = np.ones(3, np.float32)
    for content, words in (
        ({"layer": array}, "holds a dict, expected a list of arrays"),
        ([array, "text"], "expected a list of arrays"),
        ([array.astype(np.float64)], "an array of float64"),
        ([np.array([{}])], "an array of object"),
    ):
        with pytest.raises(WeightsError, match=rf"x\.lz4.*{words}"):
            parse_mtcnn_layers(saved(content, tmp_path), "x.lz4")


def test_cut_and_damaged_files_are_refused_and_named() -> None:
    data = mtcnn_files()[0].read_bytes()
    whole = frame.decompress(data)
    damaged = [b"", b"text", data[:-9], data[: len(data) // 2]]
    damaged += [frame.compress(whole[:cut]) for cut in (0, 1, 100, 231, 5_000, len(whole) - 1)]
    damaged += [frame.compress(whole + b"more"), frame.compress(b"no pickle")]
    for piece in damaged:
        with pytest.raises(WeightsError, match=r"pnet\.lz4"):
            parse_mtcnn_layers(piece, "pnet.lz4")


def test_a_damaged_byte_never_ends_in_anything_but_arrays_or_a_refusal() -> None:
    whole = bytearray(frame.decompress(mtcnn_files()[0].read_bytes()))
    random = np.random.default_rng(0)
    for at in random.integers(0, 1_500, 300):
        piece = whole.copy()
        piece[at] ^= int(random.integers(1, 256))
        try:
            layers = parse_mtcnn_layers(frame.compress(bytes(piece)), "pnet.lz4")
        except WeightsError:
            continue
        assert all(isinstance(layer, np.ndarray) for layer in layers)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"pnet\.lz4 cannot be read: No such file"):
        read_mtcnn_layers(tmp_path / "pnet.lz4")
