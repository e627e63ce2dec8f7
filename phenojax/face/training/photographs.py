"""From labelled photographs to a fine-tuned model with a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from phenojax.cohort import Cohort
from phenojax.errors import ConfigError, WeightsError
from phenojax.face.detectors.detection import Detector
from phenojax.face.embedding.chips import align_faces
from phenojax.face.embedding.faces import Failure
from phenojax.face.embedding.settings import FaceRule
from phenojax.face.encoders.encoder import Encoder
from phenojax.face.encoders.model import load_model
from phenojax.face.training.config import TrainingConfig
from phenojax.face.training.export import save_tuned
from phenojax.face.training.fit import TrainingResult, fine_tune
from phenojax.face.training.history import HistoryRow
from phenojax.face.training.labelled import GROUP, LABEL, labelled_photographs
from phenojax.face.weights.catalogue import DEFAULT_DETECTOR, DEFAULT_ENCODER, IMPORTABLE
from phenojax.face.weights.store import StoredModel, check_new_name, stored_path

Progress = Callable[[int, int, str], None]

_SHOWN_FAILURES = 3


@dataclass(frozen=True)
class TrainedModel:
    """A model that was trained and written.

    Attributes:
        model: its card and where it came from.
        path: of its weights.
        result: of `fine_tune`: the encoder, its history, and the validation before and after.
        failures: photographs without a face and why; they were not trained on.
        left_out: individuals of the cohort without a class or without a photograph.
    """

    model: StoredModel
    path: Path
    result: TrainingResult
    failures: tuple[Failure, ...]
    left_out: int


def train_on_photographs(
    faces: Cohort | str | os.PathLike[str],
    name: str,
    model: str | Path | Encoder = DEFAULT_ENCODER,
    config: TrainingConfig | None = None,
    *,
    by: str = LABEL,
    group: str | None = GROUP,
    detector: str | Detector = DEFAULT_DETECTOR,
    face: FaceRule | str = FaceRule.LARGEST,
    aligned: bool = False,
    threads: int | None = None,
    weights_dir: str | os.PathLike[str] | None = None,
    checkpoints: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> TrainedModel:
    """Fine-tune an encoder on labelled photographs, and keep it as a model that ``model=NAME`` finds.

    Args:
        faces: a folder of folders, or a cohort (`labelled_photographs`).
        name: of the new model.
        model: the encoder to start from: its name, the path of a ``.safetensors`` file, or one that is loaded.
        config: of the run; default `TrainingConfig()`.
        by: column of the cohort that holds the class.
        group: column of what must not stand on both sides of the validation; None for none.
        detector: that finds faces and landmarks: its name, or one that is loaded.
        face: which of several faces in a photograph is meant: ``largest``, ``central``, or ``only``.
        aligned: the photographs are aligned faces already, in the geometry of the encoder's template.
        threads: that decode photographs; None for all processors.
        weights_dir: where models lie and the new one goes; None for the default folder.
        checkpoints: folder; a run that is found there is continued, and ends in the same weights, bit by bit, as one
            that was never stopped. Default: none are written.
        overwrite: replace a model of this name.
        progress: called as ``progress(done, total, what)``, first for photographs, then for steps.

    Returns:
        The model, the training's result, and which photographs were of no use. Those are never the end of the run,
        unless the others are too few.

    Raises:
        CohortError: photographs or classes that cannot be found.
        ConfigError: an argument is out of its range, too few faces, or checkpoints of another run.
        WeightsError: no such model, a name that is taken or no good one, or a folder that cannot be written.
        TrainingError: the run diverged.
        MissingExtraError: the extra ``faces`` is not installed.
    """
    folder = None if weights_dir is None else Path(weights_dir)
    path = _place_of(name, folder, overwrite)
    labelled = labelled_photographs(faces, by, group)
    encoder = model if isinstance(model, Encoder) else load_model(model, folder)
    found = align_faces(
        labelled.photographs,
        encoder.preprocessing.template,
        detector=detector,
        face=face,
        aligned=aligned,
        threads=threads,
        weights_dir=folder,
        progress=None if progress is None else (lambda done, total: progress(done, total, "photographs")),
    )
    rows = found.rows.tolist()
    if progress is not None:
        progress(0, 1, "compiling")  # and the first validation: half a minute before the first step is told
    try:
        result = fine_tune(
            encoder,
            found.chips,
            [labelled.labels[row] for row in rows],
            config,
            groups=[labelled.groups[row] for row in rows],
            checkpoints=checkpoints,
            progress=None if progress is None else (lambda row, total: progress(row.step, total, _step(row))),
        )
    except ConfigError as error:
        raise ConfigError(f"{_told(found.failures, len(labelled.labels))}{error}") from None
    return TrainedModel(save_tuned(result, path), path, result, found.failures, labelled.left_out)


def _place_of(name: str, folder: Path | None, overwrite: bool) -> Path:
    """Where the new model goes; checked before any work is done."""
    check_new_name(name)
    if name in IMPORTABLE:
        raise WeightsError(f"name {name!r} is that of a published model; choose another")
    path = stored_path(name, folder)
    if path.exists() and not overwrite:
        raise WeightsError(f"{path}: is there already; choose another name, or overwrite it")
    return path


def _step(row: HistoryRow) -> str:
    return "steps" if row.loss is None else f"steps, loss {row.loss:.3f}"


def _told(failures: Sequence[Failure], n: int) -> str:
    """What an error begins with where photographs have failed."""
    if not failures:
        return ""
    first = "; ".join(f"{failure.id}: {failure.sentence}" for failure in failures[:_SHOWN_FAILURES])
    more = " ..." if len(failures) > _SHOWN_FAILURES else ""
    return f"{len(failures):,} of {n:,} photographs gave no face ({first}{more}). "


__all__ = ["TrainedModel", "train_on_photographs"]
