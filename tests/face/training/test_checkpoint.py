"""A run that was killed goes on as if nothing had happened, and never in another run's place."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from conftest import REPOSITORY
from face.training.make_faces import drawn_faces, small_encoder

from phenojax.errors import ConfigError
from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.fit import TrainingResult, fine_tune
from phenojax.face.training.history import HistoryRow

CHIPS, LABELS = drawn_faces(3, 6)
CONFIG = TrainingConfig(steps=6, batch_size=8, checkpoint_every=3, validation=0.2, scale=16.0)


class Killed(BaseException):
    """Stands for a kill between two steps."""


def train(folder: Path, config: TrainingConfig = CONFIG, stop_at: int | None = None, **other: object) -> TrainingResult:
    def progress(row: HistoryRow, total: int) -> None:
        if row.step == stop_at:
            raise Killed

    values = {"encoder": small_encoder(), "chips": CHIPS, "labels": LABELS, **other}
    return fine_tune(**values, config=config, checkpoints=folder, progress=progress)


def saved_leaves(folder: Path) -> list[np.ndarray]:
    """All of the last state in `folder`: weights, optimiser, key and step, as orbax gives them without a template."""
    import orbax.checkpoint as ocp

    with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as checkpointer:
        last = max(folder.glob("step-*"))
        state = checkpointer.restore(last.absolute(), ocp.args.Composite(state=ocp.args.StandardRestore()))["state"]
    return [np.asarray(leaf) for leaf in jax.tree.leaves(state)]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainingResult]:
    folder = tmp_path_factory.mktemp("straight") / "run"
    return folder, train(folder)


@pytest.mark.parametrize("stop_at", [3, 5])
def test_three_steps_a_kill_and_three_more_are_six_steps_bit_by_bit(
    stop_at: int, straight: tuple[Path, TrainingResult], tmp_path: Path
) -> None:
    folder, whole = straight
    with pytest.raises(Killed):
        train(tmp_path, stop_at=stop_at)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000003"]
    resumed = train(tmp_path)
    one, other = saved_leaves(folder), saved_leaves(tmp_path)
    assert len(one) == len(other) > 3 * len(jax.tree.leaves(whole.encoder.params))  # Adam's two moments are among them
    assert all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert resumed.history == whole.history
    assert (resumed.before, resumed.after) == (whole.before, whole.after)


def test_a_finished_run_is_read_and_not_repeated(straight: tuple[Path, TrainingResult]) -> None:
    folder, whole = straight
    again = train(folder, stop_at=6)
    assert again.history == whole.history
    for one, other in zip(jax.tree.leaves(again.encoder.params), jax.tree.leaves(whole.encoder.params), strict=True):
        assert np.array_equal(one, other)


def test_the_folder_is_its_owners_alone_and_keeps_the_last_states(straight: tuple[Path, TrainingResult]) -> None:
    folder, _ = straight
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["step-00000003", "step-00000006"]


def test_checkpoints_of_another_run_are_refused_and_the_difference_is_named(
    straight: tuple[Path, TrainingResult],
) -> None:
    folder, _ = straight
    encoder = small_encoder()
    moved = replace(encoder, params=jax.tree.map(lambda leaf: leaf + 1e-3, encoder.params))
    for other, difference in (
        ({"config": replace(CONFIG, seed=7, steps=9)}, r"config \(seed=0 there, 7 here; steps=6 there, 9 here\)"),
        ({"encoder": moved}, "different encoder_sha256"),
        ({"labels": LABELS[::-1]}, "different faces_sha256"),
        ({"encoder": replace(encoder, card=replace(encoder.card, name="other"))}, "different card"),
    ):
        with pytest.raises(ConfigError, match=difference):
            train(folder, **other)


def test_a_file_or_a_folder_of_something_else_is_no_folder_of_checkpoints(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        train(tmp_path / "file")
    with pytest.raises(ConfigError, match="holds file, which is no checkpoint; give a new or an empty folder"):
        train(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755  # and is left as it was


KILLED_WHILE_SAVING = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from face.training.test_checkpoint import train

    def watch(event, arguments):
        # the second state is all written, and about to take its name
        if event == "os.rename" and "step-00000006.orbax-checkpoint-tmp" in str(arguments[0]):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    train(Path({folder!r}))
"""


def test_a_kill_while_a_state_is_written_leaves_the_one_before(
    straight: tuple[Path, TrainingResult], tmp_path: Path
) -> None:
    _, whole = straight
    code = textwrap.dedent(KILLED_WHILE_SAVING.format(tests=str(REPOSITORY / "tests"), folder=str(tmp_path)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0] == "step-00000003"
    assert names[1].startswith("step-00000006.orbax-checkpoint-tmp")
    resumed = train(tmp_path)
    assert resumed.history == whole.history
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000003", "step-00000006"]
