"""Photographs to embeddings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from phenojax._extras import require
from phenojax._validate import as_thread_count
from phenojax.face.embedding.given_landmarks import GivenLandmarks
from phenojax.face.embedding.photographs import Photographs, list_photographs
from phenojax.face.embedding.result import FaceEmbeddings
from phenojax.face.embedding.settings import DEFAULT_BATCH_SIZE, EmbeddingSettings, FaceRule
from phenojax.face.embedding.storage import check_out
from phenojax.face.photographs.canvas import DEFAULT_MAX_SIDE
from phenojax.face.weights.catalogue import DEFAULT_DETECTOR, DEFAULT_ENCODER

if TYPE_CHECKING:
    from phenojax.face.detectors.detection import Detector
    from phenojax.face.encoders.encoder import Encoder


def embed_faces(
    photographs: Photographs,
    model: str | Path | Encoder = DEFAULT_ENCODER,
    *,
    detector: str | Detector = DEFAULT_DETECTOR,
    face: FaceRule | str = FaceRule.LARGEST,
    landmarks: GivenLandmarks | None = None,
    aligned: bool = False,
    dtype: str = "float32",
    flip: bool = False,
    batch_size: int = DEFAULT_BATCH_SIZE,
    max_side: int = DEFAULT_MAX_SIDE,
    threads: int | None = None,
    weights_dir: str | os.PathLike[str] | None = None,
    compilation_cache: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FaceEmbeddings:
    """Find, align and embed the face in each photograph, on all devices of the machine.

    A photograph that gives no embedding is a row with its reason, never the end of the run. Photographs are decoded in
    threads while the devices work; a few batches of them are in memory at any time, whatever their number. Vectors do
    not depend on the size of batches, on the order of the photographs or on the number of devices beyond 1e-6.

    Args:
        photographs: a cohort, one row for each individual; a folder of pictures; paths by id; paths; or the path of one
            picture or of a cohort (`phenojax.face.embedding.photographs.list_photographs` says what they are called).
        model: the encoder: its name, the path of a ``.safetensors`` file, or one that is loaded.
        detector: that finds faces and landmarks: ``dlib-mmod``, ``mtcnn``, or one that is loaded. Not used with
            `landmarks` or `aligned`.
        face: which of several faces is meant: ``largest``, ``central``, or ``only``, with which several are a failure.
        landmarks: five points for each photograph, instead of a detector: by id, or a table .tsv, .csv or .parquet with
            the columns ``id x1 y1 ... x5 y5`` and perhaps ``scheme`` (``five_point``, the default, or ``dlib5``), in
            pixels of the file as it is seen upright.
        aligned: the photographs are aligned faces already, in the geometry of the model's template; where they have
            another size they are resized.
        dtype: of the encoder's arithmetic, ``float32`` or ``bfloat16``. Detection is float32 always.
        flip: the mean with the vector of the mirrored face.
        batch_size: faces in one call of the encoder, rounded up to a multiple of the number of devices.
        max_side: photographs are reduced to so many pixels on their longer side, at most 2048, before a face is
            searched for; what is smaller is not enlarged.
        threads: that decode; None for all processors.
        weights_dir: where files of weights may lie.
        compilation_cache: a folder in which JAX keeps compiled programs, for this call: the next process starts
            without compiling.
        out: a ``.parquet`` file for the result, readable by its owner alone, with ``.run.json`` beside it. While the
            run goes on, finished photographs lie in ``OUT.parts``: killed at any moment, the same call goes on where it
            was. Photographs that changed since (path, size or time of change), other weights and other settings are
            noticed and computed again. A finished file of the same run is read back.
        progress: called with how many of how many photographs are done.

    Returns:
        One row for each photograph, in their order.

    Raises:
        CohortError: the cohort cannot be read, a folder holds no pictures, or two photographs have one name.
        ConfigError: an argument is out of its range, a table of landmarks cannot be used, or another run writes `out`.
        MissingExtraError: the extra ``faces`` is not installed.
        WeightsError: no such model or detector, or its files are not those of its card.
    """
    require("faces", "embed_faces")
    from phenojax.face.embedding.compilation_cache import persistent_compilation
    from phenojax.face.embedding.face_source import face_source
    from phenojax.face.embedding.run import EmbeddingRun
    from phenojax.face.encoders.encoder import Encoder
    from phenojax.face.encoders.model import load_model

    place = None if out is None else check_out(out)
    listed = list_photographs(photographs)
    folder = None if weights_dir is None else Path(weights_dir)
    decoding = as_thread_count(threads)
    encoder = model if isinstance(model, Encoder) else load_model(model, folder)
    source = face_source(encoder.preprocessing.template, detector, face, landmarks, aligned, max_side, folder)
    settings = EmbeddingSettings(encoder.card.name, source.settings, dtype, flip, batch_size)
    run = EmbeddingRun(listed, encoder, source, settings, decoding, progress)
    with persistent_compilation(compilation_cache):
        return run.in_memory() if place is None else run.into(place)
