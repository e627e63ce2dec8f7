"""The cohort's photographs as the models saw them: with their encoder, aligned as they were, checked face by face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phenojax.cohort import Cohort
from phenojax.errors import ConfigError
from phenojax.face.embedding.given_landmarks import GivenLandmarks
from phenojax.face.embedding.settings import FaceRule
from phenojax.face.photographs.canvas import DEFAULT_MAX_SIDE
from phenojax.face.weights.card import Role
from phenojax.face.weights.catalogue import DEFAULT_DETECTOR
from phenojax.models.compatibility import IDENTITY
from phenojax.models.model_set import ModelSet

if TYPE_CHECKING:
    from phenojax.face.detectors.detection import Detector
    from phenojax.face.encoders.encoder import Encoder

# bfloat16 keeps .99996 (docs/faces.md); other points, another photograph or the mirror image move a vector further.
SAME_FACE = 0.9995
SETTINGS = "--model, --detector, --face, --landmarks, --aligned, --flip and --max-side must be those of phenojax embed"


@dataclass(frozen=True)
class PhotographSettings:
    """How photographs become unit embeddings; as for `phenojax.embed_faces`, and as they were embedded.

    Attributes:
        model: the encoder; None for the one that the models name.
        detector: None for the one that the models name.
        face: which of several faces is meant.
        landmarks: given ones, instead of a detector.
        aligned: the photographs are chips already.
        flip: vectors are means with the mirror image.
        max_side: pixels of the longer side.
        weights_dir: where files of weights may lie.
        threads: that decode.
    """

    model: str | Path | Encoder | None = None
    detector: str | Detector | None = None
    face: FaceRule | str = FaceRule.LARGEST
    landmarks: GivenLandmarks | None = None
    aligned: bool = False
    flip: bool = False
    max_side: int = DEFAULT_MAX_SIDE
    weights_dir: Path | None = None
    threads: int | None = None


class Photographed(NamedTuple):
    """Aligned faces by id, and why the others have none.

    Attributes:
        chips: uint8 (s, s, 3) by id.
        unit: float32 (d,) by id, of length 1.
        failures: by id, the reason and a sentence.
    """

    chips: Mapping[str, NDArray[np.uint8]]
    unit: Mapping[str, NDArray[np.float32]]
    failures: dict[str, tuple[str, str]]


def encoder_of(models: ModelSet, settings: PhotographSettings) -> Encoder:
    """Load the encoder that made the models' embeddings.

    Raises:
        ConfigError: the models know no faces, or do not say by which encoder, or another one is given.
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such model, or its files are not those of its card.
    """
    from phenojax.face.encoders.encoder import Encoder
    from phenojax.face.encoders.model import load_model

    if models.encoder is None:
        raise ConfigError("these models know no faces; run the screen with --embeddings")
    named = _of_role(models, Role.ENCODER)
    if named is None and settings.model is None:
        raise ConfigError("the embeddings were given as an array, of which encoder is not known; name it: --model")
    wanted = settings.model if settings.model is not None else str(named["name"] if named else "")
    encoder = wanted if isinstance(wanted, Encoder) else load_model(wanted, settings.weights_dir)
    card = encoder.card
    found = {"name": card.name, "role": card.role, "sha256": {file.name: file.sha256 for file in card.files}}
    if named is not None and any(found[key] != named.get(key) for key in IDENTITY):
        raise ConfigError(
            f"the encoder {card.name} is not the one that made the embeddings of the models, {named['name']} "
            "(name or SHA-256 differ); give that one"
        )
    return encoder


def photographed(
    models: ModelSet,
    cohort: Cohort,
    encoder: Encoder,
    settings: PhotographSettings,
    progress: Callable[[int, int], None] | None = None,
) -> Photographed:
    """Align the faces of individuals and embed them; those whom models were fitted on must come out as they were.

    Args:
        models: with individuals.
        cohort: only those who are wanted.
        encoder: of the models.
        settings: as they were embedded.
        progress: called with how many of how many photographs are aligned.

    Raises:
        ConfigError: most photographs give another embedding than their individuals had.
        CohortError: as `phenojax.embed_faces`.
        WeightsError: no such detector.
    """
    from phenojax.explain.face.head import unit_embeddings
    from phenojax.face.embedding.chips import align_faces

    named = _of_role(models, Role.DETECTOR)
    detector = settings.detector or (DEFAULT_DETECTOR if named is None else str(named["name"]))
    aligned = align_faces(
        cohort,
        encoder.preprocessing.template,
        detector=detector,
        face=settings.face,
        landmarks=settings.landmarks,
        aligned=settings.aligned,
        max_side=settings.max_side,
        threads=settings.threads,
        weights_dir=settings.weights_dir,
        progress=progress,
    )
    failures = {failure.id: (failure.reason.value, failure.sentence) for failure in aligned.failures}
    ids = [aligned.ids[row] for row in aligned.rows.tolist()]
    unit = unit_embeddings(encoder, aligned.chips, flip=settings.flip)
    failures |= _unlike_training(models, ids, unit)
    kept = [row for row, id_ in enumerate(ids) if id_ not in failures]
    return Photographed({ids[row]: aligned.chips[row] for row in kept}, {ids[row]: unit[row] for row in kept}, failures)


def _unlike_training(models: ModelSet, ids: list[str], unit: NDArray[np.float32]) -> dict[str, tuple[str, str]]:
    """Failures of those whose vector is not the one that the models were fitted with."""
    individuals = models.individuals
    if individuals is None or individuals.faces is None:
        return {}
    trained = {id_: face for id_, face in zip(individuals.ids, individuals.faces, strict=True) if face.any()}
    cosines = {id_: float(vector @ trained[id_]) for id_, vector in zip(ids, unit, strict=True) if id_ in trained}
    unlike = {id_: cosine for id_, cosine in cosines.items() if not cosine >= SAME_FACE}
    if len(unlike) > len(cosines) / 2:
        raise ConfigError(
            f"{len(unlike)} of {len(cosines)} photographs give another embedding than the models were fitted with; "
            f"they are other photographs, or were embedded otherwise: {SETTINGS}"
        )
    told = "the photograph gives another embedding than the models were fitted with"
    return {id_: ("other_embedding", f"{told} (cosine {cosine:.3f})") for id_, cosine in unlike.items()}


def _of_role(models: ModelSet, role: Role) -> Mapping[str, Any] | None:
    named = None if models.encoder is None else models.encoder["models"]
    if not isinstance(named, list):
        return None
    return next((card for card in named if card.get("role") == role), None)
