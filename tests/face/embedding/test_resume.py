"""A run may be killed at any moment: nothing is lost, nothing done twice, nothing half-written."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

pytest.importorskip("flax", reason="the extra faces is not installed")

from face.embedding.tiny_encoder import SIDE, tiny_encoder
from PIL import Image

import phenojax as pj
from phenojax.errors import ConfigError
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.shards import shard_folder
from phenojax.face.weights.card import Channels

if jax.default_backend() != "cpu":
    pytest.skip("shards have another size on accelerators", allow_module_level=True)

SCRIPT = Path(__file__).with_name("embed_slowly.py")
# On processors, a shard is what makes one batch of the encoder.
N, OF_A_SHARD = 22, 4


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Aligned faces of noise, and two files that are none."""
    folder = tmp_path / "faces"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(N - 2):
        chip = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(chip).save(folder / f"face{number:02d}.png")
    (folder / "face05b.png").write_bytes(b"no picture")
    (folder / "face11b.png").write_bytes(b"")
    return folder


def embed(faces: Path, out: Path, **more: object) -> FaceEmbeddings:
    return pj.embed_faces(faces, tiny_encoder(), aligned=True, batch_size=OF_A_SHARD, out=out, **more)  # type: ignore[arg-type]


def start(faces: Path, out: Path, seconds: float) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, str(SCRIPT), str(faces), str(out), str(seconds), str(OF_A_SHARD)]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE)


def stop_when(process: subprocess.Popen[bytes], ready: Callable[[], bool], how: signal.Signals) -> bytes:
    """Send a signal as soon as `ready`; what the process wrote on stderr."""
    deadline = time.monotonic() + 120
    while not ready():
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(how)
    return process.communicate(timeout=60)[1]


def parts(out: Path) -> dict[str, tuple[int, int]]:
    """The finished shards, and which files on which disk blocks they are."""
    folder = out.with_name(f"{out.name}.parts")
    found = folder.glob("[0-9a-f]*.parquet") if folder.exists() else ()
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def assert_same(found: FaceEmbeddings, wanted: FaceEmbeddings) -> None:
    assert found.table.equals(wanted.table)
    assert found.vectors.tobytes() == wanted.vectors.tobytes()
    assert found.failures == wanted.failures


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_a_run_that_is_killed_again_and_again_ends_as_one_that_was_not(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    folder = out.with_name("e.parquet.parts")
    kept: dict[str, tuple[int, int]] = {}
    for n_shards, how in ((0, signal.SIGKILL), (1, signal.SIGKILL), (3, signal.SIGINT)):
        process = start(faces, out, 0.03)
        said = stop_when(process, lambda n=n_shards: folder.exists() and len(parts(out)) >= n, how)
        assert process.returncode != 0
        assert (b"KeyboardInterrupt" in said) == (how is signal.SIGINT)
        assert not out.exists()
        assert folder.stat().st_mode & 0o777 == 0o700
        now = parts(out)
        assert now.items() >= kept.items()  # not one was written anew
        kept = now
    assert 3 <= len(kept) < -(-N // OF_A_SHARD)
    finished = embed(faces, out)
    record = json.loads((tmp_path / "e.run.json").read_text())
    assert record["n_resumed"] == OF_A_SHARD * len(kept)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.parquet", "e.run.json", "faces"]
    whole = pj.embed_faces(faces, tiny_encoder(), aligned=True, batch_size=OF_A_SHARD)
    assert_same(finished, whole)
    assert_same(pj.read_embeddings(out), whole)
    assert [failure.id for failure in whole.failures] == ["face05b", "face11b"]


def test_a_shard_that_was_being_written_when_the_run_was_killed_counts_as_not_written(
    faces: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "e.parquet.parts"
    folder.mkdir()
    (folder / ".writing-0123-abc.parquet").write_bytes(b"half")
    assert_same(embed(faces, tmp_path / "e.parquet"), embed(faces, tmp_path / "f.parquet"))
    assert not folder.exists()


def test_a_finished_run_is_read_back_and_computes_nothing(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    first = embed(faces, out)
    before = out.stat()
    done: list[int] = []
    assert_same(embed(faces, out, progress=lambda n, _: done.append(n)), first)
    assert done == []
    assert (out.stat().st_ino, out.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_run_that_was_killed_between_its_last_two_steps_computes_nothing(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    first = embed(faces, out)
    folder = tmp_path / "e.parquet.parts"
    folder.mkdir()  # the file is there, the parts are not yet gone
    assert_same(embed(faces, out), first)
    assert not folder.exists()


@pytest.mark.parametrize("change", ["photograph", "settings", "weights", "preprocessing", "version"])
def test_what_a_change_makes_wrong_is_noticed_said_and_computed_again(
    change: str, faces: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "e.parquet"
    stop_after(2 * OF_A_SHARD, faces, out)
    assert len(parts(out)) >= 1
    settings: dict[str, object] = {}
    encoder = tiny_encoder(seed=1 if change == "weights" else 0)
    if change == "photograph":
        os.utime(faces / "face00.png", ns=(1, 1))
    elif change == "settings":
        settings = {"flip": True}
    elif change == "preprocessing":
        assert encoder.card.preprocessing is not None
        turned = replace(encoder.card.preprocessing, channels=Channels.BGR)
        encoder = replace(encoder, card=replace(encoder.card, preprocessing=turned))
    elif change == "version":
        monkeypatch.setattr("phenojax.face.embedding.run._versions", lambda: {"phenojax": "99", "jax": "99"})
    with caplog.at_level(logging.WARNING, logger="phenojax"):
        found = pj.embed_faces(faces, encoder, aligned=True, batch_size=OF_A_SHARD, out=out, **settings)  # type: ignore[arg-type]
    assert "belong to other photographs, settings or weights" in caplog.text
    assert_same(found, pj.embed_faces(faces, encoder, aligned=True, batch_size=OF_A_SHARD, **settings))  # type: ignore[arg-type]


def test_a_change_of_one_photograph_leaves_the_other_shards_as_they_are(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    stop_after(5 * OF_A_SHARD, faces, out)
    before = parts(out)
    assert len(before) >= 3
    os.utime(faces / "face00.png", ns=(1, 1))
    stop_after(1, faces, out)
    assert len(before.items() - parts(out).items()) == 1


def test_two_runs_do_not_write_one_file(faces: Path, tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="there are no such locks on Windows")
    out = tmp_path / "e.parquet"
    with shard_folder(out, []), pytest.raises(ConfigError, match=r"e\.parquet: another run is writing it"):
        embed(faces, out)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_what_a_run_leaves_is_its_owners_alone(faces: Path, tmp_path: Path) -> None:
    embed(faces, tmp_path / "e.parquet")
    for name in ("e.parquet", "e.run.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    record = json.loads((tmp_path / "e.run.json").read_text())
    assert record["n_failed"] == {"not_an_image": 1, "empty": 1}
    assert record["models"][0]["name"] == "tiny"
    assert record["seconds"]["all"] > 0


def stop_after(n_done: int, faces: Path, out: Path) -> None:
    """A run that ends with an exception after so many photographs."""

    def count(done: int, _: int) -> None:
        if done >= n_done:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        embed(faces, out, progress=count)
