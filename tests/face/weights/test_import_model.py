"""A file that somebody else made becomes a model with a name, or nothing is written and one sentence says why."""

from __future__ import annotations

import argparse
import copy
import io
import json
import pickle
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")
pytest.importorskip("torch", reason="torch is in the extra peers")

import torch
from face.bundled_weights import dlib_file
from face.iresnet_models import EPS, pictures, vectors_of
from numpy.typing import NDArray
from reference.torch_iresnet import TorchIResNet, random_iresnet

from phenojax.cli import main
from phenojax.errors import ConfigError, MissingExtraError, WeightsError
from phenojax.face.encoders.encoder import encode
from phenojax.face.encoders.ensemble import apart
from phenojax.face.encoders.iresnet import STAGES
from phenojax.face.encoders.model import load_model
from phenojax.face.weights.card import Channels
from phenojax.face.weights.catalogue import BUNDLED, IMPORTABLE
from phenojax.face.weights.import_model import KINDS, import_model
from phenojax.face.weights.store import read_stored
from phenojax.face.weights.torch_state import read_state_dict
from phenojax.face.weights.verify import verify

CHIPS = np.round(pictures(2, seed=3) * 127.5 + 127.5).astype(np.uint8)


@pytest.fixture(scope="module")
def model() -> TorchIResNet:
    return random_iresnet(STAGES["iresnet18"], seed=1, eps=EPS)


