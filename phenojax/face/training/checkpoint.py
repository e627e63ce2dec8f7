"""Checkpoints: whole or absent, and refused by any run but their own."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jax

from phenojax._extras import optional
from phenojax.errors import ConfigError
from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.history import History, HistoryRow
from phenojax.face.training.step import TrainState
from phenojax.face.weights.card import ModelCard

_NAME = re.compile(r"step-(\d{8})")
_UNFINISHED = "step-*.orbax-checkpoint-tmp*"


@dataclass(frozen=True)
class RunIdentity:
    """What makes one run another: a checkpoint is only continued where all of it is equal.

    Attributes:
        config: the settings.
        card: of the encoder that the run starts from.
        encoder_sha256: of the encoder's weights.
        faces_sha256: of chips, labels and groups.
    """

    config: TrainingConfig
    card: ModelCard
    encoder_sha256: str
    faces_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = asdict(self)
        plain: dict[str, Any] = json.loads(json.dumps(values))  # tuples are lists in JSON
        return plain


def check_folder(folder: Path) -> None:
    """Whether checkpoints may be written here; nothing is touched.

    Raises:
        ConfigError: it is a file, or holds something else than checkpoints.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"{folder} is a file; checkpoints need a folder")
    for path in sorted(folder.iterdir()):
        if not (_NAME.fullmatch(path.name) or path.match(_UNFINISHED)):
            raise ConfigError(f"{folder} holds {path.name}, which is no checkpoint; give a new or an empty folder")


class Checkpoints:
    """A folder with the last states of one run, one sub-folder ``step-00000100`` for each.

    A state is written beside its place and renamed when it is whole, so a kill while it is written leaves those before
    it as they were. The folder is its owner's alone (0700): class centres are made of patients' faces.

    Args:
        folder: made where there is none.
        identity: of the run.
        keep: how many states are kept.

    Raises:
        MissingExtraError: orbax-checkpoint is not installed.
        ConfigError: the folder holds something else than checkpoints, or those of another run.
    """

    def __init__(self, folder: Path, identity: RunIdentity, keep: int) -> None:
        self._orbax: ModuleType = optional("orbax.checkpoint", "faces", "training with checkpoints")
        check_folder(folder)
        self._folder = folder.absolute()
        self._identity = identity.to_dict()
        self._keep = keep
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        for unfinished in self._folder.glob(_UNFINISHED):
            shutil.rmtree(unfinished)

    def steps(self) -> tuple[int, ...]:
        """The steps of which there is a state, ascending."""
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return tuple(sorted(int(match[1]) for match in found if match))

    def save(self, state: TrainState, history: History) -> None:
        """Write one state; the oldest beyond those kept are removed afterwards."""
        args = self._orbax.args
        place = self._place(int(state.step))
        about = {"identity": self._identity, "history": [list(row) for row in history]}
        with self._checkpointer() as checkpointer:
            checkpointer.save(
                place,
                args.Composite(state=args.StandardSave(_as_tree(state)), about=args.JsonSave(about)),
                force=True,
            )
        for step in self.steps()[: -self._keep]:
            shutil.rmtree(self._place(step))

    def restore(self, like: TrainState) -> tuple[TrainState, History] | None:
        """The last state, in the shapes and on the devices of `like`; None where there is none.

        Raises:
            ConfigError: it is of another run; the message says what differs.
        """
        steps = self.steps()
        if not steps:
            return None
        args, place = self._orbax.args, self._place(steps[-1])
        with self._checkpointer() as checkpointer:
            about = checkpointer.restore(place, args.Composite(about=args.JsonRestore()))["about"]
            self._refuse_another(about["identity"])
            shapes = jax.tree.map(_abstract, _as_tree(like))
            tree = checkpointer.restore(place, args.Composite(state=args.StandardRestore(shapes)))["state"]
        return TrainState(**tree), tuple(HistoryRow(*row) for row in about["history"])

    def _refuse_another(self, found: dict[str, Any]) -> None:
        if found == self._identity:
            return
        differing = [name for name in self._identity if found.get(name) != self._identity[name]]
        if "config" in differing:
            mine, theirs = self._identity["config"], found.get("config") or {}
            settings = [
                f"{name}={theirs.get(name)!r} there, {mine.get(name)!r} here"
                for name in sorted({*mine, *theirs})
                if mine.get(name) != theirs.get(name)
            ]
            differing[differing.index("config")] = f"config ({'; '.join(settings)})"
        raise ConfigError(
            f"{self._folder} holds checkpoints of another run: different {', '.join(differing)}; "
            "continue with the same settings, encoder and faces, or give another folder"
        )

    def _place(self, step: int) -> Path:
        return self._folder / f"step-{step:08d}"

    def _checkpointer(self) -> Any:
        return self._orbax.Checkpointer(self._orbax.CompositeCheckpointHandler())


def _as_tree(state: TrainState) -> dict[str, Any]:
    return state._asdict()


def _abstract(leaf: jax.Array) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding)
