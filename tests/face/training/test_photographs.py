"""From photographs to a model with a name: on warps of the synthetic faces the loss falls, and a killed run resumes."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from conftest import REPOSITORY
from face import golden_faces
from face.bundled_weights import dlib_file

from phenojax.cli import main
from phenojax.errors import ConfigError, WeightsError
from phenojax.face.encoders.model import load_model
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.photographs.failure import FailureReason
from phenojax.face.simulation import BasePhotograph, FaceSimulationConfig, face_frame, simulate_faces
from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.photographs import TrainedModel, train_on_photographs
from phenojax.face.weights.verify import verify

WARPS = FaceSimulationConfig(n_genes=3, n_null_genes=0, gene_size=6, papers=2, severity=1.3, side=150)
# The last blocks alone, so that the network is gone through once forwards and hardly backwards.
CONFIG = TrainingConfig(
    steps=18,
    batch_size=8,
    trained_blocks=2,
    learning_rate=1e-3,
    centre_rate=1e-2,
    validation=0.15,
    checkpoint_every=6,
)


@pytest.fixture(scope="module")
def warps(tmp_path_factory: pytest.TempPathFactory, shared_data: Callable[[str], Path]) -> Path:
    """A cohort of warped synthetic faces, each picture about as an aligned face is."""
    dlib_file("dlib_face_recognition_resnet_model_v1.dat")
    folder = tmp_path_factory.mktemp("warps") / "cohort"
    bases = [
        BasePhotograph(face.name, face.picture, face_frame(face.points, LandmarkScheme.DLIB5))
        for face in golden_faces.synthetic(shared_data)
    ]
    simulate_faces(bases, folder, WARPS, seed=2)
    (folder / "photographs" / "FACE00003.jpg").write_text("a letter, not a picture")
    return folder / "cohort.jsonl"


def train(cohort: Path, folder: Path, stop: Callable[[int], None] = lambda step: None) -> TrainedModel:
    def progress(done: int, total: int, what: str) -> None:
        if what.startswith("steps"):
            stop(done)

    return train_on_photographs(
        cohort,
        "tuned",
        config=CONFIG,
        by="gene",
        aligned=True,
        weights_dir=folder / "weights",
        checkpoints=folder / "run",
        progress=progress,
    )


@pytest.fixture(scope="module")
def trained(warps: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return train(warps, tmp_path_factory.mktemp("straight"))


def test_the_loss_falls_and_only_the_last_blocks_have_changed(trained: TrainedModel) -> None:
    losses = [row.loss for row in trained.result.history[1:]]
    assert np.mean(losses[-3:]) < 0.75 * losses[0]  # that of the encoder as it was
    before, after = load_model().params, trained.result.encoder.params
    changed = {
        name
        for name in before
        if not all(np.array_equal(a, b) for a, b in zip(_leaves(before[name]), _leaves(after[name]), strict=True))
    }
    assert changed == {"block_13", "embedding"}


def test_the_model_is_found_by_its_name_and_is_intact(trained: TrainedModel) -> None:
    folder = trained.path.parent
    model = load_model("tuned", folder)
    assert "dlib-resnet" in model.card.source
    assert all(
        np.array_equal(a, b) for a, b in zip(_leaves(model.params), _leaves(trained.result.encoder.params), strict=True)
    )
    assert [found.ok for found in verify(("tuned",), folder)] == [True]


def test_a_photograph_that_cannot_be_used_is_told_and_left_out(trained: TrainedModel) -> None:
    assert [(failure.id, failure.reason) for failure in trained.failures] == [("FACE00003", FailureReason.NOT_AN_IMAGE)]
    result = trained.result
    assert result.n_training + result.after.n == 3 * 6 - 1


KILLED = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from face.training.test_photographs import train

    train(Path({cohort!r}), Path({folder!r}), lambda step: os.kill(os.getpid(), signal.SIGKILL) if step == 8 else None)
"""


def test_a_run_that_was_killed_ends_in_the_same_file(trained: TrainedModel, warps: Path, tmp_path: Path) -> None:
    code = textwrap.dedent(KILLED.format(tests=str(REPOSITORY / "tests"), cohort=str(warps), folder=str(tmp_path)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["step-00000006"]
    assert not (tmp_path / "weights").exists()
    steps: list[int] = []
    resumed = train(warps, tmp_path, steps.append)
    assert steps == list(range(7, 19))
    assert resumed.result.history == trained.result.history
    assert _sha256(resumed.path) == _sha256(trained.path)
    assert _sha256(resumed.path.with_suffix(".json")) == _sha256(trained.path.with_suffix(".json"))


OPTIONS = (
    *("--by", "gene", "--aligned", "--steps", "18", "--batch-size", "8", "--trained-blocks", "2"),
    *("--learning-rate", "1e-3", "--centre-rate", "1e-2", "--validation", "0.15", "--checkpoint-every", "6"),
)


def test_the_command_goes_on_with_the_run_and_tells_what_became_of_it(
    trained: TrainedModel, warps: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = trained.path.parent.parent / "run"  # whole, and of the same settings: nothing is computed again
    called = ["weights", "train", str(warps), "--checkpoints", str(run), "--weights", str(tmp_path), *OPTIONS]
    assert main([*called, "--name", "told", "--history", str(tmp_path / "h.tsv")]) == 0
    told, err = capfd.readouterr()
    assert err == ""
    words = " ".join(told.split())
    assert "left out FACE00003: the file is no picture of a known format" in words
    losses = [row.loss for row in trained.result.history[1:]]
    assert f"loss {np.mean(losses[:5]):.3f} {np.mean(losses[-5:]):.3f}" in words
    assert f"nearest class: of {trained.result.after.n} faces held out" in words
    assert "told: dlib-resnet trained on" in words
    assert len((tmp_path / "h.tsv").read_text().splitlines()) == 1 + 1 + 18
    assert main([*called, "--name", "told"]) == 2
    assert "told.safetensors: is there already" in capfd.readouterr().err
    assert main([*called, "--name", "told", "--overwrite", "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["loss"]["last"] == pytest.approx(np.mean(losses[-5:]))
    assert [failure["reason"] for failure in facts["failures"]] == ["not_an_image"]
    assert (facts["n_classes"], facts["steps"], facts["card"]["threshold"]) == (3, 18, None)
    assert main([*called, "--name", "new", "--learning-rate", "2e-3"]) == 2
    assert "config (learning_rate=0.001 there, 0.002 here)" in capfd.readouterr().err


def test_a_name_that_is_taken_or_none_is_refused_before_any_work(trained: TrainedModel, warps: Path) -> None:
    folder = trained.path.parent
    for name, message in (
        ("tuned", "is there already; choose another name, or overwrite it"),
        ("dlib-resnet", "that of a model of the extra faces"),
        ("magface", "that of a published model; choose another"),
        ("../x", "is not allowed"),
    ):
        with pytest.raises(WeightsError, match=message):
            train_on_photographs(warps, name, weights_dir=folder)


def test_too_few_faces_are_told_with_what_became_of_the_others(tmp_path: Path, trained: TrainedModel) -> None:
    for name in ("A/1.jpg", "B/1.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("no picture")
    with pytest.raises(ConfigError, match=r"2 of 2 photographs gave no face \(A/1: .*at least two classes; there are"):
        train_on_photographs(tmp_path, "other", aligned=True, weights_dir=tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def _leaves(params: object) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(params)]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
