"""Aligned faces of a set of photographs: the first half of an embedding run, and what training begins with."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phenojax._validate import as_thread_count
from phenojax.face.alignment.templates import find_template
from phenojax.face.detectors.detection import Detector
from phenojax.face.embedding.clock import Clock
from phenojax.face.embedding.device_mesh import DeviceMesh
from phenojax.face.embedding.face_source import face_source
from phenojax.face.embedding.faces import Faces, Failure, joined_faces
from phenojax.face.embedding.given_landmarks import GivenLandmarks
from phenojax.face.embedding.photographs import Photographs, list_photographs
from phenojax.face.embedding.settings import FaceRule, FaceSettings
from phenojax.face.embedding.shards import cut
from phenojax.face.photographs.canvas import DEFAULT_MAX_SIDE
from phenojax.face.weights.card import ModelCard
from phenojax.face.weights.catalogue import DEFAULT_DETECTOR

_SHARD = 128


@dataclass(frozen=True, eq=False)
class AlignedFaces:
    """The aligned faces of a set of photographs; held in memory only, never written.

    Attributes:
        chips: uint8 (m, s, s, 3), RGB: the faces that were found, in the order of the photographs.
        rows: int64 (m,), ascending: the photograph of each chip.
        ids: of all n photographs.
        photos: path of each, as it was given, or None.
        faces: what was found in each of the n.
        failures: what has no chip and why, in the order of the rows.
        cards: of the detector and the landmarks that were used.
        settings: what was asked for.
    """

    chips: NDArray[np.uint8]
    rows: NDArray[np.int64]
    ids: tuple[str, ...]
    photos: tuple[str | None, ...]
    faces: Faces
    failures: tuple[Failure, ...]
    cards: tuple[ModelCard, ...]
    settings: FaceSettings


def align_faces(
    photographs: Photographs,
    template: str,
    *,
    detector: str | Detector = DEFAULT_DETECTOR,
    face: FaceRule | str = FaceRule.LARGEST,
    landmarks: GivenLandmarks | None = None,
    aligned: bool = False,
    max_side: int = DEFAULT_MAX_SIDE,
    threads: int | None = None,
    weights_dir: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AlignedFaces:
    """Find and align the face in each photograph.

    Args:
        photographs: as for `phenojax.face.embedding.embed.embed_faces`, and so are the others.
        template: geometry of the chips, that of the encoder's card: ``encoder.preprocessing.template``.
        detector: name of one, or one that is loaded.
        face: which of several faces is meant.
        landmarks: five points for each photograph, instead of a detector.
        aligned: the photographs are chips already.
        max_side: pixels of the longer side.
        threads: that decode.
        weights_dir: where files of weights may lie.
        progress: called with how many of how many photographs are done.

    Raises:
        CohortError: as for `embed_faces`.
        ConfigError: likewise, and where there is no such template.
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such detector, or its files are not those of its card.
    """
    listed = list_photographs(photographs)
    folder = None if weights_dir is None else Path(weights_dir)
    source = face_source(template, detector, face, landmarks, aligned, max_side, folder)
    finder = source.finder(listed, DeviceMesh(), as_thread_count(threads), Clock())
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(listed))

    with closing(finder.shards(cut(len(listed), _SHARD), advance)) as shards:
        found = list(shards)
    side = find_template(template).side
    rows = [row for shard in found for row in shard.chip_rows]
    return AlignedFaces(
        chips=np.concatenate([np.zeros((0, side, side, 3), np.uint8), *(shard.chips(side) for shard in found)]),
        rows=np.array(rows, np.int64),
        ids=listed.ids,
        photos=listed.photos,
        faces=joined_faces([Faces.unknown(0), *(shard.finished() for shard in found)]),
        failures=tuple(failure for shard in found for failure in shard.failures),
        cards=source.cards,
        settings=source.settings,
    )