@pytest.fixture(scope="module")
def magface(model: TorchIResNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as MagFace writes it: the network under a wrapper, beside an epoch and a classifier."""
    path = tmp_path_factory.mktemp("files") / "magface_iresnet18.pth"
    state = {f"features.module.{name}": tensor for name, tensor in model.state_dict().items()}
    state["fc.weight"] = torch.zeros(512, 100)
    torch.save({"epoch": 25, "arch": "iresnet18", "state_dict": state}, path)
    return path


@pytest.fixture(scope="module")
def folder(magface: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model ``magface`` in it."""
    path = tmp_path_factory.mktemp("weights")
    assert main(["weights", "import", str(magface), "--kind", "magface", "--weights", str(path), "--quiet"]) == 0
    return path


def normalised(chips: NDArray[np.uint8], mean: float, scale: float) -> NDArray[np.float32]:
    return (chips.astype(np.float32) - np.float32(mean)) / np.float32(scale)


def test_an_imported_magface_sees_blue_first_and_gives_what_pytorch_gives(folder: Path, model: TorchIResNet) -> None:
    encoder = load_model("magface", folder)
    assert (encoder.card.architecture, encoder.card.name) == ("iresnet18", "magface")
    found = encode(encoder.module, encoder.preprocessing, encoder.params, jnp.asarray(CHIPS))
    wanted = vectors_of(model, normalised(CHIPS[..., ::-1], 0, 255))
    assert np.abs(found - wanted).max() < 1e-4
    swapped = vectors_of(model, normalised(CHIPS, 0, 255))
    assert np.abs(found - swapped).max() > 0.1


def test_the_card_says_what_it_was_made_from_and_what_was_assumed(folder: Path, magface: Path) -> None:
    stored = read_stored(folder / "magface.safetensors")
    (source,) = stored.sources
    assert (source.name, source.n_bytes) == (magface.name, magface.stat().st_size)
    assert stored.card.preprocessing == IMPORTABLE["magface"].card.preprocessing
    assert stored.card.preprocessing is not None
    assert stored.card.preprocessing.channels is Channels.BGR
    assert "eps 2e-05, which the file does not say" in stored.card.notes


def test_verification_passes_and_notices_swapped_channels(folder: Path, tmp_path: Path) -> None:
    (found,) = verify(("magface",), folder)
    assert (found.ok, found.problem) == (True, "")
    shutil.copy(folder / "magface.safetensors", tmp_path)
    card = json.loads((folder / "magface.json").read_text(encoding="utf-8"))
    card["card"]["preprocessing"]["channels"] = "RGB"
    (tmp_path / "magface.json").write_text(json.dumps(card), encoding="utf-8")
    (found,) = verify(("magface",), tmp_path)
    assert "its vector is off by" in found.problem
    with pytest.raises(WeightsError, match="its card is another model's"):
        import_model([tmp_path / "magface.safetensors"], name="second", weights_dir=tmp_path)


def test_our_own_file_is_imported_under_another_name(folder: Path, tmp_path: Path) -> None:
    stored, path = import_model([folder / "magface.safetensors"], name="mine", weights_dir=tmp_path)
    assert (stored.card.name, path.name) == ("mine", "mine.safetensors")
    assert stored.sources == read_stored(folder / "magface.safetensors").sources
    jax.tree.map(
        np.testing.assert_array_equal, load_model("mine", tmp_path).params, load_model("magface", folder).params
    )


def test_a_name_that_is_taken_is_not_given_away_unasked(magface: Path, folder: Path) -> None:
    before = (folder / "magface.safetensors").stat().st_mtime_ns
    with pytest.raises(WeightsError, match="there is a model magface already; give another --name, or --overwrite"):
        import_model([magface], "magface", weights_dir=folder)
    assert (folder / "magface.safetensors").stat().st_mtime_ns == before
    import_model([magface], "magface", weights_dir=folder, overwrite=True)
    assert (folder / "magface.safetensors").stat().st_mtime_ns > before


def test_a_network_of_dlibs_shape_is_known_by_its_suffix(tmp_path: Path) -> None:
    path = dlib_file("dlib_face_recognition_resnet_model_v1.dat")
    stored, _ = import_model([path], name="dlib-copy", weights_dir=tmp_path)
    assert replace(stored.card, name="dlib-resnet", files=()) == replace(BUNDLED["dlib-resnet"].card, files=())
    mine = tmp_path / "mine.dat"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1  # one weight by a little
    mine.write_bytes(data)
    card = import_model([mine], name="mine", weights_dir=tmp_path)[0].card
    assert card.source.startswith("mine.dat, imported by its user")
    assert (card.commercial_use, card.threshold, card.lfw_claimed) == (None, None, None)
    with pytest.raises(WeightsError, match="that of a model of the extra faces; choose another with --name"):
        import_model([path], weights_dir=tmp_path)


def shifted(model: TorchIResNet, by: float) -> TorchIResNet:
    """The same network with another last bias, so that it is told apart."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.fc.bias.add_(torch.linspace(-by, by, 512))
    return other


def test_three_networks_make_one_encoder_whatever_their_order(
    model: TorchIResNet, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx", reason="onnx is in the extra peers")
    from face.weights.onnx_models import onnx_iresnet

    members = [model, shifted(model, 1), shifted(model, 2)]
    paths = [tmp_path / name for name in ("a.pth", "b.pth", "c.onnx")]
    for path, member in zip(paths[:2], members, strict=False):
        torch.save(member.state_dict(), path)
    paths[2].write_bytes(onnx_iresnet(members[2]).SerializeToString())
    command = ["weights", "import", "--kind", "gestaltmatcher-arc", "--eps", "2e-5", "--weights", str(tmp_path)]
    assert main([*command, "--json", *map(str, paths)]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["card"]["architecture"] == "iresnet18+iresnet18+iresnet18"
    encoder = load_model("gestaltmatcher-arc", tmp_path)
    vectors = apart(np.asarray(encode(encoder.module, encoder.preprocessing, encoder.params, jnp.asarray(CHIPS))))
    order = [["a.pth", "b.pth", "c.onnx"].index(source["name"]) for source in told["sources"]]
    for place, number in enumerate(order):
        wanted = vectors_of(members[number], normalised(CHIPS, 127.5, 127.5))
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        assert np.abs(vectors[:, 4 * place] - wanted).max() < 1e-4
    backwards, _ = import_model(paths[::-1], "gestaltmatcher-arc", name="b", weights_dir=tmp_path, eps=EPS)
    assert backwards.golden == read_stored(tmp_path / "gestaltmatcher-arc.safetensors").golden
    with pytest.raises(WeightsError, match=r"two of .* are the same file"):
        import_model([paths[0], *paths[:2]], "gestaltmatcher-arc", name="c", weights_dir=tmp_path)


def test_a_scale_of_pixels_inside_the_graph_replaces_that_of_the_card(model: TorchIResNet, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is in the extra peers")
    from face.weights.onnx_models import onnx_iresnet

    path = tmp_path / "arc.onnx"
    path.write_bytes(onnx_iresnet(model, scale=True).SerializeToString())
    import_model([path], "arcface", weights_dir=tmp_path)
    encoder = load_model("arcface", tmp_path)
    assert (encoder.preprocessing.mean, encoder.preprocessing.scale) == ((127.5,) * 3, (128.0,) * 3)
    found = encode(encoder.module, encoder.preprocessing, encoder.params, jnp.asarray(CHIPS))
    assert np.abs(found - vectors_of(model, normalised(CHIPS, 127.5, 128))).max() < 1e-4


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        (
            ["a.pth"],
            {},
            "--kind is missing: a.pth .* one of magface, qmagface, arcface, gestaltmatcher-arc",
        ),
        (["a.onnx"], {}, "--kind is missing"),
        (["a.pth"], {"kind": "facenet"}, "--kind 'facenet' is not known; there is magface, "),
        (["a.zip"], {"kind": "magface"}, r"a\.zip: cannot read this; expected a name that ends in \.pth"),
        (["a.dat"], {"kind": "magface"}, r"--kind magface: a\.dat is no such file; expected .*\.pth"),
        (["a.pth"], {"kind": "dlib-resnet"}, r"--kind dlib-resnet: a\.pth is no such file; .* ends in \.dat"),
        (["a.pth", "b.pth"], {"kind": "magface"}, "is made of 1 file, not 2"),
        (["a.pth"], {"kind": "gestaltmatcher-arc"}, "is made of 3 files, not 1"),
        (["a.onnx"], {"kind": "arcface", "eps": 1e-5}, "--eps 1e-05: expected .* only for .pth files"),
        (["a.pth"], {"kind": "arcface", "eps": -1.0}, "--eps -1: expected a number from 0 to 1"),
        (["a.pth"], {"kind": "arcface", "name": "magface"}, "stands for models of another kind than arcface"),
        (["a.pth"], {"kind": "arcface", "name": "../up"}, "is not allowed"),
        (["absent.pth"], {"kind": "arcface"}, r"absent\.pth: cannot be read"),
        (["absent.onnx"], {"kind": "arcface"}, r"absent\.onnx: cannot be read"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    files: list[str], options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    out = tmp_path / "weights"
    with pytest.raises((ConfigError, WeightsError), match=words):
        import_model([tmp_path / name for name in files], weights_dir=out, **options)
    assert not out.exists()


def zipped(value: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def torchscript() -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that TorchScript is old
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), stream)
    return stream.getvalue()


CONVERT = r"torch\.save\(model\.state_dict\(\)"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "is no PyTorch file, or a damaged one"),
        (lambda: b"<!DOCTYPE html><html>", "is no PyTorch file, or a damaged one"),
        (lambda: b"hello world " * 50, "is no PyTorch file, or a damaged one"),
        (lambda: zipped({"a": torch.ones(999)})[:-100], "is no PyTorch file, or a damaged one"),
        (lambda: zipped({"a": torch.ones(999)})[:100], "is no PyTorch file, or a damaged one"),
        (
            lambda: zipped({"a": torch.ones(9)}).replace(b"/data/0", b"/da\xb1a/0"),
            "is no PyTorch file, or a damaged one",
        ),
        (
            lambda: zipped(torch.nn.Linear(2, 2)),
            rf"a pickled program \(torch\.nn\.\S+Linear\).*{CONVERT}",
        ),
        (lambda: zipped({"state_dict": {}, "args": argparse.Namespace()}), rf"argparse\.Namespace.*{CONVERT}"),
        (lambda: pickle.dumps(argparse.Namespace(run=print)), rf"a pickled program, which is not run.*{CONVERT}"),
        (torchscript, rf"is a TorchScript program, not a file of weights; .*{CONVERT}"),
        (lambda: zipped(torch.ones(3)), "holds no tensors by name, but Tensor"),
        (lambda: zipped({"epoch": 3}), "holds no tensors by name, but dict"),
        (lambda: zipped({"n": torch.ones(3, dtype=torch.int64)}), "holds no tensors by name"),
        (lambda: zipped({"a": torch.eye(3).to_sparse()}), "a is no plain tensor"),
        (lambda: zipped({"encoder.weight": torch.ones(3)}), r"x\.pth: no iResNet by its names"),
    ],
)
def test_a_file_that_is_no_state_dict_ends_in_one_sentence_and_writes_nothing(
    make: Callable[[], bytes], words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "x.pth", tmp_path / "weights"
    path.write_bytes(make())
    assert main(["weights", "import", str(path), "--kind", "magface", "--weights", str(out)]) == 2
    told = capfd.readouterr().err
    assert re.search(words, told), told
    assert told.count("\n") == 1
    assert str(path) in told
    assert not out.exists()


@pytest.mark.parametrize(("package", "suffix"), [("torch", ".pth"), ("onnx", ".onnx")])
def test_without_the_packages_for_converting_the_command_that_installs_them_is_told(
    package: str, suffix: str, magface: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / f"x{suffix}"
    path.symlink_to(magface)
    with pytest.raises(MissingExtraError, match=r"run: pip install 'phenojax\[convert\]'"):
        import_model([path], "arcface", weights_dir=tmp_path)


def test_a_program_in_a_file_is_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "run"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(witness), "w"))

    for data in (pickle.dumps(Evil(), protocol=2), zipped({"state_dict": {"a": torch.ones(2)}, "b": Evil()})):
        path = tmp_path / "x.pth"
        path.write_bytes(data)
        with pytest.raises(WeightsError):
            import_model([path], "magface", weights_dir=tmp_path)
        assert not witness.exists()


def test_numbers_saved_with_half_the_digits_or_in_the_old_format_are_read(tmp_path: Path) -> None:
    path, tensor = tmp_path / "x.pth", torch.linspace(-1, 1, 9)
    torch.save({"w": tensor.half(), "n": torch.tensor(3)}, path, _use_new_zipfile_serialization=False)
    (read,) = read_state_dict(path).items()
    assert read[0] == "w"
    np.testing.assert_allclose(read[1], tensor.numpy(), atol=1e-3)


def test_the_command_names_every_kind(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "import", "--help"]) == 0
    told = " ".join(capfd.readouterr().out.replace("│", " ").split()).replace("- ", "-")
    assert all(kind in told for kind in KINDS)


def test_the_command_says_what_it_made(magface: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = ["weights", "import", str(magface), "--kind", "qmagface", "--name", "mine", "--weights", str(tmp_path)]
    assert main(command) == 0
    told = capfd.readouterr().out
    assert f"mine: iresnet18, 512 numbers for each face: {tmp_path / 'mine.safetensors'}" in told
    assert "CC BY-NC 4.0" in told
    assert main(["weights", "list", "--json", "--weights", str(tmp_path)]) == 0
    (card,) = (card for card in json.loads(capfd.readouterr().out) if card["name"] == "mine")
    assert card["where"] == "imported"
