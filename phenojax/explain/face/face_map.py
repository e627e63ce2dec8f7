"""The mean map of a gene: which parts of its carriers' faces the gene's model goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from phenojax.explain.face.average_face import average_face

METHODS = ("occlusion", "integrated-gradients", "lime")
"""The first is the default: it points best at what a model goes by (benchmarks/results/face_explanations.md)."""


@dataclass(frozen=True, eq=False)
class IndividualMap:
    """What one individual's face adds to the score of a gene.

    Attributes:
        id: of the individual.
        gene: whose model gave the score.
        values: float32 (s, s), over the aligned face; above 0 where it speaks for the gene, in units of the score.
        score: of the face part of the model, as `FaceScorer` gives it.
        held_out: whether the model was fitted without this individual and its group. Always so, but where the
            individual is none that any model was fitted on.
        baseline: score of the blanked face; NaN but for integrated gradients.
        gap: what the values' sum misses of ``score - baseline``; NaN likewise.
        face: uint8 (s, s, 3), the aligned photograph; None unless photographs were asked for.
    """

    id: str
    gene: str
    values: NDArray[np.float32]
    score: float
    held_out: bool
    baseline: float = float("nan")
    gap: float = float("nan")
    face: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class FaceMap:
    """The mean over the cases of a gene, with the face that it is drawn on. It shows no single individual.

    Attributes:
        gene: of the models.
        modality: of the model that was explained, ``face`` or ``both``.
        mean: float32 (s, s), in units of the score; above 0 where a face speaks for the gene.
        error: float32 (s, s): its standard error over individuals, taken as independent.
        average_face: uint8 (s, s, 3), RGB: of the same individuals.
        n: how many individuals went in.
        method: one of `METHODS`.
        gap: mean size of the individuals' completeness gaps; None but for integrated gradients.
        above_baseline: mean size of what the faces score above their baselines; None likewise.
        notes: what else a reader should know, whole sentences.
    """

    gene: str
    modality: str
    mean: NDArray[np.float32]
    error: NDArray[np.float32]
    average_face: NDArray[np.uint8]
    n: int
    method: str
    gap: float | None = None
    above_baseline: float | None = None
    notes: tuple[str, ...] = field(default=())


def mean_map(
    gene: str,
    modality: str,
    method: str,
    maps: Sequence[IndividualMap],
    chips: NDArray[np.uint8],
    notes: tuple[str, ...] = (),
) -> FaceMap:
    """Average the maps of a gene's cases.

    Args:
        gene: its name.
        modality: of the model.
        method: one of `METHODS`.
        maps: of the cases, n of them, each over a face aligned by one template.
        chips: uint8 (n, s, s, 3): those faces. Of equal ones the first counts.
        notes: for the reader.

    Raises:
        ConfigError: fewer than 5 different faces: their average would be somebody's photograph.
    """
    first = sorted({chip.tobytes(): row for row, chip in reversed(list(enumerate(chips)))}.values())
    face = average_face(chips[first])
    values = np.stack([maps[row].values for row in first]).astype(np.float64)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    gaps = np.array([maps[row].gap for row in first])
    above = np.array([maps[row].score - maps[row].baseline for row in first])
    known = bool(np.isfinite(gaps).all())
    return FaceMap(
        gene,
        modality,
        values.mean(axis=0).astype(np.float32),
        error.astype(np.float32),
        face.pixels,
        face.n,
        method,
        float(np.abs(gaps).mean()) if known else None,
        float(np.abs(above).mean()) if known else None,
        notes,
    )
